"""The company's colour, corrected so that everybody can read what is written in it or on it.

Shades are neighbours in OKLCH (Ottosson, 2020): same hue, other lightness. Contrast is WCAG 2's.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

USUAL = "#0b6062"
ENOUGH = 4.6
_PAGE_LIGHT, _SURFACE_DARK, _INK_DARK = "#eeeeea", "#2b3032", "#0c1416"
_MOST_CHROMA_DARK = 0.13
_Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Accent:
    """A colour as it is shown on light and on dark pages."""

    light: str
    dark: str
    ink_light: str = "#ffffff"
    ink_dark: str = _INK_DARK


def is_colour(text: str) -> bool:
    """True for #rrggbb."""
    return re.fullmatch(r"#[0-9a-fA-F]{6}", text) is not None


def accent(chosen: str) -> Accent:
    """The nearest shades of a #rrggbb colour that are readable."""
    lightness, chroma, hue = _to_lch(chosen)
    light = lightness
    while light > 0 and contrast(_from_lch(light, chroma, hue), _PAGE_LIGHT) < ENOUGH:
        light -= 0.005
    dark, softer = max(lightness, 0.7), min(chroma, _MOST_CHROMA_DARK)
    while dark < 1 and _least(_from_lch(dark, softer, hue)) < ENOUGH:
        dark += 0.005
    unchanged = light == lightness
    shown = chosen.lower() if unchanged else _from_lch(max(light, 0), chroma, hue)
    return Accent(shown, _from_lch(min(dark, 1), softer, hue))


def contrast(one: str, other: str) -> float:
    """WCAG's ratio, from 1 to 21."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _least(colour: str) -> float:
    return min(contrast(colour, _SURFACE_DARK), contrast(colour, _INK_DARK))


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: str) -> _Rgb:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return red, green, blue


def _to_lch(colour: str) -> tuple[float, float, float]:
    red, green, blue = _linear(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _from_lch(lightness: float, chroma: float, hue: float) -> str:
    """The colour, less vivid where screens can't show it."""
    while True:
        rgb = _to_rgb(lightness, chroma, hue)
        if chroma <= 0 or all(-0.0005 <= part <= 1.0005 for part in rgb):
            return "#" + "".join(f"{_byte(part):02x}" for part in rgb)
        chroma = max(0.0, chroma - 0.004)


def _to_rgb(lightness: float, chroma: float, hue: float) -> _Rgb:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _byte(part: float) -> int:
    part = min(1.0, max(0.0, part))
    curved = 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
    return round(curved * 255)
