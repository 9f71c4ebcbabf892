"""Answers on their way into the database: many at a time, behind the requests' backs."""

from __future__ import annotations

import logging
import threading

from apps.recommender.store.answers import Given, keep_answers
from core.database import Database
from core.errors import TriviumError

EVERY_S = 0.5
MOST = 20_000  # answers that wait; more are dropped: a database that is away must not fill the memory
_log = logging.getLogger(__name__)


class AnswerLog:
    """Keeps answers half a second after they were given; what waits when a process is killed is lost, no event is."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[Given] = []
        self._lock = threading.Lock()
        self._some = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, given: Given) -> None:
        """Keep an answer soon."""
        with self._lock:
            if len(self._waiting) < MOST:
                self._waiting.append(given)
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._work, name="recommend-answers", daemon=True)
                self._thread.start()
        self._some.set()

    def flush(self) -> None:
        """Write what waits."""
        with self._lock:
            some, self._waiting = self._waiting, []
        if some:
            keep_answers(self._database, some)

    def close(self) -> None:
        """Write what waits, and end."""
        self._closed.set()
        self._some.set()
        if self._thread is not None:
            self._thread.join(10)
        self._guarded()

    def _work(self) -> None:
        while not self._closed.is_set():
            self._some.wait()
            self._closed.wait(EVERY_S)
            self._some.clear()
            self._guarded()

    def _guarded(self) -> None:
        try:
            self.flush()
        except TriviumError:
            _log.exception("answers could not be kept for off-policy estimates")
