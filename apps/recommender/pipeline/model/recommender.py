"""A trained recommender in memory: signals and how they are blended. Learns nothing, reads no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from apps.recommender.pipeline.model.blend import Blend
from apps.recommender.pipeline.model.histories import Flags, Floats, Histories, Ints
from apps.recommender.pipeline.model.signals import Signal

AT_ONCE = 256
NEVER = np.float32(-1e30)


@dataclass(frozen=True)
class Recommender:
    """Ranks n items for users.

    signals: by name;  about: what was chosen, plain values
    unseen: (n,), items known by their text alone when the signals were learned; None: there are none
    """

    signals: Mapping[str, Signal]
    blend: Blend
    item_count: int
    about: Mapping[str, Any] = field(default_factory=dict)
    unseen: Flags | None = None

    def said(self, histories: Histories) -> dict[str, Floats]:
        """What each signal says: (u, n) each."""
        return {name: self.signals[name].score(histories) for name in self.blend.names}

    def score(self, histories: Histories) -> Floats:
        """returns: (u, n), the larger the better"""
        scores = self.blend.score(self.said(histories), histories)
        if self.unseen is not None:
            scores[:, self.unseen] += np.float32(self.blend.unseen)
        return scores

    def recommend(self, histories: Histories, k: int, *, exclude_seen: bool = True) -> Ints:
        """The k best items of each user, best first; what is left out for having been seen ends the list as -1.

        returns: (u, k)
        """
        found = np.empty((len(histories), k), dtype=np.int32)
        for start in range(0, len(histories), AT_ONCE):
            some = np.arange(start, min(start + AT_ONCE, len(histories)), dtype=np.int32)
            part = histories.of_users(some)
            scores = self.score(part)
            if exclude_seen:
                scores[part.user, part.item] = NEVER
            found[start : start + len(some)] = best(scores, k)
        return found


def best(scores: Floats, k: int) -> Ints:
    """Items by score, best first; ties go to the lower number; -1 where nothing is left. (u, n) -> (u, k)

    >>> best(np.array([[0.1, 0.9, 0.5]], dtype=np.float32), 2).tolist()
    [[1, 2]]
    """
    rows, n = scores.shape
    depth = min(k, n)
    part = np.argpartition(-scores, depth - 1, axis=1)[:, :depth]
    part.sort(axis=1)
    values = np.take_along_axis(scores, part, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    out = np.full((rows, k), -1, dtype=np.int32)
    ranked = np.take_along_axis(values, order, axis=1)
    out[:, :depth] = np.where(ranked > NEVER, np.take_along_axis(part, order, axis=1), -1)
    return out
