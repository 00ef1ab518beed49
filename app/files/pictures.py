"""Pictures made anew: what leaves here holds pixels and nothing that camera or sender wrote beside them."""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from app.files.unfit import Unfit

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 20_000
LONGEST_KEPT = 6_000
MOST_FRAMES, MOST_FRAME_PIXELS = 300, 60_000_000
THUMB_SIDE, AVATAR_SIDE = 640, 160
THUMB_MIME = "image/webp"

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Picture:
    """A picture fit to be shown, with its small versions."""

    width: int
    height: int
    whole: bytes
    thumb: bytes
    avatar: bytes


def remake(path: Path, mime: str) -> Picture:
    """The picture decoded and encoded again; Unfit when it is too large, broken or no picture."""
    try:
        with Image.open(path, formats=[FORMATS[mime]]) as opened:
            _refuse_large(opened)
            return _moving(opened) if _moves(opened, mime) else _still(opened, mime)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise Unfit("pixels", most=MOST_PIXELS // 1_000_000) from problem
    except Unfit:
        raise
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, EOFError, ArithmeticError) as problem:
        raise Unfit("damaged") from problem
    except (TypeError, KeyError, IndexError, AttributeError, MemoryError, RuntimeError) as problem:
        raise Unfit("damaged") from problem  # decoders answer malformed headers with these as well


def _refuse_large(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise Unfit("pixels", most=MOST_PIXELS // 1_000_000)
    if width < 1 or height < 1:
        raise Unfit("damaged")


def _moves(picture: Image.Image, mime: str) -> bool:
    if mime != "image/gif":
        return False
    frames = getattr(picture, "n_frames", 1)
    return 1 < frames <= MOST_FRAMES and frames * picture.width * picture.height <= MOST_FRAME_PIXELS


def _still(opened: Image.Image, mime: str) -> Picture:
    picture = _upright(opened)
    picture = _plain(picture, with_alpha=mime != "image/jpeg")
    if max(picture.size) > LONGEST_KEPT:
        picture.thumbnail((LONGEST_KEPT, LONGEST_KEPT), Image.Resampling.LANCZOS)
    return Picture(*picture.size, _encoded(picture, FORMATS[mime]), *_small(picture))


def _moving(opened: Image.Image) -> Picture:
    frames, times = [], []
    for frame in ImageSequence.Iterator(opened):
        times.append(max(20, int(frame.info.get("duration", 100) or 100)))
        frames.append(_bare(frame.convert("RGBA")))
    out = io.BytesIO()
    frames[0].save(
        out, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0, disposal=2, comment=b""
    )
    return Picture(*frames[0].size, out.getvalue(), *_small(frames[0]))


def _upright(opened: Image.Image) -> Image.Image:
    opened.load()
    return ImageOps.exif_transpose(opened)


def _plain(picture: Image.Image, *, with_alpha: bool) -> Image.Image:
    """Pixels in the colours of screens, without anything beside them."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith(("I", "F")):
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    see_through = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    wanted = "RGBA" if see_through and with_alpha else "RGB"
    if profile and picture.mode in ("RGB", "CMYK") and wanted == "RGB":
        picture = _in_screen_colours(picture, profile)
    return _bare(picture if picture.mode in (wanted, "L") else picture.convert(wanted))


def _in_screen_colours(picture: Image.Image, profile: bytes) -> Image.Image:
    with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        theirs: Any = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        changed = ImageCms.profileToProfile(picture, theirs, ImageCms.createProfile("sRGB"), outputMode="RGB")
        return changed or picture
    return picture


def _bare(picture: Image.Image) -> Image.Image:
    bare = picture.copy()
    bare.info = {}
    return bare


def _small(picture: Image.Image) -> tuple[bytes, bytes]:
    thumb = picture.copy()
    thumb.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS)
    source = thumb if min(thumb.size) >= AVATAR_SIDE else picture
    avatar = ImageOps.fit(source, (AVATAR_SIDE, AVATAR_SIDE), Image.Resampling.LANCZOS)
    return _encoded(thumb, "WEBP"), _encoded(avatar, "WEBP")


def _encoded(picture: Image.Image, form: str) -> bytes:
    out = io.BytesIO()
    options: dict[str, dict[str, Any]] = {
        "JPEG": {"quality": 88, "optimize": True, "progressive": True},
        "PNG": {"compress_level": 4},
        "WEBP": {"quality": 84, "method": 3},
        "GIF": {"comment": b""},
    }
    picture.save(out, form, **options[form])
    return out.getvalue()
