"""The mood of comments, as a value that counts as feedback: P(positive) - P(negative). The caller lends the model.

The model reads outside of any transaction; what it says is kept only for comments that still wait, so two processes
that read the same ones do no harm, and one that is killed leaves them waiting.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from apps.recommender.errors import GivesNoMoods
from apps.recommender.settings import RecommenderSettings
from apps.recommender.store.comments import Comments
from core.app import Services
from core.backend.classifier import Classifier
from core.outcomes import Labelled

LABELS = frozenset({"negative", "neutral", "positive"})
BATCH = 256
BATCHES = 8  # in one turn of the background job; then other jobs have theirs
READS_EVERY_S = 1.0

Lend = Callable[[], AbstractContextManager[Classifier]]


class CommentReader:
    """Reads what waits, in order of arrival. lend: gives the model for one call; stopping: ends between batches"""

    def __init__(self, comments: Comments, lend: Lend, stopping: threading.Event | None = None) -> None:
        self._comments = comments
        self._lend = lend
        self._stopping = stopping or threading.Event()

    def read_some(self) -> int:
        """Some batches at most. returns: how many comments were read"""
        read = 0
        for _ in range(BATCHES):
            if self._stopping.is_set() or not (found := self._read_batch()):
                break
            read += found
        return read

    def read_all(self, show: Callable[[int], None] = lambda _: None) -> int:
        """Until none waits. show: takes how many are done

        raises: NoSuchModel, GivesNoMoods and what opening a model raises, with nothing lost
        """
        read = 0
        while not self._stopping.is_set() and (found := self._read_batch()):
            read += found
            show(read)
        return read

    def _read_batch(self) -> int:
        waiting = self._comments.waiting(BATCH)
        if not waiting:
            return 0
        with self._lend() as classifier:
            if frozenset(classifier.head.about.labels) != LABELS:
                raise GivesNoMoods(classifier.ref, classifier.head.about.labels)
            found = classifier.predict([Labelled(text) for _, text in waiting])
            model = classifier.ref
        moods = {
            number: round(one.probabilities["positive"] - one.probabilities["negative"], 6)
            for (number, _), one in zip(waiting, found, strict=True)
        }
        self._comments.keep(moods, model)
        return len(waiting)


def open_comments(services: Services) -> CommentReader:
    """Reads with the active version of the model that the settings name."""
    name = RecommenderSettings.of(services.settings).comment_model
    return CommentReader(Comments(services.database), lambda: services.classifiers.get(name), services.stopping)
