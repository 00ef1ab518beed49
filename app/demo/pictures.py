"""Pictures for posts, drawn by code: charts, sketches, machines, posters and a few landscapes.

Lettering is kept to plain capitals and figures, which Pillow's own font has.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import cos, pi, sin
from random import Random

from PIL import Image, ImageDraw, ImageFont

from app.demo.chance import chance
from app.demo.portraits import png

WIDTH, HEIGHT = 960, 600
PAPER, INK, GRID = "#fbf6ee", "#33302c", "#e3d9ca"
WARM = ("#c8643c", "#e0a04a", "#5f7f6f", "#8a4f5c", "#44697d")
Point = tuple[float, float]


def picture(kind: str, seed: object) -> bytes:
    """A PNG of one of KINDS; the same kind and seed give the same bytes."""
    draws = chance(0, "picture", kind, seed)
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    KINDS[kind](ImageDraw.Draw(image), draws)
    return png(image, colours=64)


def _letter(pen: ImageDraw.ImageDraw, at: Point, said: str, size: int = 22, fill: str = INK) -> None:
    pen.text(at, said, font=ImageFont.load_default(size), fill=fill, anchor="mm")


def _frame(pen: ImageDraw.ImageDraw, title: str) -> None:
    _letter(pen, (WIDTH / 2, 42), title, 28)
    for line in range(6):
        y = 100 + line * 80
        pen.line((90, y, WIDTH - 50, y), fill=GRID, width=2)
        _letter(pen, (58, y), str(100 - line * 20), 18, "#8b8175")


def bars(pen: ImageDraw.ImageDraw, draws: Random, title: str) -> None:
    """Twelve bars and a target line."""
    _frame(pen, title)
    level = draws.uniform(55, 65)
    for week in range(12):
        level = min(96, max(45, level + draws.uniform(-5, 7.5)))
        x = 112 + week * 67
        pen.rounded_rectangle((x, 500 - level * 4, x + 42, 500), 5, fill=WARM[0] if week == 11 else WARM[1])
        _letter(pen, (x + 21, 524), f"S{week + 30}", 16, "#8b8175")
        _letter(pen, (x + 21, 486 - level * 4), f"{level:.0f}", 16)
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
        _letter(pen, (376 + number * 120, 563), f"N{number + 1}", 18)


def gantt(pen: ImageDraw.ImageDraw, draws: Random) -> None:
    """A plan: tasks as bars, today as a line."""
    _letter(pen, (WIDTH / 2, 42), "P40  PLANNING", 28)
    start = 130.0
    for row in range(8):
        y, length = 92 + row * 56, draws.uniform(110, 290)
        pen.line((120, y + 46, WIDTH - 50, y + 46), fill=GRID, width=2)
        _letter(pen, (72, y + 20), f"LOT {row + 1}", 18)
        pen.rounded_rectangle((start, y, min(start + length, 900), y + 38), 8, fill=WARM[row % 5])
        pen.rounded_rectangle(
            (start, y + 28, start + min(length, 900 - start) * draws.uniform(0.3, 1), y + 38), 4, fill=INK
        )
        start = min(start + length * draws.uniform(0.4, 0.75), 700)
    pen.line((560, 80, 560, 545), fill="#b03a2e", width=4)


def sketch(pen: ImageDraw.ImageDraw, draws: Random) -> None:
    """A hand sketch on squared paper: a trolley, a stand."""
    for step in range(0, WIDTH, 30):
        pen.line((step, 0, step, HEIGHT), fill="#e9eef0", width=1)
        pen.line((0, step, WIDTH, step), fill="#e9eef0", width=1)

    def stroke(*points: Point) -> None:
        for _ in range(2):
            pen.line(
                [(x + draws.uniform(-3, 3), y + draws.uniform(-3, 3)) for x, y in points],
                fill="#2f4f74",
                width=4,
            )

    for y in (170, 330, 470):
        stroke((260, y), (700, y), (720, y + 22), (240, y + 22), (260, y))
    stroke((270, 170), (270, 520))
    stroke((690, 170), (690, 520))
    for x in (290, 670):
        pen.ellipse((x - 24, 500, x + 24, 548), outline="#2f4f74", width=4)
    for number in range(6):
        x, tall = 300 + number * 64, draws.uniform(40, 95)
        stroke((x, 330), (x, 330 - tall), (x + 26, 330 - tall), (x + 26, 330))
    pen.line((240, 90, 720, 90), fill="#b5533c", width=3)
    _letter(pen, (480, 66), f"{draws.randint(78, 98) * 10} mm", 24, "#b5533c")


def pump(pen: ImageDraw.ImageDraw, draws: Random) -> None:
    """A section through an axial piston pump."""
    steel, cast, bronze = "#9fb0b8", "#6c7a80", "#c9935a"
    pen.rounded_rectangle((250, 140, 720, 470), 40, fill=cast)
    pen.rounded_rectangle((285, 175, 690, 435), 18, fill="#f3ede2")
    pen.rectangle((120, 285, 640, 325), fill=steel)
    tilt = draws.uniform(18, 34)
    pen.polygon([(330 - tilt, 185), (365 - tilt, 185), (365 + tilt, 425), (330 + tilt, 425)], fill=bronze)
    pen.rounded_rectangle((480, 205, 620, 405), 10, fill="#b9c6cc", outline=INK, width=3)
    for y in (230, 355):
        reach = 372 + (305 - y) * -0.14 * tilt / 10
        pen.rounded_rectangle((reach, y, 560, y + 26), 8, fill=steel, outline=INK, width=3)
        pen.ellipse((reach - 14, y - 2, reach + 16, y + 28), fill=bronze, outline=INK, width=3)
    pen.rectangle((622, 195, 648, 415), fill=WARM[0])
    for y in (215, 355):
        pen.rounded_rectangle((690, y, 810, y + 40), 6, fill=steel)
        pen.line((830, y + 20, 890, y + 20), fill="#b03a2e" if y < 300 else "#44697d", width=8)
    for number, (x, y) in enumerate(((180, 240), (350, 110), (550, 110), (640, 510), (800, 320)), start=1):
        pen.ellipse((x - 20, y - 20, x + 20, y + 20), outline=INK, width=3)
        _letter(pen, (x, y), str(number), 22)
    _letter(pen, (WIDTH / 2, 560), f"P40-{draws.randint(100, 499)}-{draws.choice('ABCD')}", 22)


def bench(pen: ImageDraw.ImageDraw, draws: Random) -> None:
    """A hydraulic circuit: tank, pump, valve, gauge."""
    line = "#44697d"
    pen.line((200, 470, 200, 300, 400, 300, 400, 180, 760, 180, 760, 470, 200, 470), fill=line, width=6)
    pen.polygon([(120, 470), (280, 470), (262, 540), (138, 540)], outline=INK, fill="#dfe8ea", width=4)
    pen.ellipse((150, 250, 250, 350), fill=PAPER, outline=INK, width=5)
    pen.polygon([(200, 252), (176, 292), (224, 292)], fill=INK)
    pen.rectangle((480, 130, 660, 230), fill=PAPER, outline=INK, width=5)
    pen.line((570, 130, 570, 230), fill=INK, width=4)
    pen.line((500, 215, 550, 145), fill=INK, width=4)
    pen.line((590, 145, 640, 215), fill=INK, width=4)
    pen.ellipse((690, 300, 830, 440), fill=PAPER, outline=INK, width=6)
    turn = draws.uniform(0.8, 1.9) * pi
    pen.line((760, 370, 760 + 52 * cos(turn), 370 + 52 * sin(turn)), fill="#b03a2e", width=6)
    for step in range(9):
        at = pi * (0.75 + step * 0.1875)
        pen.line(
            (760 + 58 * cos(at), 370 + 58 * sin(at), 760 + 68 * cos(at), 370 + 68 * sin(at)),
            fill=INK,
            width=3,
        )
    _letter(pen, (872, 370), f"{draws.randint(26, 42) * 10} bar", 24)
    _letter(pen, (200, 570), f"BANC {draws.randint(1, 4)}", 22)


def poster(pen: ImageDraw.ImageDraw, draws: Random, title: str) -> None:
    """A poster: a hand, a sun of rays, two bands."""
    ground, light, band = draws.choice((("#c8643c", "#e8a25f", "#fbe9cf"), ("#44697d", "#7d9ca8", "#f5e6c8")))
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill=ground)
    shift = draws.uniform(0, pi / 12)
    for ray in range(0, 24, 2):
        a, b = ray * pi / 12 + shift, (ray + 1) * pi / 12 + shift
        pen.polygon(
            [(480, 330), (480 + 900 * cos(a), 330 + 900 * sin(a)), (480 + 900 * cos(b), 330 + 900 * sin(b))],
            fill=light,
        )
    pen.ellipse((270, 120, 690, 540), fill=band)
    for finger, top in enumerate((235, 195, 185, 210)):
        x = 392 + finger * 46
        pen.rounded_rectangle((x, top, x + 38, 400), 19, fill=ground)
    pen.rounded_rectangle((392, 330, 568, 490), 50, fill=ground)
    pen.polygon([(560, 420), (628, 330), (652, 352), (580, 470)], fill=ground)
    pen.rectangle((0, 546, WIDTH, HEIGHT), fill=INK)
    _letter(pen, (480, 572), title, 30, band)


def hills(pen: ImageDraw.ImageDraw, draws: Random) -> None:
    """Hills in the morning."""
    for row in range(HEIGHT):
        part = row / HEIGHT
        pen.line(
            (0, row, WIDTH, row), fill=(250 - int(30 * part), 214 - int(20 * part), 165 + int(40 * part))
        )
    x = draws.uniform(250, 700)
    pen.ellipse((x - 60, 110, x + 60, 230), fill="#fff0c9")
    for level, colour in enumerate(("#c9b49a", "#a3a084", "#748469", "#4d6453", "#33483f")):
        base, phase, wave = 250 + level * 70, draws.uniform(0, 6), draws.uniform(0.005, 0.011)
        crest = [
            (float(px), base + 38 * sin(px * wave + phase) + 14 * sin(px * wave * 2.7))
            for px in range(0, 981, 20)
        ]
        pen.polygon([(0, HEIGHT), *crest, (WIDTH, HEIGHT)], fill=colour)


def hall(pen: ImageDraw.ImageDraw, draws: Random) -> None:
    """The central aisle before the shift: roof, windows, light on the floor."""
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill="#4a423d")
    pen.polygon([(0, 600), (420, 330), (540, 330), (960, 600)], fill="#b08d6a")
    for number in range(5):
        near = 1 - number * 0.18
        for side in (-1, 1):
            x = 480 + side * 440 * near
            pen.rectangle((x - 34 * near, 330 - 240 * near, x + 34 * near, 330 + 20 * near), fill="#f3cf94")
            pen.polygon(
                [
                    (x, 330 + 240 * near),
                    (x - side * 130 * near, 330 + 190 * near),
                    (x - side * 60 * near, 330 + 160 * near),
                ],
                fill="#d7a56e",
            )
        pen.line(
            (480 - 470 * near, 330 - 280 * near, 480, 330 - 330 * near, 480 + 470 * near, 330 - 280 * near),
            fill="#2e2926",
            width=8,
        )
    pen.ellipse((455, 290, 505, 340), fill="#ffe9bd")
    for _ in range(60):
        x, y = draws.uniform(200, 760), draws.uniform(120, 420)
        pen.ellipse((x, y, x + 3, y + 3), fill="#e6c592")


def plate(pen: ImageDraw.ImageDraw, draws: Random) -> None:
    """A valve plate on the bench, worn in arcs."""
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill="#6b5646")
    for _ in range(90):
        y = draws.uniform(0, HEIGHT)
        pen.line(
            (0, y, WIDTH, y + draws.uniform(-9, 9)),
            fill=draws.choice(("#665141", "#725d4c", "#604c3d")),
            width=2,
        )
    pen.ellipse((230, 50, 730, 550), fill="#b8bfc2", outline="#8d9699", width=8)
    for _ in range(50):
        r, a = draws.uniform(130, 240), draws.uniform(0, 360)
        pen.arc(
            (480 - r, 300 - r, 480 + r, 300 + r),
            a,
            a + draws.uniform(15, 60),
            fill=draws.choice(("#a4adb1", "#c9cfd1", "#969fa3")),
            width=3,
        )
    for start in (20, 200):
        pen.arc((300, 120, 660, 480), start, start + 140, fill="#4a4f52", width=34)
    pen.ellipse((405, 225, 555, 375), fill="#5a4738", outline="#8d9699", width=8)


def crew(pen: ImageDraw.ImageDraw, draws: Random) -> None:
    """A team in silhouette, nobody recognisable."""
    hall(pen, draws)
    for number in range(7):
        x, y = 150 + number * 108, draws.uniform(285, 330)
        colour = draws.choice(("#2b211d", "#3a2d27", "#33373c"))
        pen.ellipse((x - 36, y - 44, x + 36, y + 34), fill=colour)
        pen.rounded_rectangle((x - 66, y + 38, x + 66, 640), 50, fill=colour)
        if draws.random() < 0.5:
            pen.chord((x - 42, y - 56, x + 42, y + 26), 180, 360, fill="#e0a04a")


KINDS: dict[str, Callable[[ImageDraw.ImageDraw, Random], None]] = {
    "trs": partial(bars, title="TRS %"),
    "ppm": partial(bars, title="REBUTS"),
    "erp": partial(bars, title="ERP %"),
    "evacuation": partial(bars, title="ROANNE / CHOLET"),
    "bruit": partial(curves, title="P40  dB(A)"),
    "endurance": partial(curves, title="ENDURANCE  V25"),
    "planning": gantt,
    "servante": sketch,
    "stand": sketch,
    "glace": pump,
    "banc": bench,
    "groupe": bench,
    "securite": partial(poster, title="UNE SECONDE SUFFIT"),
    "portes": partial(poster, title="ON OUVRE LES PORTES"),
    "metiers": partial(poster, title="FORUM DES METIERS"),
    "rando": hills,
    "atelier": hall,
    "palier": plate,
    "equipe": crew,
}
