"""What comes in is bounded and clean before anything parses it: ASGI middleware. Reads no more than it must.

Refused here: bodies over the limit (by their stated length, or while they arrive), large bodies without a key, NUL
characters and half characters (lone surrogates) in JSON, NUL in addresses. The last two would pass validation as text
and then be refused by the database in the middle of the work.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.auth.access import CALLER, NoKey
from core.errors import Invalid, TooLarge, TriviumError
from core.server.problems import Refused

MOST_BYTES_WITHOUT_KEY = 65_536  # a body is read and parsed before its route asks for a key

_JSON = b"application/json"

# A \u0000, or half of a pair of surrogates. A match may still be escaped itself ("\\u0000"), so it is only a suspicion.
_SUSPECT = re.compile(
    rb"\\u(?:0000|[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F]))"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)


class BodyTooLarge(TooLarge):
    """More bytes than are accepted in one request."""

    def __init__(self, most: int) -> None:
        super().__init__(f"the request has more than {most:,} bytes", remedy="send it in smaller parts")


class UnusableCharacter(Invalid):
    """A character that no database keeps."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where} holds a NUL or a broken Unicode character", remedy="remove it, and send JSON as UTF-8"
        )


class CleanBodies:
    """Guard the way in. most_bytes: of one request body

    raises (to the middleware outside, before the body is read): BodyTooLarge, NoKey, UnusableCharacter
    """

    def __init__(self, app: ASGIApp, *, most_bytes: int) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if b"%00" in scope.get("raw_path", b"") or b"%00" in scope["query_string"]:
            raise UnusableCharacter("the address")
        length, kind = _described(scope["headers"])
        most, excess = self._bound(scope)
        if length is not None and length > most:
            raise excess
        incoming = _Incoming(receive, most, excess, _CHECKS.get(kind))
        await self._app(scope, incoming.receive, send)

    def _bound(self, scope: Scope) -> tuple[int, TriviumError]:
        """How many bytes may come, and what to say when more do."""
        if CALLER not in scope and self._most_bytes > MOST_BYTES_WITHOUT_KEY:
            return MOST_BYTES_WITHOUT_KEY, NoKey()
        return self._most_bytes, BodyTooLarge(self._most_bytes)


class _Incoming:
    """The body of one request on its way in."""

    def __init__(
        self, receive: Receive, most: int, excess: TriviumError, check: Callable[[bytes], None] | None
    ) -> None:
        self._receive = receive
        self._most = most
        self._excess = excess
        self._check = check
        self._chunks: list[bytes] = []
        self._size = 0

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] != "http.request":
            return message
        chunk = message.get("body", b"")
        self._size += len(chunk)
        if self._size > self._most:
            raise Refused(self._excess)
        if self._check is not None:
            self._chunks.append(chunk)  # the same bytes that the framework collects, not a copy
            if not message.get("more_body", False):
                self._check(chunk if len(self._chunks) == 1 else b"".join(self._chunks))
                self._chunks.clear()
        return message


def _described(headers: Iterable[tuple[bytes, bytes]]) -> tuple[int | None, bytes]:
    """The stated length of the body, and its media type; any kind of JSON is application/json."""
    length, kind = None, b""
    for name, value in headers:
        if name == b"content-length" and value.isdigit():
            length = int(value)
        elif name == b"content-type":
            kind = value.split(b";", 1)[0].strip().lower()
            kind = _JSON if kind.endswith(b"+json") else kind
    return length, kind


def _check_json(body: bytes) -> None:
    """raises: Refused when the JSON holds what no database keeps"""
    if b"\x00" in body:  # JSON in UTF-16 or UTF-32 too: it is full of them
        raise Refused(UnusableCharacter("the body"))
    if _SUSPECT.search(body) is None:
        return
    try:
        text = json.dumps(json.loads(body), ensure_ascii=False)
    except (ValueError, RecursionError):
        return  # not JSON at all: the parser says so in its own words
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused(UnusableCharacter("the body")) from None
    if "\\u0000" in text.replace("\\\\", ""):
        raise Refused(UnusableCharacter("the body"))


def _check_form(body: bytes) -> None:
    """raises: Refused when a field of an URL-encoded form holds NUL"""
    if b"%00" in body or b"\x00" in body:
        raise Refused(UnusableCharacter("the body"))


_CHECKS: Mapping[bytes, Callable[[bytes], None]] = {
    _JSON: _check_json,
    b"application/x-www-form-urlencoded": _check_form,
}
