"""Charts: bars, curves, a plan."""

from __future__ import annotations

from random import Random

from PIL import ImageDraw

from app.demo.drawings.paper import GRID, INK, WARM, WIDTH, Point, letter


def _frame(pen: ImageDraw.ImageDraw, title: str) -> None:
    letter(pen, (WIDTH / 2, 42), title, 28)
    for line in range(6):
        y = 100 + line * 80
        pen.line((90, y, WIDTH - 50, y), fill=GRID, width=2)
        letter(pen, (58, y), str(100 - line * 20), 18, "#8b8175")


def bars(pen: ImageDraw.ImageDraw, draws: Random, title: str) -> None:
    """Twelve bars and a target line."""
    _frame(pen, title)
    level = draws.uniform(55, 65)
    for week in range(12):
        level = min(96, max(45, level + draws.uniform(-5, 7.5)))
        x = 112 + week * 67
        pen.rounded_rectangle((x, 500 - level * 4, x + 42, 500), 5, fill=WARM[0] if week == 11 else WARM[1])
        letter(pen, (x + 21, 524), f"S{week + 30}", 16, "#8b8175")
        letter(pen, (x + 21, 486 - level * 4), f"{level:.0f}", 16)
    pen.line((90, 500 - 80 * 4, WIDTH - 50, 500 - 80 * 4), fill=WARM[3], width=4)


def curves(pen: ImageDraw.ImageDraw, draws: Random, title: str) -> None:
    """Three curves over time."""
    _frame(pen, title)
    for number, colour in enumerate((WARM[0], WARM[2], WARM[4])):
        level, points = draws.uniform(60, 92), list[Point]()
        for step in range(43):
            level -= draws.uniform(-1.1, 1.5)
            points.append((90 + step * 19.5, 500 - max(8, level) * 4))
        pen.line(points, fill=colour, width=5, joint="curve")
        pen.rectangle((330 + number * 120, 552, 352 + number * 120, 574), fill=colour)
        letter(pen, (376 + number * 120, 563), f"N{number + 1}", 18)


def gantt(pen: ImageDraw.ImageDraw, draws: Random) -> None:
    """A plan: tasks as bars, today as a line."""
    letter(pen, (WIDTH / 2, 42), "P40  PLANNING", 28)
    start = 130.0
    for row in range(8):
        y, length = 92 + row * 56, draws.uniform(110, 290)
        pen.line((120, y + 46, WIDTH - 50, y + 46), fill=GRID, width=2)
        letter(pen, (72, y + 20), f"LOT {row + 1}", 18)
        pen.rounded_rectangle((start, y, min(start + length, 900), y + 38), 8, fill=WARM[row % 5])
        pen.rounded_rectangle(
            (start, y + 28, start + min(length, 900 - start) * draws.uniform(0.3, 1), y + 38), 4, fill=INK
        )
        start = min(start + length * draws.uniform(0.4, 0.75), 700)
    pen.line((560, 80, 560, 545), fill="#b03a2e", width=4)
