"""Counters in this process's memory, for the `limits` library. Shares nothing with other processes.

The library's own memory storage starts a thread every ten milliseconds under load to forget what is over, and each
start makes the event loop wait (measured: 2.8 of 18 s at full load). This one forgets while it counts.
"""

import threading
import time
from collections.abc import Callable

from limits.storage import Storage

MOST_WINDOWS = 10_000  # more than there are keys; beyond it, windows that are over are forgotten


class LocalCounters(Storage):
    """Fixed windows, safe for threads.

    time: gives Unix seconds
    """

    STORAGE_SCHEME = None

    def __init__(self, time: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._time = time
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, float]] = {}  # key → (count, end)

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """Memory does not fail."""
        return ()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count; after a window that is over, one of `expiry` seconds begins. returns: the count in the window"""
        now = self._time()
        with self._lock:
            count, end = self._windows.get(key, (0, 0.0))
            if end <= now:
                count, end = 0, now + expiry
                if len(self._windows) >= MOST_WINDOWS:
                    self._windows = {k: window for k, window in self._windows.items() if window[1] > now}
            self._windows[key] = (count + amount, end)
            return count + amount

    def get(self, key: str) -> int:
        """returns: the count in the window that is open"""
        count, end = self._windows.get(key, (0, 0.0))
        return count if end > self._time() else 0

    def get_expiry(self, key: str) -> float:
        """returns: when the open window ends, in Unix seconds"""
        return max(self._windows.get(key, (0, 0.0))[1], self._time())

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget everything. returns: how many windows there were"""
        with self._lock:
            count = len(self._windows)
            self._windows.clear()
            return count

    def clear(self, key: str) -> None:
        """Forget one window."""
        with self._lock:
            self._windows.pop(key, None)
