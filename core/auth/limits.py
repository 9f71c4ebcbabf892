"""How much a key may do in a minute, and how often an address may guess. Says nothing about who may do what.

Fixed windows of a minute that open with the first request: a client can read in the headers when it may go
on. The price, up to twice the limit across the edge of two windows, is fine for a guard against runaway
clients. With `memory://` each process counts for itself, so a key gets its limit once per worker; use Redis
to share the count.
"""

import ipaddress
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from core.auth.counters import LocalCounters
from core.errors import Misconfigured, Overloaded, TooLarge, TooManyRequests

FAILURES_PER_MINUTE = 20  # a person who pastes a wrong key never gets there, a program that guesses does at once


@dataclass(frozen=True)
class Window:
    """How much of a minute's requests is left. reset_s: seconds until the next minute begins, rounded up"""

    limit: int
    remaining: int
    reset_s: int


class RequestsUsedUp(TooManyRequests):
    """The key's requests of this minute are spent."""

    def __init__(self, window: Window) -> None:
        super().__init__(
            f"this key's {window.limit:,} requests a minute are used up",
            remedy=f"wait {window.reset_s} s, or ask for a higher limit",
        )
        self.retry_after_s = window.reset_s
        self.window = window


class TokensUsedUp(TooManyRequests):
    """The key's tokens of this minute are spent."""

    def __init__(self, limit: int, left: int, asked: int, reset_s: int) -> None:
        super().__init__(
            f"this request has {asked:,} tokens, but of the key's {limit:,} a minute only {left:,} are left",
            remedy=f"wait {reset_s} s, or send less text at a time",
        )
        self.retry_after_s = reset_s


class TooManyTokens(TooLarge):
    """One request has more tokens than the key may spend in a whole minute: waiting would not help."""

    def __init__(self, limit: int, asked: int) -> None:
        super().__init__(
            f"this request has {asked:,} tokens, more than the key's {limit:,} a minute",
            remedy="split it into smaller requests",
        )


class TooManyFailures(TooManyRequests):
    """An address sent too many keys that do not exist."""

    def __init__(self, reset_s: int) -> None:
        super().__init__(
            "too many requests with a wrong API key came from this address",
            remedy=f"wait {reset_s} s, check the key",
        )
        self.retry_after_s = reset_s


class Limits:
    """Counters in memory or in a shared store.

    is_local: counting takes microseconds and never blocks, so it may run on the event loop
    time: gives Unix seconds; used in memory only, a shared store has its own
    raises: Misconfigured when the storage cannot be opened
    """

    def __init__(self, storage: str = "memory://", time: Callable[[], float] = time.time) -> None:
        self.is_local = storage.startswith("memory://")
        self._time = time
        self._counter = FixedWindowRateLimiter(LocalCounters(time) if self.is_local else _open(storage))

    def take_request(self, key_id: int, per_minute: int) -> Window:
        """Count one request.

        raises: RequestsUsedUp; Overloaded when the storage does not answer
        """
        item, name = _minute(per_minute), f"requests:{key_id}"
        try:
            allowed = self._counter.hit(item, name)
            window = self._window(item, name)
        except StorageError as error:
            raise _away() from error
        if not allowed:
            raise RequestsUsedUp(window)
        return window

    def take_tokens(self, key_id: int, per_minute: int, tokens: int) -> None:
        """Spend tokens; a refused request spends none.

        raises: TooManyTokens, TokensUsedUp; Overloaded when the storage does not answer
        """
        if tokens > per_minute:
            raise TooManyTokens(per_minute, tokens)
        item, name = _minute(per_minute), f"tokens:{key_id}"
        try:
            if not self._counter.test(item, name, cost=tokens):
                window = self._window(item, name)
                raise TokensUsedUp(per_minute, window.remaining, tokens, window.reset_s)
            self._counter.hit(item, name, cost=tokens)
        except StorageError as error:
            raise _away() from error

    def check_address(self, address: str) -> None:
        """raises: TooManyFailures when this address has guessed too often within a minute"""
        item, name = _minute(FAILURES_PER_MINUTE), f"failures:{_network(address)}"
        try:
            if not self._counter.test(item, name):
                raise TooManyFailures(self._window(item, name).reset_s)
        except StorageError as error:
            raise _away() from error

    def note_failure(self, address: str) -> None:
        """Count one wrong key from this address."""
        try:
            self._counter.hit(_minute(FAILURES_PER_MINUTE), f"failures:{_network(address)}")
        except StorageError as error:
            raise _away() from error

    def _window(self, item: RateLimitItem, name: str) -> Window:
        reset_at, remaining = self._counter.get_window_stats(item, name)
        return Window(item.amount, remaining, max(1, math.ceil(reset_at - self._time())))


@lru_cache(maxsize=1024)
def _minute(amount: int) -> RateLimitItem:
    return RateLimitItemPerMinute(amount)


@lru_cache(maxsize=1024)
def _network(address: str) -> str:
    # one customer holds a whole IPv6 /64, so single addresses would be no limit at all
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else address


def _open(storage: str) -> Storage:
    try:
        opened = storage_from_string(storage, wrap_exceptions=True)
    except (ConfigurationError, ImportError, ValueError) as error:
        raise _unusable(storage) from error
    if not isinstance(opened, Storage):  # the "async+…" kind, which these synchronous counters cannot use
        raise _unusable(storage)
    return opened


def _unusable(storage: str) -> Misconfigured:
    return Misconfigured(
        f"limits cannot be counted in {storage.partition('://')[0]!r}",
        remedy="set TRIVIUM_LIMITS_STORAGE to memory:// or redis://host:6379 (with the redis package installed)",
    )


def _away() -> Overloaded:
    return Overloaded(
        "the store that counts the limits does not answer", remedy="check TRIVIUM_LIMITS_STORAGE, try again"
    )
