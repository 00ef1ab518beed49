"""Posters and places."""

from __future__ import annotations

from math import cos, pi, sin
from random import Random

from PIL import ImageDraw

from app.demo.drawings.paper import HEIGHT, INK, WIDTH, letter


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
    letter(pen, (480, 572), title, 30, band)


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
