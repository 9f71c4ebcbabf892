"""What a serving process does again and again: read what waits, and look at the rules it touches. Knows no schedule."""

import threading

from apps.finance_sentiment.pipeline.alerting import Watch
from apps.finance_sentiment.pipeline.reading import DocumentReader
from core.clock import Clock


def read_and_watch(reader: DocumentReader, watch: Watch, clock: Clock, stopping: threading.Event) -> int:
    """Read all that waits, and after each batch look at the rules of the companies that it names.

    A process that dies in between leaves the look to the next round of all rules.
    returns: how many documents were read
    """
    read = 0
    while not stopping.is_set() and (done := reader.read_batch()).documents:
        read += done.documents
        if done.touched:
            watch.evaluate(clock(), done.touched)
    return read
