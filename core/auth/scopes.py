"""What a key may be allowed to do. Names no app: each brings its own scopes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.app import App

ADMIN = "admin"

CORE_SCOPES: Mapping[str, str] = {
    "models:read": "list the models that are served",
    "embeddings:write": "turn texts into vectors",
    "models:use": "ask trained models for labels or numbers",
    ADMIN: "everything",
}


def known_scopes(apps: Iterable[App]) -> dict[str, str]:
    """Every scope there is, with what it allows in plain words: core's, then each app's.

    >>> sorted(known_scopes([]))
    ['admin', 'embeddings:write', 'models:read', 'models:use']
    """
    scopes = dict(CORE_SCOPES)
    for app in apps:
        scopes.update(app.scopes)
    return scopes


def grants(held: Collection[str], scope: str) -> bool:
    """Whether these scopes allow that one. The empty scope asks for any valid key.

    >>> grants({"support:read"}, "support:write"), grants({"admin"}, "support:write"), grants(set(), "")
    (False, True, True)
    """
    return not scope or scope in held or ADMIN in held
