"""Workshop drawings: a sketch, a pump, a test bench."""

from __future__ import annotations

from math import cos, pi, sin
from random import Random

from PIL import ImageDraw

from app.demo.drawings.paper import HEIGHT, INK, PAPER, WARM, WIDTH, Point, letter


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
    letter(pen, (480, 66), f"{draws.randint(78, 98) * 10} mm", 24, "#b5533c")


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
        letter(pen, (x, y), str(number), 22)
    letter(pen, (WIDTH / 2, 560), f"P40-{draws.randint(100, 499)}-{draws.choice('ABCD')}", 22)


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
    letter(pen, (872, 370), f"{draws.randint(26, 42) * 10} bar", 24)
    letter(pen, (200, 570), f"BANC {draws.randint(1, 4)}", 22)
