"""From a presented key to what is known about it, without SQL on the hot path. Allows and forbids nothing.

A key that was found is remembered for five seconds, under the SHA-256 of what was presented, never in the
clear. So a key that is revoked by any process stops working everywhere within five seconds; expiry is checked
on every request.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from anyio import to_thread

from core.auth.keys import USE_NOTED_EVERY, Key, find_key, note_use
from core.auth.limits import Limits
from core.clock import Clock
from core.database import Database
from core.errors import TriviumError, Unauthorized

REMEMBERED_FOR = timedelta(seconds=5)
_log = logging.getLogger(__name__)


class WrongKey(Unauthorized):
    """The presented key does not exist."""

    def __init__(self) -> None:
        super().__init__("the API key is not valid", remedy="check it, or create one with `trivium keys create`")


class EndedKey(Unauthorized):
    """The presented key existed once. Said plainly: whoever holds the whole secret may know."""

    def __init__(self, how: str) -> None:
        super().__init__(f"the API key {how}", remedy="create a new one with `trivium keys create`")


@dataclass
class _Known:
    key: Key
    read_at: datetime
    use_noted_at: datetime | None


class KeyRing:
    """The keys that this process has met. Lives on the event loop: one thread touches the memory.

    Only keys that exist are remembered, so made-up ones cannot fill the memory.
    """

    def __init__(self, database: Database, limits: Limits, clock: Clock) -> None:
        self._database = database
        self._limits = limits
        self._clock = clock
        self._known: dict[bytes, _Known] = {}
        self._notes: set[asyncio.Task[None]] = set()

    async def identify(self, secret: str, address: str) -> Key:
        """Find the key and see that it is in force.

        address: where the request came from; guesses are counted under it. A key that worked here before is
        looked up
            even when its address is blocked, so a neighbour behind the same router cannot shut others out
        raises: WrongKey, EndedKey, TooManyFailures; Overloaded when the database does not answer
        """
        digest = hashlib.sha256(secret.encode()).digest()
        now = self._clock()
        known = self._known.get(digest)
        if known is None or not timedelta(0) <= now - known.read_at < REMEMBERED_FOR:
            known = await self._look_up(digest, secret, address, now)
        if known.key.revoked_at is not None:
            raise EndedKey("was revoked")
        if not known.key.is_valid(now):
            raise EndedKey("has expired")
        if known.use_noted_at is None or now - known.use_noted_at >= USE_NOTED_EVERY:
            known.use_noted_at = now
            self._note_use_later(known.key.id, now)
        return known.key

    async def close(self) -> None:
        """Wait until uses that were noted are written."""
        await asyncio.gather(*self._notes)

    async def _look_up(self, digest: bytes, secret: str, address: str, now: datetime) -> _Known:
        before = self._known.get(digest)
        if before is None:
            await self._count(self._limits.check_address, address)
        key = await to_thread.run_sync(find_key, self._database, secret)
        if key is None:
            self._known.pop(digest, None)
            await self._count(self._limits.note_failure, address)
            raise WrongKey
        known = _Known(key, now, before.use_noted_at if before else key.last_used_at)
        self._known[digest] = known
        return known

    async def _count(self, counting: Callable[[str], None], address: str) -> None:
        if self._limits.is_local:
            counting(address)
        else:
            await to_thread.run_sync(counting, address)

    def _note_use_later(self, key_id: int, now: datetime) -> None:
        # Beside the request: a long import may hold SQLite's write lock for seconds, and nobody should wait
        # for a note.
        task = asyncio.create_task(self._note_use(key_id, now))
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _note_use(self, key_id: int, now: datetime) -> None:
        try:
            await to_thread.run_sync(note_use, self._database, key_id, now)
        except TriviumError:
            _log.warning("the use of a key could not be noted", exc_info=True)
