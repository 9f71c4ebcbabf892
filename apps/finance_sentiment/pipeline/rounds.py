"""What a serving process does again and again: read what waits, and look for alerts. Knows no schedule."""

import threading
from datetime import timedelta

from apps.finance_sentiment.pipeline.alerting import Watch
from apps.finance_sentiment.pipeline.backlog import backlog
from apps.finance_sentiment.pipeline.reading import DocumentReader
from apps.finance_sentiment.store.readings import Readings
from core.clock import Clock

BATCHES = 8  # in one turn; then other jobs have theirs
TURN = timedelta(seconds=5)  # after so long, no further batch is begun: sources are looked at every five seconds
WEEKS = 8  # of an archive that the detector learns from at once: some seconds, then other jobs have their turn
LATE = timedelta(days=1)  # published so long before it is read, a document changes what is usual
MANY_LATE = 200  # documents, from which on the detector learns anew what is usual


class Rounds:
    """The turns of one process."""

    def __init__(self, reader: DocumentReader, watch: Watch, clock: Clock, stopping: threading.Event) -> None:
        self._reader = reader
        self._watch = watch
        self._clock = clock
        self._stopping = stopping
        self._readings = Readings(watch.looks.database)
        self._late = 0

    def read(self) -> int:
        """Read what waits, and after each batch look at the rules of the companies that it names.

        A process that dies in between leaves the look to the next `watch` of any process.
        returns: how many documents were read
        """
        read, ends = 0, self._clock() + TURN
        for at in range(BATCHES):
            if at and self._clock() >= ends:
                break
            if self._stopping.is_set() or not (done := self._reader.read_batch(LATE)).documents:
                break
            read += done.documents
            self._late += done.late
            if done.touched:
                self._watch.evaluate(self._clock(), done.touched)
        return read

    def watch(self) -> bool:
        """Look for signals, at all rules, and for reminders. returns: False where reading has to catch up first"""
        if backlog(self._readings, self._clock()).behind:
            return False
        if self._late >= MANY_LATE:
            self._watch.looks.forget()
            self._late = 0
        self._watch.evaluate(self._clock(), most_weeks=WEEKS)
        return True
