from flask import Blueprint, Response, jsonify, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.files import actions, storage
from app.files.inspection import LARGEST
from app.files.models import IMAGE, PHOTO, File
from app.files.pictures import THUMB_MIME
from app.files.queries import get_file, my_draft, summary
from app.kernel.errors import Invalid, NotFound, TooLarge
from app.kernel.http import actor

bp = Blueprint("files", __name__)

_SANDBOX = "sandbox; default-src 'none'; style-src 'none'; frame-ancestors 'none'"


@bp.post("/files")
def create() -> ResponseReturnValue:
    """Take one file; what the composer needs to show it."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(fields={"file": _("Choose a file.")})
    if sent.content_length and sent.content_length > LARGEST:
        raise TooLarge
    file = actions.upload(actor(), sent.stream, sent.filename)
    return jsonify(summary(file)), 201


@bp.get("/files/<file_id>")
def show(file_id: str) -> ResponseReturnValue:
    """The file, to those who may see what holds it; asked again each time."""
    file = get_file(actor(), file_id)
    return _sent(file, storage.WHOLE, file.mime)


@bp.get("/files/<file_id>/thumb")
def thumb(file_id: str) -> ResponseReturnValue:
    """The small version of a picture; of a person's photo, the square one."""
    file = get_file(actor(), file_id)
    if not file.has_thumb:
        raise NotFound
    return _sent(file, storage.AVATAR if file.holder == PHOTO else storage.THUMB, THUMB_MIME)


@bp.delete("/files/<file_id>")
def delete(file_id: str) -> ResponseReturnValue:
    """Take back a file that nothing holds yet."""
    actions.discard(actor(), my_draft(actor(), file_id))
    return "", 204


def _sent(file: File, variant: str, mime: str) -> Response:
    path = storage.path(file.id, variant)
    if not path.is_file():
        raise NotFound
    response = send_file(
        path,
        mimetype=mime,
        as_attachment=file.kind != IMAGE,
        download_name=file.name if not variant else None,
        conditional=True,
        etag=f"{file.id}{variant}",
        max_age=0,
    )
    response.headers["Content-Security-Policy"] = _SANDBOX
    response.headers["Cache-Control"] = "private, no-cache"
    return response
