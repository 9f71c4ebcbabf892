"""The sign-in form: plain HTML, so that password managers know it and the cookie can be kept from all scripts.

The key is tried against the API, then stays on this side; the browser gets an opaque token.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from core.app import installed_apps
from ui.client import ApiProblem, Client, KeyRefused
from ui.gate import SIGN_IN
from ui.sessions import COOKIE, LIFETIME, Sessions
from ui.text import escaped

MOST_BYTES = 4_096  # of a form with one key in it
_FORM = Path(__file__).with_name("sign_in.html")
_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class _Directory(BaseModel):
    """Anybody with a key may read the directory of apps; what it lists is of no interest here."""

    apps: list[object]


def sign_in_route(sessions: Sessions, connect: Callable[[str], Client]) -> Route:
    """Build the route of the form.

    connect: makes the client for a key
    """

    async def sign_in(request: Request) -> Response:
        then = _inside(request.query_params.get("next", "/"))
        if request.method != "POST":
            signed_in = sessions.key(request.cookies.get(COOKIE)) is not None
            ended = "Your session has ended, or your key no longer works." if "ended" in request.query_params else ""
            return RedirectResponse(then, 303) if signed_in else _form(ended)
        if not _from_here(request):
            return _form("This form was sent from another site. Sign in here.", 403)
        key = await _sent_key(request)
        if key is None:
            return _form("This does not look like an API key: it begins with trv_ and has no spaces.", 422)
        try:
            await run_in_threadpool(connect(key).get, "/v1/apps", _Directory)
        except (ApiProblem, KeyRefused) as problem:
            return _form(str(problem), problem.status or 502)
        answer = RedirectResponse(then, 303)
        answer.set_cookie(
            COOKIE,
            sessions.begin(key),
            max_age=int(LIFETIME.total_seconds()),
            httponly=True,
            samesite="lax",  # a link in a ticket should find its reader signed in; nothing here is changed by GET
            secure=request.url.scheme == "https",
        )
        return answer

    return Route(SIGN_IN, sign_in, methods=["GET", "POST"])


def _form(problem: str = "", status: int = 200) -> HTMLResponse:
    notice = f'<p class="problem" id="problem" role="alert">{escaped(problem)}</p>' if problem else ""
    about = "".join(
        f"<li><b>{escaped(app.title)}</b> {escaped(app.summary)}</li>" for app in installed_apps()[0] if app.dashboard
    )
    page = Template(_FORM.read_text(encoding="utf-8")).substitute(
        problem=notice, about=about, invalid='aria-invalid="true" aria-describedby="problem"' if problem else ""
    )
    return HTMLResponse(page, status, {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"})


async def _sent_key(request: Request) -> str | None:
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MOST_BYTES:
        return None
    sent = (await request.form()).get("key")
    key = sent.strip() if isinstance(sent, str) else ""
    fits = key.startswith("trv_") and key.isascii() and key.isprintable() and " " not in key
    return key if fits else None


def _from_here(request: Request) -> bool:
    """Whether the browser says that the form came from this site; browsers older than that header say nothing."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _inside(address: str) -> str:
    """A path on this site: an address elsewhere becomes the front page.

    >>> _inside("/?q=fees"), _inside("//example.org"), _inside("https://example.org")
    ('/?q=fees', '/', '/')
    """
    is_path = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_path and not urlsplit(address).netloc else "/"
