from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.api.declare import endpoint
from app.files import actions
from app.files.queries import get_file, summary
from app.kernel.errors import Invalid
from app.kernel.http import actor
from app.kernel.openapi import obj, ref

bp = Blueprint("files", __name__)
_UPLOAD = obj("file", file={"type": "string", "format": "binary"})


@bp.post("/files")
@endpoint("Send a file, to attach it to a post", takes=_UPLOAD, is_upload=True, gives={201: ref("Upload")},
          refuses=(503,))  # fmt: skip
def create() -> ResponseReturnValue:
    """Kept for its owner alone until a post or a comment holds it."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(fields={"file": _("Choose a file.")})
    return summary(actions.upload(actor(), sent.stream, sent.filename)), 201


@bp.get("/files/<file_id>")
@endpoint("What a file is, and where to read it", path={"file_id": {"type": "string", "pattern": "^[\\w-]{1,40}$"}},
          gives={200: ref("Upload")})  # fmt: skip
def show(file_id: str) -> ResponseReturnValue:
    """A file one may see; `url` serves its content."""
    return summary(get_file(actor(), file_id))
