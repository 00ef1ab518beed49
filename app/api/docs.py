from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from app.api.declare import endpoint
from app.api.document import document
from app.kernel.http import public

bp = Blueprint("document", __name__)
pages = Blueprint("docs", __name__)


@bp.get("/openapi.json")
@endpoint("This document", gives={200: {"type": "object"}}, is_public=True)
def show() -> ResponseReturnValue:
    """The API as OpenAPI 3.1, made from the declarations."""
    return document(current_app)


@pages.get("/docs")
@public
def read() -> ResponseReturnValue:
    """The same, to read."""
    return render_template("api/docs.html", document=document(current_app))
