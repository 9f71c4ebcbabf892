"""Say that the server was told to stop, to answers that go on until somebody says so. Stops nothing itself.

A server waits for the answers that it is sending before it ends; an endless one would hold it up until it is cut off.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def noting_signals(stopping: threading.Event) -> Iterator[None]:
    """Set `stopping` at the first SIGTERM or Ctrl-C; then do what was done at that signal before.

    Only on the main thread, where signals arrive, and only before another handler: ours alone would end nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    found = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    before = {number: handler for number, handler in found.items() if callable(handler)}

    def note(number: int, frame: FrameType | None) -> None:
        stopping.set()
        before[signal.Signals(number)](number, frame)

    for number in before:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is note:
                signal.signal(number, handler)
