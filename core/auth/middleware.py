"""Know the caller before a byte of the body is read: ASGI middleware. What they may do is the route's question."""

from collections.abc import Iterable
from functools import partial

from anyio import to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from core.auth.access import CALLER, Caller
from core.auth.keys import Key
from core.auth.limits import Limits, RequestsUsedUp, Window
from core.auth.verify import KeyRing, WrongKey

WINDOW = "trivium.window"
"""Where the state of the key's minute stands in the ASGI scope, for the response headers."""


class Authentication:
    """Put the caller into the scope, count the request against the key's minute.

    requests_per_minute, tokens_per_minute: for keys that have no limit of their own
    raises (to the middleware outside): WrongKey, EndedKey, TooManyFailures, RequestsUsedUp
    """

    def __init__(
        self, app: ASGIApp, *, ring: KeyRing, limits: Limits, requests_per_minute: int, tokens_per_minute: int
    ) -> None:
        self._app = app
        self._ring = ring
        self._limits = limits
        self._requests = requests_per_minute
        self._tokens = tokens_per_minute

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (secret := presented_key(scope["headers"])) is not None:
            client = scope.get("client")
            key = await self._ring.identify(secret, client[0] if client else "unknown")
            scope[CALLER] = self._caller(key)
            scope[WINDOW] = await self._take_request(key, scope)
        await self._app(scope, receive, send)

    async def _take_request(self, key: Key, scope: Scope) -> Window:
        per_minute = key.requests_per_minute or self._requests
        try:
            if self._limits.is_local:
                return self._limits.take_request(key.id, per_minute)
            return await to_thread.run_sync(self._limits.take_request, key.id, per_minute)
        except RequestsUsedUp as error:
            scope[WINDOW] = error.window
            raise

    def _caller(self, key: Key) -> Caller:
        per_minute = key.tokens_per_minute or self._tokens
        spend = partial(self._limits.take_tokens, key.id, per_minute)
        return Caller(key.id, key.name, key.prefix, frozenset(key.scopes), spend)


def presented_key(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The key that came along, as `Authorization: Bearer …` or `X-API-Key`; None when there is neither.

    raises: WrongKey for another kind of authorization, or two different keys
    """
    found: set[str] = set()
    for name, value in headers:
        if name == b"authorization":
            scheme, _, secret = value.decode("latin-1").partition(" ")
            if scheme.lower() != "bearer":
                raise WrongKey
            found.add(secret.strip())
        elif name == b"x-api-key":
            found.add(value.decode("latin-1").strip())
    if len(found) > 1:
        raise WrongKey
    return found.pop() if found else None
