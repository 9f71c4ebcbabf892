"""Evidence that a mood has turned for days, added up from document to document. What breaks at once is told elsewhere.

A sum of log-likelihood ratios that never falls below nothing (Page, 1954, "Continuous inspection schemes"): of the
scores around a mean that lies `SHIFT` from the usual one, against those around the usual one. It holds all that was
said since the mood turned, however long ago, where a window of fixed length holds too little or too much.
"""

import math
from dataclasses import dataclass, field

from apps.finance_sentiment.pipeline.signal_levels import INDEPENDENT, Mood, Said

SHIFT = 0.65
LASTS_DAYS = 6.0
"""Moods of a company wander together for so long: with a half-life of two days, (1 + r) / (1 - r) days for r = .71."""
LEAST_HOURS, LEAST_DOCUMENTS = 72, 12  # what is shorter, or rests on less, is no turn
MOST = 1.3  # decades that one bucket may add: one story is no turn
DECADE = math.log(10.0)


@dataclass(slots=True)
class Side:
    """Evidence in one direction. evidence: decades;  since: the hour in which it began;  the rest: sums since then"""

    evidence: float = 0.0
    since: int = 0
    documents: int = 0
    weight: float = 0.0
    weighted: float = 0.0

    @property
    def mood(self) -> float:
        """The mean score since it began."""
        return self.weighted / self.weight if self.weight > 0.0 else 0.0

    def add(self, said: Said, decades: float) -> None:
        """decades: what a bucket says for it; below 0: against it"""
        if self.evidence + decades <= 0.0:
            self.clear()
            return
        if self.evidence == 0.0:
            self.since = said.hour
        self.evidence += min(decades, MOST)
        self.documents += said.documents
        self.weight += said.weight
        self.weighted += said.weighted

    def clear(self) -> None:
        """Begin anew."""
        self.evidence, self.since, self.documents, self.weight, self.weighted = 0.0, 0, 0, 0.0, 0.0


@dataclass(slots=True)
class Drift:
    """Both directions of one company's mood."""

    worse: Side = field(default_factory=Side)
    better: Side = field(default_factory=Side)

    def add(self, said: Said, usual: Mood, today: float, a_day: float) -> None:
        """Count a bucket's documents in. usual: what is known of before

        today: documents with a mood in the last 24 hours;  a_day: as many as are usual
        """
        if said.weight <= 0.0:
            return
        off = said.weighted / said.weight - usual.mean
        variance = usual.variance + usual.wander * (max(today, a_day) + (LASTS_DAYS - 1.0) * a_day)
        each = INDEPENDENT * said.documents * SHIFT / variance / DECADE
        self.worse.add(said, each * (-off - SHIFT / 2.0))
        self.better.add(said, each * (off - SHIFT / 2.0))

    def told(self, until: int, usual: float, decades: float, shift: float) -> Side | None:
        """The direction in which the mood has turned; None: in none. until: the hour;  shift: the least change"""
        side = max(self.worse, self.better, key=lambda one: one.evidence)
        lasts = side.documents >= LEAST_DOCUMENTS and until - side.since >= LEAST_HOURS
        return side if lasts and side.evidence >= decades and abs(side.mood - usual) >= shift else None

    def clear(self) -> None:
        """Begin anew: it was told, or is the usual now."""
        self.worse.clear()
        self.better.clear()
