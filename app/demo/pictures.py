"""The pictures that posts carry, by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random

from PIL import Image, ImageDraw

from app.demo.chance import chance
from app.demo.drawings import charts, machines, scenes
from app.demo.drawings.paper import HEIGHT, PAPER, WIDTH
from app.demo.portraits import png

KINDS: dict[str, Callable[[ImageDraw.ImageDraw, Random], None]] = {
    "trs": partial(charts.bars, title="TRS %"),
    "ppm": partial(charts.bars, title="REBUTS"),
    "erp": partial(charts.bars, title="ERP %"),
    "evacuation": partial(charts.bars, title="ROANNE / CHOLET"),
    "bruit": partial(charts.curves, title="P40  dB(A)"),
    "endurance": partial(charts.curves, title="ENDURANCE  V25"),
    "planning": charts.gantt,
    "servante": machines.sketch,
    "stand": machines.sketch,
    "glace": machines.pump,
    "banc": machines.bench,
    "groupe": machines.bench,
    "securite": partial(scenes.poster, title="UNE SECONDE SUFFIT"),
    "portes": partial(scenes.poster, title="ON OUVRE LES PORTES"),
    "metiers": partial(scenes.poster, title="FORUM DES METIERS"),
    "rando": scenes.hills,
    "atelier": scenes.hall,
    "palier": scenes.plate,
    "equipe": scenes.crew,
}


def picture(kind: str, seed: object) -> bytes:
    """A PNG of one of KINDS; the same kind and seed give the same bytes."""
    draws = chance(0, "picture", kind, seed)
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    KINDS[kind](ImageDraw.Draw(image), draws)
    return png(image)
