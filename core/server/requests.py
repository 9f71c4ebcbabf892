"""One request from first byte to last: id, headers, log line, metrics, and the last resort when all else fails."""

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.auth.access import CALLER, Caller
from core.auth.limits import Window
from core.auth.middleware import WINDOW
from core.errors import TriviumError
from core.server.problems import InternalError, problem_response
from core.telemetry import REQUEST_ID, HttpMetrics

UNMATCHED = "unmatched"
"""Stands for the route in logs and metrics when no route has the path: paths are anybody's words."""

_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# Added unless a route set its own: the documentation page does.
_DEFAULTS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)

_log = logging.getLogger(__name__)


class RequestContext:
    """The outermost middleware.

    route: finds the template of the route that an endpoint serves, "/v1/models/{id}"
    """

    def __init__(self, app: ASGIApp, *, metrics: HttpMetrics, route: Callable[[object], str | None]) -> None:
        self._app = app
        self._metrics = metrics
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope["headers"])
        token = REQUEST_ID.set(request_id)
        began = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _headers(message.get("headers", ()), request_id, scope)
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except TriviumError as error:  # from a middleware inside
            if status != 0:
                raise
            await problem_response(error, path=scope["path"])(scope, receive, answer)
        except Exception:
            # Its message may quote the request, so the log gets its type and its frames alone.
            _log.exception("unhandled exception", extra={"route": self._template(scope)})
            if status != 0:
                raise  # half an answer is out: the server must break the connection off
            await problem_response(InternalError(), path=scope["path"])(scope, receive, answer)
        finally:
            self._note(scope, status, time.perf_counter() - began)
            REQUEST_ID.reset(token)

    def _template(self, scope: Scope) -> str:
        return self._route(scope.get("endpoint")) or UNMATCHED

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = self._template(scope)
        self._metrics.observe(method, route, status, seconds)
        caller = scope.get(CALLER)
        fields = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 2)}
        if isinstance(caller, Caller):
            fields["key"] = caller.prefix
        routine = status == 200 and route.startswith(("/health/", "/metrics"))  # every few seconds, for ever
        _log.log(logging.DEBUG if routine else logging.INFO, "request", extra=fields)


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name == b"x-request-id" and _ID.fullmatch(value):
            return value.decode()
    return uuid.uuid4().hex


def _headers(headers: Iterable[tuple[bytes, bytes]], request_id: str, scope: Scope) -> list[tuple[bytes, bytes]]:
    own = list(headers)
    present = {name.lower() for name, _ in own}
    own += [header for header in _DEFAULTS if header[0] not in present]
    own.append((b"x-request-id", request_id.encode()))
    window = scope.get(WINDOW)
    if isinstance(window, Window):
        own += (
            (b"x-ratelimit-limit", str(window.limit).encode()),
            (b"x-ratelimit-remaining", str(window.remaining).encode()),
            (b"x-ratelimit-reset", str(window.reset_s).encode()),
        )
    return own
