"""Files of every sort, made when needed."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def picture(form: str = "JPEG", size: tuple[int, int] = (80, 60), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 60, 30)).save(out, form, **more)
    return out.getvalue()


def photo_with_secrets(orientation: int = 6) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    return picture(exif=exif, comment=b"secret comment")


def moving_gif(frames: int = 3) -> bytes:
    out = io.BytesIO()
    first, *rest = [Image.new("RGB", (20, 20), (80 * n, 10, 10)) for n in range(frames)]
    first.save(out, "GIF", save_all=True, append_images=rest, duration=50, comment=b"secret comment")
    return out.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


def archive(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return out.getvalue()


def docx(text: str = "Bonjour", **more: bytes) -> bytes:
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{DOCX_TYPE}"/></Types>'
    said = f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p><w:p><w:t>Fin</w:t></w:p>"
    body = f"<w:document xmlns:w='w'>{said}</w:document>"
    return archive({"[Content_Types].xml": types.encode(), "word/document.xml": body.encode(), **more})


def odt(text: str = "Bonjour") -> bytes:
    body = f"<o xmlns:t='t'><t:p>{text}</t:p></o>"
    return archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": body.encode()})


def pdf(text: str = "Hello") -> bytes:
    """The smallest PDF that says something."""
    stream = f"BT /F1 24 Tf 20 100 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        out
        + b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
        % (table, len(out))
    )
