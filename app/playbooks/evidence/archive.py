"""A sealed archive: the same files give the same bytes, and a manifest names each with its hash."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

MANIFEST = "manifest.json"
FORMAT = "parvis-evidence-1"
_ALWAYS = (1980, 1, 1, 0, 0, 0)


def seal(files: Mapping[str, bytes], **about: Any) -> tuple[bytes, str]:
    """The archive of these files, and the hash of its manifest; `about` stands in the manifest."""
    manifest = as_json({"format": FORMAT, **about, "files": {name: digest(files[name]) for name in files}})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [*sorted(files.items()), (MANIFEST, manifest)]:
            entry = zipfile.ZipInfo(name, _ALWAYS)
            entry.compress_type, entry.external_attr, entry.create_system = (
                zipfile.ZIP_DEFLATED,
                0o600 << 16,
                3,
            )
            archive.writestr(entry, content)
    return out.getvalue(), digest(manifest)


def as_json(value: Any) -> bytes:
    """Text that is the same for the same value, and pleasant to read."""
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=str) + "\n").encode()


def digest(content: bytes) -> str:
    """SHA-256, 64 hexadecimal characters."""
    return hashlib.sha256(content).hexdigest()
