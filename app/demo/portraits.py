"""Portraits drawn by code: flat faces on warm grounds, each seed its own."""

from __future__ import annotations

from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

from app.demo.chance import chance

SHARPER = 2
GROUNDS = (
    "#f4d9b8",
    "#f2c6a0",
    "#e9b89a",
    "#f6e3c5",
    "#e7cfae",
    "#dcc3a8",
    "#f0cdb9",
    "#d9d2b4",
    "#c9d3c0",
    "#e8c3b5",
)
HALOS = ("#e8a87c", "#d98e73", "#e2b36b", "#c98b70", "#b5c2a3", "#d7a98c", "#a9b9b0", "#e3a08a")
SKINS = ("#fbe0cc", "#f6d0b1", "#eebd95", "#dda27a", "#c68657", "#a96b43", "#85512f", "#633a22")
HAIRS = (
    "#2a1d18",
    "#3f2a20",
    "#5c3b27",
    "#7d5233",
    "#a6713f",
    "#c99a5b",
    "#8d8782",
    "#c9c3ba",
    "#8a3d22",
    "#1c1a1d",
)
DARK_HAIRS = ("#1c1a1d", "#2a1d18", "#17130f", "#8d8782")
DEEP = 4
CLOTHES = (
    "#7a4b3a",
    "#2f5d62",
    "#8c5e3c",
    "#39475c",
    "#a5533f",
    "#5e6b4c",
    "#6d4a63",
    "#c07f3e",
    "#44606b",
    "#953e3e",
)
Box = tuple[float, float, float, float]
CUTS = {
    "f": ("bob", "long", "bun", "curls", "fringe", "waves"),
    "m": ("short", "side", "crop", "bald", "curls", "quiff"),
}


def portrait(seed: object, size: int = 256, *, look: str | None = None) -> bytes:
    """A square PNG portrait; the same seed, size and look ("f", "m" or none) give the same bytes."""
    face = _Face(chance(0, "portrait", seed), size * SHARPER, look)
    return png(face.draw().resize((size, size), Image.Resampling.LANCZOS))


def png(picture: Image.Image) -> bytes:
    """The picture as a PNG, quickly: the upload packs it well."""
    out = BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


class _Face:
    """One face on a canvas of 100 by 100 units."""

    def __init__(self, draws: Random, size: int, look: str | None) -> None:
        self.unit = size / 100
        self.image = Image.new("RGB", (size, size), draws.choice(GROUNDS))
        self.pen = ImageDraw.Draw(self.image)
        self.draws = draws
        look = look or draws.choice("fm")
        self.cut = draws.choice(CUTS[look])
        shade = draws.choices(range(len(SKINS)), (5, 6, 6, 4, 3, 2, 2, 2))[0]
        self.skin, self.hair = SKINS[shade], draws.choice(HAIRS if shade < DEEP else DARK_HAIRS)
        self.lips = "#8a4238" if shade < DEEP + 1 else "#d98a7a"
        self.half, self.top, self.chin = draws.uniform(16, 18.5), draws.uniform(25, 28), draws.uniform(67, 71)
        self.bearded = look == "m" and draws.random() < 0.38
        self.glasses = draws.random() < 0.3

    def draw(self) -> Image.Image:
        """From back to front."""
        for layer in (
            self._ground,
            self._back_hair,
            self._body,
            self._head,
            self._features,
            self._front_hair,
        ):
            layer()
        if self.glasses:
            self._spectacles()
        return self.image

    def _scaled(self, box: Box) -> list[float]:
        return [value * self.unit for value in box]

    def _ellipse(self, box: Box, fill: str) -> None:
        self.pen.ellipse(self._scaled(box), fill=fill)

    def _block(self, box: Box, fill: str, radius: float = 0) -> None:
        self.pen.rounded_rectangle(self._scaled(box), radius * self.unit, fill=fill)

    def _chord(self, box: Box, between: tuple[int, int], fill: str) -> None:
        self.pen.chord(self._scaled(box), *between, fill=fill)

    def _arc(self, box: Box, between: tuple[int, int], width: float, fill: str) -> None:
        self.pen.arc(self._scaled(box), *between, fill=fill, width=max(1, round(width * self.unit)))

    def _polygon(self, points: list[tuple[float, float]], fill: str) -> None:
        self.pen.polygon([(x * self.unit, y * self.unit) for x, y in points], fill=fill)

    def _ground(self) -> None:
        x, y, r = self.draws.uniform(20, 80), self.draws.uniform(25, 60), self.draws.uniform(30, 46)
        self._ellipse((x - r, y - r, x + r, y + r), self.draws.choice(HALOS))

    def _back_hair(self) -> None:
        left, right = 50 - self.half - 4, 50 + self.half + 4
        if self.cut in ("long", "waves"):
            self._block((left, self.top + 4, right, 84), self.hair, radius=15)
        if self.cut == "waves":
            for y in (50, 61, 72):
                self._ellipse((left - 4, y, left + 10, y + 14), self.hair)
                self._ellipse((right - 10, y, right + 4, y + 14), self.hair)
        if self.cut in ("bob", "fringe"):
            self._block((left, self.top, right, 67), self.hair, radius=14)
        if self.cut == "bun":
            self._ellipse((41, self.top - 17, 59, self.top + 1), self.hair)
        if self.cut == "curls":
            for x, y in ((31, 33), (37, 25), (45, 20), (55, 20), (63, 25), (69, 33), (30, 43), (70, 43)):
                self._ellipse((x - 8.5, y - 7, x + 8.5, y + 10), self.hair)

    def _body(self) -> None:
        cloth = self.draws.choice(CLOTHES)
        self._block((43, 60, 57, 86), _shade(self.skin, 0.88), radius=5)
        self._block((16, 80, 84, 125), cloth, radius=20)
        style = self.draws.randrange(3)
        if style == 0:
            self._chord((41, 72, 59, 90), (0, 180), _shade(self.skin, 0.88))
        elif style == 1:
            self._polygon([(42, 79), (58, 79), (50, 95)], _shade(self.skin, 0.88))
            self._polygon([(41, 78), (50, 95), (45, 99), (36, 82)], _shade(cloth, 1.2))
            self._polygon([(59, 78), (50, 95), (55, 99), (64, 82)], _shade(cloth, 1.2))
        else:
            self._block((40, 76, 60, 85), _shade(cloth, 1.15), radius=3)

    def _head(self) -> None:
        left, right = 50 - self.half, 50 + self.half
        for x in (left, right):
            self._ellipse((x - 3, 45, x + 3, 54), _shade(self.skin, 0.94))
        self._ellipse((left, self.top, right, self.chin), self.skin)
        if self.bearded:
            self._chord((left, self.top, right, self.chin), (18, 162), self.hair)
            self._ellipse((left + 4.5, 47, right - 4.5, 60.5), self.skin)

    def _features(self) -> None:
        ink, gap = "#2b211d", self.draws.uniform(6.5, 8)
        lift = self.draws.uniform(-0.8, 0.8)
        for x in (50 - gap, 50 + gap):
            self._ellipse((x - 1.5, 46.2, x + 1.5, 49.6), ink)
            self._arc((x - 4, 40.5 + lift, x + 4, 48 + lift), (215, 325), 1.2, _shade(self.hair, 0.9))
        self._arc((47, 48, 53, 55.5), (20, 160), 1, _shade(self.skin, 0.75))
        wide = self.draws.uniform(4.5, 6.5)
        if self.draws.random() < 0.3:
            self._chord((50 - wide, 54, 50 + wide, 63), (0, 180), "#fdf6ef")
        self._arc((50 - wide, 53, 50 + wide, 62.5), (20, 160), 1.2, self.lips)
        if self.draws.random() < 0.55:
            for x in (50 - self.half + 6, 50 + self.half - 6):
                self._ellipse((x - 2.4, 53, x + 2.4, 57), _blend(self.skin, "#d9694f", 0.22))

    def _front_hair(self) -> None:
        left, right, top = 50 - self.half - 1.5, 50 + self.half + 1.5, self.top - 4
        if self.cut == "bald":
            for x in (left, right - 4):
                self._block((x, 41, x + 4, 49), self.hair, radius=2)
        elif self.cut == "fringe":
            self._chord((left, top, right, top + 40), (180, 360), self.hair)
            self._block((left, top + 15, right, top + 20.5), self.hair, radius=2)
        elif self.cut in ("side", "bob", "waves"):
            self._chord((left, top, right, top + 32), (176, 318), self.hair)
            self._chord((50, top + 1, right, top + 34), (200, 370), self.hair)
        elif self.cut == "quiff":
            self._chord((left, top + 1, right, top + 27), (180, 360), self.hair)
            self._ellipse((42, top - 6, 68, top + 12), self.hair)
        else:
            depth = 21 if self.cut == "crop" else 28
            self._chord((left, top, right, top + depth), (178, 362), self.hair)
            for x in (left, right - 3):
                self._block((x, top + depth / 2 - 1, x + 3, 46), self.hair, radius=1.5)

    def _spectacles(self) -> None:
        frame = self.draws.choice(("#2b211d", "#7a3b2a", "#5a6470"))
        for x in (42.4, 57.6):
            self._arc((x - 5.2, 42.6, x + 5.2, 53), (0, 360), 1, frame)
        self._arc((47, 45.5, 53, 50), (200, 340), 1, frame)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _shade(colour: str, factor: float) -> str:
    return "#" + "".join(f"{min(255, round(value * factor)):02x}" for value in _channels(colour))


def _blend(colour: str, other: str, part: float) -> str:
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)
