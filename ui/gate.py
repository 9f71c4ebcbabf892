"""Keep strangers at the sign-in page: ASGI middleware. Knows no API and no Streamlit.

WebSockets pass: the page behind asks for the session again on every run (`ui.pages`), and can send the browser to the
sign-in page when twelve hours are over, which a refused socket could not.
"""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.sessions import COOKIE, Sessions

SIGN_IN = "/sign-in"
OPEN = (SIGN_IN, "/static/", "/favicon.png", "/_stcore/health", "/_stcore/host-config")
"""Addresses without a secret: the form, Streamlit's own scripts, and what its front end asks while it reconnects."""


class Gate:
    """Let requests with a session pass; send page visits to the form, and answer all else with 401."""

    def __init__(self, app: ASGIApp, *, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(OPEN):
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        if self._sessions.key(request.cookies.get(COOKIE)) is not None:
            await self._app(scope, receive, send)
        elif scope["method"] in {"GET", "HEAD"} and "text/html" in request.headers.get("accept", ""):
            await RedirectResponse(sign_in_address(_asked(scope)), 303)(scope, receive, send)
        else:
            await PlainTextResponse("Sign in first.", 401)(scope, receive, send)


def sign_in_address(then: str) -> str:
    """Where the form is, and where it leads afterwards.

    >>> sign_in_address("/?q=fees")
    '/sign-in?next=%2F%3Fq%3Dfees'
    """
    return f"{SIGN_IN}?{urlencode({'next': then})}"


def _asked(scope: Scope) -> str:
    query: bytes = scope["query_string"]
    path: str = scope["path"]
    return f"{path}?{query.decode('latin-1')}" if query else path
