"""The mood towards a company, or of a text, as probabilities. Opens no model: the caller lends one."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from apps.finance_sentiment.errors import GivesNoMoods
from core.backend.classifier import Classifier
from core.backend.explain import Reason, explain
from core.outcomes import Labelled

LABELS = ("negative", "neutral", "positive")


@dataclass(frozen=True, slots=True)
class Mood:
    """Three probabilities that sum to 1. score: in [-1, 1]

    >>> mood = Mood(0.1, 0.2, 0.7)
    >>> mood.label, mood.confidence, round(mood.score, 3)
    ('positive', 0.7, 0.6)
    """

    negative: float
    neutral: float
    positive: float

    @property
    def score(self) -> float:
        """P(positive) - P(negative)."""
        return self.positive - self.negative

    @property
    def confidence(self) -> float:
        """The probability of the likeliest mood."""
        return max(self.negative, self.neutral, self.positive)

    @property
    def label(self) -> str:
        """The likeliest mood; of equals, the less exciting."""
        return max(("neutral", "negative", "positive"), key=lambda name: float(getattr(self, name)))

    def probabilities(self) -> dict[str, float]:
        """By label, to six digits: float32 holds no more."""
        return {name: round(float(getattr(self, name)), 6) for name in LABELS}


@dataclass(frozen=True, slots=True)
class Moods:
    """What one model says of many rows. model: "name@version" """

    model: str
    items: list[Mood]


class MoodReader:
    """Reads rows with a trained model. lend: gives it for one call, so a promoted version takes over with the next"""

    def __init__(self, lend: Callable[[], AbstractContextManager[Classifier]]) -> None:
        self._lend = lend

    def read(self, rows: Sequence[Labelled]) -> Moods:
        """One mood a row, in order.

        raises: NoSuchModel, GivesNoLabels, and what opening a model raises; Misconfigured when its labels are others
        """
        with self._lend() as classifier:
            if set(classifier.head.about.labels) != set(LABELS):
                raise GivesNoMoods(classifier.ref, classifier.head.about.labels)
            found = classifier.predict(rows)
            return Moods(classifier.ref, [Mood(*(one.probabilities[name] for name in LABELS)) for one in found])

    def explain(self, rows: Sequence[Labelled]) -> list[tuple[Reason, ...]]:
        """The words of each row, weighed for its likeliest mood; costs a reading a word.

        raises: as `read`; QueueFull
        """
        if not rows:
            return []
        with self._lend() as classifier:
            return explain(classifier, rows)
