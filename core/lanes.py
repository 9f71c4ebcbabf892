"""Work for several receivers at once, each in a lane of its own: one that is slow or away holds up no other."""

import logging
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor

_log = logging.getLogger(__name__)


class Lanes:
    """Threads that are lent to receivers. most: at once;  name: of the threads;  stopping: nothing is begun when set"""

    def __init__(self, most: int, name: str, stopping: threading.Event) -> None:
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=name)
        self._stopping = stopping
        self._busy: set[Hashable] = set()
        self._lock = threading.Lock()

    def begin(self, receiver: Hashable, work: Callable[[], object]) -> bool:
        """Have work done on another thread. returns: False where the receiver's last work still goes on"""
        with self._lock:
            if receiver in self._busy or self._stopping.is_set():
                return False
            self._busy.add(receiver)
        self._pool.submit(self._guarded, receiver, work)
        return True

    def wait(self) -> None:
        """End once all that was begun is done; nothing can be begun after that."""
        self._pool.shutdown(wait=True)

    def _guarded(self, receiver: Hashable, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception:  # noqa: BLE001  on a thread of its own nobody else would tell of it; the next round tries again
            _log.exception("messages could not be sent")
        finally:
            with self._lock:
                self._busy.discard(receiver)
