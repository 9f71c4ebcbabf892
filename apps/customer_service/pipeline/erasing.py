"""One customer's data everywhere, and what is older than may be kept: gone from tables, files and memory.

What hangs on a conversation goes with it by foreign key. Answers that are kept for an Idempotency-Key are looked
through. What processes hold in memory goes as soon as they see the new erasure (`FORGETS_EVERY_S`). The index holds no
conversation, logs hold nobody's words.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic_core import to_json

from apps.customer_service.schemas.erasing import Erased
from apps.customer_service.store.erasure import Erasures, Found
from core.backend.encoder import forget
from core.clock import Clock
from core.errors import Overloaded
from core.idempotency.answers import Answers
from core.remembering import forget_texts

FORGETS_EVERY_S = 5.0
LOOKS_FOR_OLD_ONES_EVERY_S = 3_600.0
SHORTEST_TRACE = 8  # bytes; "yes" in an answer that names neither the chat nor the customer tells of nobody

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Eraser:
    """memories: what remembers texts in this process: its encoder, its trained models"""

    erasures: Erasures
    answers: Answers
    memories: Sequence[object]
    clock: Clock

    def erase(self, customer: str) -> Erased:
        """Erase all that is kept of a customer; what comes in while it runs is new and stays.

        raises: Overloaded when all is deleted but the database's log could not be emptied; erasing once more does that
        """
        found = self.erasures.of_customer(customer)
        traces = _traces(customer, found)
        answers = self.answers.forget_mentioning(traces)  # first: once the chats are gone nobody knows what to look for
        conversations, entries = self.erasures.erase(found.conversations, "customer")
        answers += self.answers.forget_mentioning(traces)  # of requests that were under way
        _forget(self.memories)
        self.erasures.database.scrub()
        return Erased(conversations=conversations, entries=entries, answers=answers)

    def erase_old(self, days: int) -> int:
        """Delete conversations that have not changed for so many days. returns: how many"""
        gone = 0
        while chats := self.erasures.unchanged_since(self.clock() - timedelta(days=days)):
            gone += self.erasures.erase(chats, "retention")[0]
        if gone:
            _log.info("old conversations were deleted", extra={"conversations": gone})
            _forget(self.memories)
            try:
                self.erasures.database.scrub()
            except Overloaded:  # the next round with something to delete, or the database's own, empties the log
                _log.warning("the database's log could not be emptied", exc_info=True)
        return gone


class Forgetting:
    """Lets one process forget the texts that it remembers, whenever another one has erased somebody."""

    def __init__(self, erasures: Erasures, memories: Sequence[object]) -> None:
        self._erasures = erasures
        self._memories = memories
        self._seen = 0

    def look(self) -> None:
        """Forget if there is a new erasure."""
        newest = self._erasures.newest()
        if newest > self._seen:
            _forget(self._memories)
            self._seen = newest


def _forget(memories: Sequence[object]) -> None:
    """Which remembered texts were whose is not known: all of them go, and are computed anew when they come again."""
    forget_texts()
    for memory in memories:
        forget(memory)


def _traces(customer: str, found: Found) -> list[bytes]:
    """What gives an answer away: as it is written in JSON."""
    texts = [to_json(text)[1:-1] for text in found.texts]
    return [*(chat.encode() for chat in found.conversations), to_json(customer), *_long(texts)]


def _long(texts: list[bytes]) -> list[bytes]:
    return [text for text in texts if len(text) >= SHORTEST_TRACE]
