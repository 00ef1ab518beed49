"""The sheet of all pictures. Lettering keeps to plain capitals and figures, which Pillow's own font has."""

from __future__ import annotations

from PIL import ImageDraw, ImageFont

WIDTH, HEIGHT = 960, 600
PAPER, INK, GRID = "#fbf6ee", "#33302c", "#e3d9ca"
WARM = ("#c8643c", "#e0a04a", "#5f7f6f", "#8a4f5c", "#44697d")
Point = tuple[float, float]


def letter(pen: ImageDraw.ImageDraw, at: Point, said: str, size: int = 22, fill: str = INK) -> None:
    """A short label, centred."""
    pen.text(at, said, font=ImageFont.load_default(size), fill=fill, anchor="mm")
