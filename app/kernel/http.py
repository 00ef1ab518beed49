"""The edge: who asks, what they get when refused, and the headers that every answer carries.

Everything is closed unless marked `public`; every unsafe request must come from our own pages or carry a
token.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    g,
    has_app_context,
    has_request_context,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, RoutingException

from app.kernel import errors, idempotency, keys
from app.kernel.errors import AppError
from app.kernel.inputs import json_object
from app.kernel.origins import Origins
from app.kernel.requests import Request
from app.kernel.templating import Templates

if TYPE_CHECKING:
    from app.people.actor import Actor

View = TypeVar("View", bound=Callable[..., Any])
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
API = "/api/"
# What people write at length, by the names of its fields: a refused form gives it back.
WRITTEN = ("title", "body", "text", "reason", "comment", "note", "message", "about", "why")
BY_TOKEN = (API, "/scim/")  # where programs prove themselves by what they carry, and no browser does
OURS = frozenset({"csrf", "idempotency"})
PROOF = "proof-"  # what fields begin with by which somebody proves again who they are
LONGEST_KEY = 200
PAGES = frozenset({400, 401, 403, 404, 409, 413, 422, 429, 500, 503})
_log = logging.getLogger(__name__)
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
    "require-trusted-types-for 'script'; trusted-types parvis"
)
_HEADERS = (
    ("Content-Security-Policy", _CSP),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()"),
    ("Cache-Control", "no-store"),
    ("Vary", "Cookie"),
)
_SECURE_HEADERS = (*_HEADERS, ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"))
_BY_STATUS = {
    400: AppError,
    401: errors.SignedOut,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    412: errors.PreconditionFailed,
    413: errors.TooLarge,
    415: errors.UnsupportedMedia,
    422: errors.Invalid,
    429: errors.TooMany,
    503: errors.Unavailable,
}


_dialects: dict[str, Callable[[AppError], Response]] = {}
_taking_in: Callable[[], AbstractContextManager[None]] = nullcontext


class PublicNumber(IntegerConverter):
    """A number in a path; one too large for any column leads nowhere, like one never given."""

    regex = r"[0-9]{1,18}"


class _Refused(Exception):
    """A view answered with a refusal: what it began is undone, and the request may be mended."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


class Parvis(Flask):
    """A Flask application that answers a repeated request once, whose numbers in paths fit a column, and
    whose templates are compiled for each language.
    """

    jinja_environment = Templates
    request_class = Request
    speaks = False  # until the templates have all that they need

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.url_map.converters["int"] = PublicNumber

    @property
    def jinja_env(self) -> Templates:
        written: Templates | None = self.__dict__.get("_written")
        if written is None:
            written = self.__dict__["_written"] = cast("Templates", self.create_jinja_environment())
        return written.spoken() if self.speaks and has_app_context() else written

    def dispatch_request(self) -> ResponseReturnValue:
        key = _idempotency_key()
        if key is None or not current_user.is_authenticated or "idempotent" in g:
            return super().dispatch_request()
        asked = f"{request.method} {request.full_path}\n".encode() + _body_read_whole()
        try:
            with _taking_in():
                return _response(idempotency.once(current_user.id, key, asked, self._answer_now))
        except _Refused as refusal:
            return refusal.answer

    def _answer_now(self) -> idempotency.Stored:
        g.idempotent = True
        try:
            answer = self.make_response(super().dispatch_request())
        finally:
            g.pop("idempotent")
        if answer.status_code >= 400:
            raise _Refused(answer)
        return idempotency.Stored(
            answer.status_code, answer.headers.get("Location", ""), answer.content_type, answer.get_data()
        )


def take_in_with(taking_in: Callable[[], AbstractContextManager[None]]) -> None:
    """Install what surrounds a request answered in one transaction: what takes long is done before."""
    global _taking_in
    _taking_in = taking_in


def actor() -> Actor:
    """The signed-in person; SignedOut when there is none."""
    found = actor_or_none()
    if found is None:
        raise errors.SignedOut
    return found


def actor_or_none() -> Actor | None:
    """The signed-in person, if any; nobody outside of a request."""
    user = current_user._get_current_object() if has_request_context() else None
    return user if user is not None and user.is_authenticated else None


def address() -> str:
    """Where the request comes from, as the wall resolved it."""
    return str(request.environ.get("parvis.address", ""))


def public(view: View) -> View:
    """Mark a view as open to people who aren't signed in (the wall still stands)."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def always(view: View) -> View:
    """Mark a view as open to somebody signed in whom the gate asks for more or lets only read."""
    view.is_always_open = True  # type: ignore[attr-defined]
    return view


def for_unproven(view: View) -> View:
    """Mark a view as open to people whom the gate asks for a second factor: it is where they get one."""
    view.takes_unproven = True  # type: ignore[attr-defined]
    return view


def for_suspended(view: View) -> View:
    """Mark a view as open to people whose account is suspended: what was decided about them, and appeals."""
    view.takes_suspended = True  # type: ignore[attr-defined]
    return view


def heavy(view: View) -> View:
    """Mark a view as a heavy act: whoever asks has proved within ten minutes who they are, or does now."""
    return heavy_if(lambda: True)(view)


def heavy_if(condition: Callable[[], bool]) -> Callable[[View], View]:
    """The same, where it depends on what is asked."""

    def mark(view: View) -> View:
        view.is_heavy = condition  # type: ignore[attr-defined]
        return view

    return mark


def is_heavy_now() -> bool:
    """True when the present request asks for a heavy act."""
    condition = getattr(current_app.view_functions.get(request.endpoint or ""), "is_heavy", None)
    return condition is not None and bool(condition())


def answers_anew(view: View) -> View:
    """Mark a view as one whose answer is never kept for a repeated request: it holds a secret."""
    view.is_answered_anew = True  # type: ignore[attr-defined]
    return view


def any_host(view: View) -> View:
    """Mark a view as reachable by whatever name or number machines call this one."""
    view.takes_any_host = True  # type: ignore[attr-defined]
    return view


def any_site(view: View) -> View:
    """Mark a view as open to programs elsewhere that prove themselves by what they send."""
    view.takes_any_site = True  # type: ignore[attr-defined]
    return view


def is_fragment() -> bool:
    """True when one of our scripts asks for a piece of a page."""
    return request.headers.get("X-Fragment") == "1"


def wants_json() -> bool:
    """True for programs: the API, and callers who accept JSON only."""
    return request.path.startswith(API) or request.accept_mimetypes.best == "application/json"


def fragment(template: str, *, or_else: str, status: int = 200, **context: Any) -> ResponseReturnValue:
    """The piece of page for a script, or a redirect to `or_else` for a plain form."""
    if is_fragment():
        return render_template(template, **context), status
    return redirect(or_else, code=303)


def form() -> dict[str, Any]:
    """The fields of a form, lists by name; ours (csrf, idempotency) left out. Invalid for one sent twice."""
    fields = request.form.lists()
    sent = {name: values for name, values in fields if name not in OURS and not name.startswith(PROOF)}
    twice = [name for name, values in sent.items() if len(values) > 1 and not _is_list(name)]
    if twice:
        raise errors.Invalid(fields={name[:80]: _("This field was sent twice.") for name in twice})
    return {name: values if _is_list(name) else values[0] for name, values in sent.items()}


def body() -> dict[str, Any]:
    """The JSON object sent; Invalid when it isn't one, UnsupportedMedia when it doesn't say it is."""
    sent = request.get_data(cache=True)
    if (sent or request.mimetype) and not request.is_json:
        raise errors.UnsupportedMedia
    return json_object(sent)


def name_version(parts: Any) -> None:
    """Say what an answer depends on before it is made: whoever has it gets 304, and no more is done."""
    g.digest = hashlib.sha256(repr(parts).encode()).hexdigest()[:20]
    if request.method in {"GET", "HEAD"} and request.if_none_match.contains_weak(g.digest):
        abort(current_app.response_class(status=304))


def if_refused(work: Callable[[], Any]) -> None:
    """Do this when the present request ends in a refusal, after everything it wrote was undone."""
    g.if_refused = work


def local_path(raw: str | None) -> str:
    """A path on this site to go on to; anything else is home."""
    if not raw or not raw.startswith("/") or raw.startswith(("//", "/\\")) or any(ord(c) < 33 for c in raw):
        return "/"
    return raw


def csrf_token() -> str:
    """Ties a form to the session that shows it, for browsers that don't say where a request comes from."""
    person = actor_or_none()
    return keys.mac("csrf", person.session_id if person else "nobody")


def install(
    app: Flask, *, guard: Callable[[], None], prove: Callable[[], ResponseReturnValue | None]
) -> None:
    """Put the edge around an application: order of checks, mapping of refusals, headers. `guard` refuses whom
    the gate doesn't let in; `prove` asks once more who it is, before something heavy.
    """
    app.before_request(_expect_little)
    app.before_request(_refuse_foreign_hosts)
    app.before_request(_refuse_odd_paths)
    app.before_request(guard)
    app.before_request(_require_signed_in)
    app.before_request(_require_own_origin)
    app.before_request(prove)
    app.after_request(_finish)
    app.register_error_handler(AppError, refuse)
    app.register_error_handler(HTTPException, _refuse_http)
    app.register_error_handler(Exception, _refuse_unexpected)


def refuse(error: AppError) -> ResponseReturnValue:
    """A refusal as the caller can read it: problem+json (RFC 9457), a page, or the way to sign in."""
    settle(error)
    if (kept := g.pop("if_refused", None)) and error.status < 500:
        kept()
    if dialect := next((say for begin, say in _dialects.items() if request.path.startswith(begin)), None):
        return _with_retry(dialect(error), error)
    if (
        isinstance(error, errors.SignedOut)
        and request.method == "GET"
        and not wants_json()
        and not is_fragment()
    ):
        return redirect(f"/sign-in?next={_quoted(local_path(request.full_path.rstrip('?')))}", code=303)
    if isinstance(error, errors.Suspended) and request.method == "GET" and not wants_json():
        return redirect("/me/charter", code=303)
    if wants_json() or is_fragment():
        return problem(error)
    shown = error.status if error.status in PAGES else 400
    more = error.data if error.page else {}
    page = render_template(
        f"errors/{error.page or shown}.html", detail=_detail(error), typed=_typed(), **more
    )
    return _with_retry(make_response(page, error.status), error)


def refuse_as(beginning: str, say: Callable[[AppError], Response]) -> None:
    """Below this path refusals are said the way its programs expect."""
    _dialects[beginning] = say


def settle(error: AppError) -> None:
    """Do what a refusal leaves to be done, once."""
    work, error.afterwards = error.afterwards, None
    if work is not None:
        work()


def problem(error: AppError) -> Response:
    """RFC 9457 with a stable `code`."""
    content = {"type": "about:blank", "title": str(error), "status": error.status, "code": error.code}
    if isinstance(error, errors.Invalid) and error.fields:
        content["fields"] = error.fields
    response = jsonify({**content, **{k: _plain(v) for k, v in error.data.items() if k != "retry_after"}})
    response.status_code = error.status
    response.content_type = "application/problem+json"
    if error.status == 401 and request.path.startswith(API):
        response.headers["WWW-Authenticate"] = 'Bearer realm="Parvis"'
    return _with_retry(response, error)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _detail(error: AppError) -> str:
    """What to correct; nothing for what may not be known."""
    if error.status == 404:
        return ""
    return " ".join([str(error), *getattr(error, "fields", {}).values()])


def _typed() -> list[str]:
    """What was written in the refused form; nothing when it may come from another site."""
    if request.method not in UNSAFE:
        return []
    try:
        _require_own_origin()
        return [written for name in WRITTEN if (written := request.form.get(name, "").strip())]
    except (AppError, HTTPException):
        return []


def _with_retry(response: Response, error: AppError) -> Response:
    if "retry_after" in error.data:
        response.headers["Retry-After"] = str(error.data["retry_after"])
    return response


def _refuse_http(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, RoutingException):
        return error.get_response()  # a redirect to the canonical path
    if error.response is not None:
        return cast("Response", error.response)  # already as it is to be read
    if isinstance(error, RequestEntityTooLarge):
        return refuse(errors.TooLarge())
    kind = _BY_STATUS.get(error.code or 400, AppError)
    refusal = kind()
    if error.code == 405:
        refusal = AppError(_("This can't be done here."))
        refusal.status, refusal.code = 405, "method_not_allowed"
    response = make_response(refuse(refusal))
    if error.code == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # type: ignore[attr-defined]
    return response


def _refuse_unexpected(error: Exception) -> ResponseReturnValue:
    if current_app.testing:
        raise error
    _log.exception("unexpected error on %s", request.endpoint)
    unexpected = AppError(_("Something went wrong on our side. Nothing was lost; please try again."))
    unexpected.status, unexpected.code = 500, "internal"
    return refuse(unexpected)


def _expect_little() -> None:
    """Only forms with files may be large: what is read in one piece costs many times its size."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]


def _refuse_foreign_hosts() -> None:
    if getattr(current_app.view_functions.get(request.endpoint or ""), "takes_any_host", False):
        return
    if not _origins().is_own_host(request.host):
        raise AppError(_("This address isn't the one Parvis is reached at."))


def _refuse_odd_paths() -> None:
    """No database text holds a NUL: nothing can be at such an address."""
    if "\0" in request.path:
        raise errors.NotFound


def _require_own_origin() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method not in UNSAFE or _has_bearer() or getattr(view, "takes_any_site", False):
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    own = _origins().is_own(origin, request.scheme, request.host)
    if (site in {"same-origin", "none"} and (own or origin is None)) or (site is None and own):
        return
    if site is None and origin is None and keys.same(request.form.get("csrf", ""), csrf_token()):
        return
    raise errors.Forbidden(
        _("This form has expired, or was sent from another site. Reload the page and try again.")
    )


def _require_signed_in() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is not None and not getattr(view, "is_public", False):
        person = actor()
        if person.is_suspended and not getattr(view, "takes_suspended", False):
            raise errors.Suspended(until=str(person.suspended_until))


def _finish(response: Response) -> Response:
    said = {name.lower() for name, _value in response.headers}
    ours = _SECURE_HEADERS if current_app.config["IS_SECURE"] else _HEADERS
    response.headers.extend([(name, value) for name, value in ours if name.lower() not in said])
    if "vary" in said:
        response.vary.add("Cookie")
    return response


def _origins() -> Origins:
    return cast("Origins", current_app.config["ORIGINS"])


def _has_bearer() -> bool:
    return request.headers.get("Authorization", "").startswith("Bearer ") and request.path.startswith(
        BY_TOKEN
    )


def _is_list(name: str) -> bool:
    return name.endswith("[]") or name == "attachments"


def _idempotency_key() -> str | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method != "POST" or getattr(view, "is_answered_anew", False):
        return None
    key = request.headers.get("Idempotency-Key") or request.form.get("idempotency")
    if key and len(key) > LONGEST_KEY:
        raise errors.Invalid(fields={"Idempotency-Key": _("Give a key of at most 200 characters.")})
    return key or None


def _body_read_whole() -> bytes:
    if request.mimetype == "multipart/form-data":
        files = [(name, f.filename, _digest(f.stream)) for name, f in request.files.items(multi=True)]
        return repr((sorted(request.form.items(multi=True)), files)).encode()
    return (
        request.get_data(cache=True, parse_form_data=False)
        or repr(sorted(request.form.items(multi=True))).encode()
    )


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.file_digest(cast("Any", stream), "sha256").hexdigest()
    stream.seek(0)
    return digest


def _response(stored: idempotency.Stored) -> Response:
    response = Response(stored.body, stored.status, content_type=stored.mime or None)
    if stored.location:
        response.headers["Location"] = stored.location
    return response


def _quoted(path: str) -> str:
    return quote(path)
