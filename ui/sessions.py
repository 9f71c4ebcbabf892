"""Who is signed in: an opaque token in the browser's cookie, the API key on this side. Writes nothing to disk."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from threading import Lock

from core.clock import Clock, system_clock

COOKIE = "trivium_session"
LIFETIME = timedelta(hours=12)  # one working day
MOST = 10_000  # sessions in memory; the oldest gives way


@dataclass
class Sessions:
    """The sessions of this process. A restart forgets them, and everybody signs in again.

    >>> sessions = Sessions(system_clock)
    >>> token = sessions.begin("trv_key")
    >>> sessions.key(token), sessions.key("made up")
    ('trv_key', None)
    """

    clock: Clock
    _held: dict[str, tuple[str, datetime]] = field(default_factory=dict, repr=False)  # token -> (key, its end)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def begin(self, key: str) -> str:
        """Remember a key that the API accepted. returns: the token for the cookie, 256 random bits"""
        token = secrets.token_urlsafe(32)
        now = self.clock()
        with self._lock:
            self._held = {old: held for old, held in self._held.items() if now < held[1]}
            if len(self._held) >= MOST:
                del self._held[next(iter(self._held))]
            self._held[token] = (key, now + LIFETIME)
        return token

    def key(self, token: str | None) -> str | None:
        """The key behind a token; None when there is none or its twelve hours are over."""
        key, end = self._held.get(token or "", (None, None))
        return key if end is not None and self.clock() < end else None

    def end(self, token: str | None) -> None:
        """Forget a token, here and at once, in every tab that has it."""
        with self._lock:
            self._held.pop(token or "", None)


@cache
def sessions() -> Sessions:
    """The one set of sessions that the sign-in form fills and the pages read."""
    return Sessions(system_clock)
