"""A trained recommender in memory: signals and how they are blended. Learns nothing, reads no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

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
    held = torch.from_numpy(scores)
    places = top(held, depth)
    out = np.full((rows, k), -1, dtype=np.int32)
    out[:, :depth] = torch.where(held.gather(1, places) > float(NEVER), places, -1).numpy()
    return out


def top(scores: Tensor, k: int) -> Tensor:
    """Places of the k <= n largest of each row, the largest first; ties go to the lower place. (u, n) -> (u, k)"""
    if k >= scores.shape[1]:
        return scores.sort(dim=1, descending=True, stable=True).indices
    values, places = scores.topk(k + 1, dim=1)
    chosen = places[:, :k].sort(1).values
    order = scores.gather(1, chosen).sort(dim=1, descending=True, stable=True).indices
    found = chosen.gather(1, order)
    # Which of equal values `topk` takes is left open: where the last has its like outside, all are put in order.
    for row in torch.nonzero(values[:, k - 1] == values[:, k])[:, 0].tolist():
        found[row] = scores[row].sort(dim=0, descending=True, stable=True).indices[:k]
    return found
