"""What a router says about access: `Depends(require("support:read"))`. The middleware looked the key up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from core.auth.scopes import grants
from core.errors import Forbidden, Unauthorized

CALLER = "trivium.caller"
"""Where the middleware leaves the caller in the ASGI scope."""

# These only tell the OpenAPI page what to ask for.
_BEARER = HTTPBearer(auto_error=False, description="`Authorization: Bearer trv_…`")
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="`X-API-Key: trv_…`")


class NoKey(Unauthorized):
    """The request brought no key."""

    def __init__(self) -> None:
        super().__init__("this needs an API key", remedy="send it as `Authorization: Bearer trv_…`")


class MissingScope(Forbidden):
    """The key does not allow this."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"this key lacks the scope {scope!r}", remedy="use a key that has it")


def _free(tokens: int) -> None:
    """Tokens are not counted."""


@dataclass(frozen=True)
class Caller:
    """Whose request this is. prefix: the key's public handle, safe to log

    spend_tokens: counts model tokens against the key's minute; raises TokensUsedUp or TooManyTokens before
    work is done.
        It may ask a store over the network: call it where blocking is allowed (a `def` endpoint, a worker
        thread)
    """

    key_id: int
    name: str
    prefix: str
    scopes: frozenset[str]
    spend_tokens: Callable[[int], None] = field(default=_free, repr=False, compare=False)

    def may(self, scope: str) -> bool:
        """Whether the key allows this."""
        return grants(self.scopes, scope)


@dataclass(frozen=True)
class Require:
    """A FastAPI dependency that gives the caller. scope: what the key must allow; empty: any valid key"""

    scope: str

    async def __call__(
        self,
        request: Request,
        _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)] = None,
        _header: Annotated[str | None, Security(_HEADER)] = None,
    ) -> Caller:
        """raises: NoKey, MissingScope"""
        caller = request.scope.get(CALLER)
        if not isinstance(caller, Caller):
            raise NoKey
        if not caller.may(self.scope):
            raise MissingScope(self.scope)
        return caller


def require(scope: str = "") -> Require:
    """Ask for a key with this scope.

    >>> require("support:read").scope
    'support:read'
    """
    return Require(scope)


async def public() -> None:
    """Say that anybody may call this route, on purpose. The app contract asks each route for this or `require`."""
