"""Which of the items that qualify are looked at: few of them all, of many what signals propose. Makes no list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.recommending.choosing import Scored
from apps.recommender.pipeline.recommending.signals import Signal, proposed, together

Flags = NDArray[np.bool_]
Floats = NDArray[np.float32]
Longs = NDArray[np.int64]
LOOKED_AT = 20_000
"""Items that qualify up to which all are compared, some milliseconds."""
PROPOSED, PROPOSED_EACH, PROPOSED_OF = 400, 5, 1_000
"""Candidates of each signal that qualify: so many, so many for each place of the list, one of so many items."""


@dataclass(frozen=True)
class Beside:
    """What counts beside what signals say. boost: (n,), of rules, or None;  common: says what being common costs"""

    boost: Floats | None
    common: Signal | None

    def plus(self, places: Longs, said: Floats) -> Floats:
        """(p,), what signals say of some places and what counts beside."""
        scores = said if self.boost is None else said + self.boost[places]
        return scores if self.common is None else scores + self.common.says(places)


class Ranking:
    """Scores of the best items that qualify, as deep as they are asked for. left: (n,), which qualify"""

    def __init__(self, signals: Sequence[Signal], beside: Beside, left: Flags) -> None:
        self._signals, self._beside, self._left = signals, beside, left
        self.number = int(np.count_nonzero(left))
        self._scored: Scored | None = None
        self._depth = 0

    def scored(self, depth: int) -> Scored:
        """Scores that hold the `depth` best at least, if there are as many."""
        if self._scored is None or (depth > self._depth and len(self._scored) < self.number):
            places = self._candidates(depth)
            scores = self._beside.plus(places, together(self._signals, places))
            self._scored, self._depth = Scored(places, scores), depth
        return self._scored

    def _candidates(self, depth: int) -> Longs:
        """Places, ascending. A signal proposes as many as leave enough of those that qualify."""
        n = len(self._left)
        many = max(PROPOSED, PROPOSED_EACH * depth, n // PROPOSED_OF)
        if self.number > max(LOOKED_AT, many):
            found = proposed(self._signals, many * n // self.number, n)
            if found is not None:
                if self._beside.boost is not None:
                    found |= self._beside.boost > 0
                places = np.flatnonzero(found & self._left)
                if 2 * len(places) >= many:
                    return places
        return np.flatnonzero(self._left)
