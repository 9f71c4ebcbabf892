"""What is kept of answers on its way into the database: many at a time, behind the requests' backs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from core.errors import TriviumError

EVERY_S = 0.5
MOST = 20_000  # of those that wait; more are dropped: a database that is away must not fill the memory
_log = logging.getLogger(__name__)

Kept = TypeVar("Kept")


class Log(Generic[Kept]):
    """Keeps things half a second after they happened; what waits when a process is killed is lost, no event is.

    name: of the thread;  write: keeps all of what it is given, or nothing of it
    """

    def __init__(self, name: str, write: Callable[[Sequence[Kept]], object]) -> None:
        self._name, self._write = name, write
        self._waiting: list[Kept] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._some = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, *some: Kept) -> None:
        """Keep something soon."""
        with self._lock:
            if len(self._waiting) < MOST:
                self._waiting.extend(some)
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
        self._some.set()

    def flush(self) -> None:
        """Write what waits. Who calls it finds all written that was added before."""
        with self._writing:
            with self._lock:
                some, self._waiting = self._waiting, []
            if some:
                self._written(some)

    def close(self) -> None:
        """Write what waits, and end."""
        self._closed.set()
        self._some.set()
        if self._thread is not None:
            self._thread.join(10)
        self.flush()

    def _work(self) -> None:
        while not self._closed.is_set():
            self._some.wait()
            self._closed.wait(EVERY_S)
            self._some.clear()
            self.flush()

    def _written(self, some: list[Kept]) -> None:
        try:
            self._write(some)
        except TriviumError:  # such as a database that is away for a moment: tried again with the next ones
            _log.exception("what waits could not be kept yet")
            with self._lock:
                self._waiting = [*some, *self._waiting][:MOST]
        except Exception:  # noqa: BLE001  the thread goes on, whatever it was
            _log.exception("what waited could not be kept, and is lost")
