"""Entries as they come, to everybody who listens in this process, at the price of one small query a poll for all.

A listener is entered first, then reads what lies behind it, then takes what the poll brings: nothing falls between, and
what comes twice is passed over by its number.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from functools import partial

from anyio import to_thread

from apps.customer_service.store.conversations import Conversations
from apps.customer_service.store.tables import EntryRow
from core.errors import Overloaded

POLLS_EVERY_S = 0.3
HEARTBEAT_S = 15.0  # proxies close connections that are silent for a minute, some for half of one
MOST_LISTENERS = 2_000

_log = logging.getLogger(__name__)

_Inbox = asyncio.Queue[EntryRow | None]  # None: nothing more will come


class TooManyListeners(Overloaded):
    """The process holds as many open streams as it may."""

    retry_after_s = 5

    def __init__(self) -> None:
        super().__init__(f"{MOST_LISTENERS:,} clients listen already", remedy="try again in a while")


class Following:
    """All listeners of one process, on one event loop. stopping: set when the server is told to stop"""

    def __init__(self, conversations: Conversations, stopping: threading.Event) -> None:
        self._conversations = conversations
        self._stopping = stopping
        self._inboxes: dict[str, set[_Inbox]] = {}
        self._known: dict[str, int] = {}
        self._count = 0
        self._poll: asyncio.Task[None] | None = None

    def check_room(self) -> None:
        """raises: TooManyListeners"""
        if self._count >= MOST_LISTENERS:
            raise TooManyListeners

    async def follow(self, chat: str, after: int, lasting_s: float) -> AsyncIterator[EntryRow | None]:
        """Each entry behind `after`, once, in order; None now and then, where for a while there is none.

        lasting_s: ends after so many seconds; it ends too when the server stops or the conversation is erased
        raises: NoSuchConversation; Overloaded when the database does not answer at the beginning
        """
        newest = (await to_thread.run_sync(self._conversations.get, chat)).last_number
        after = min(after, newest)
        clock = asyncio.get_running_loop().time
        ends_at = clock() + lasting_s
        inbox: _Inbox = asyncio.Queue()
        self._enter(chat, inbox, newest)
        try:
            for entry in await to_thread.run_sync(partial(self._conversations.entries, chat, after=after)):
                after = entry.number
                yield entry
            while (left := ends_at - clock()) > 0:
                try:
                    come = await asyncio.wait_for(inbox.get(), min(HEARTBEAT_S, left))
                except TimeoutError:
                    yield None
                    continue
                if come is None:
                    return
                if come.number > after:
                    after = come.number
                    yield come
        finally:
            self._leave(chat, inbox)

    def _enter(self, chat: str, inbox: _Inbox, newest: int) -> None:
        self._inboxes.setdefault(chat, set()).add(inbox)
        self._known.setdefault(chat, newest)
        self._count += 1
        if self._poll is None or self._poll.done():
            self._poll = asyncio.create_task(self._keep_polling())

    def _leave(self, chat: str, inbox: _Inbox) -> None:
        self._count -= 1
        self._inboxes[chat].discard(inbox)
        if not self._inboxes[chat]:
            del self._inboxes[chat], self._known[chat]

    async def _keep_polling(self) -> None:
        while self._inboxes:
            await asyncio.sleep(POLLS_EVERY_S)
            if self._stopping.is_set():
                self._end(list(self._inboxes))
                return
            try:
                news, gone = await to_thread.run_sync(self._look, dict(self._known))
            except Exception:  # noqa: BLE001  a poll may fail in any way; those who listen wait for the next one
                _log.exception("conversations could not be polled")
                continue
            self._end(gone)
            for entry in news:
                for inbox in self._inboxes.get(entry.conversation_id, ()):
                    inbox.put_nowait(entry)
                if entry.conversation_id in self._known:
                    known = self._known[entry.conversation_id]
                    self._known[entry.conversation_id] = max(known, entry.number)

    def _look(self, known: dict[str, int]) -> tuple[list[EntryRow], list[str]]:
        """returns: entries behind those that are known, and conversations that are gone"""
        newest = self._conversations.last_numbers(list(known))
        changed = [chat for chat, number in newest.items() if number > known[chat]]
        news = [entry for chat in changed for entry in self._conversations.entries(chat, after=known[chat])]
        return news, [chat for chat in known if chat not in newest]

    def _end(self, chats: list[str]) -> None:
        for chat in chats:
            for inbox in self._inboxes.get(chat, ()):
                inbox.put_nowait(None)
