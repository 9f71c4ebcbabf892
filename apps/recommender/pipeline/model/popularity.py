"""How often items are wanted, all in all and lately. Knows no network, no files."""

from __future__ import annotations

import numpy as np

from apps.recommender.pipeline.model.histories import Floats, Histories


def popular(histories: Histories) -> Floats:
    """(n,), users who had each item, each by what the weightiest of their events with it weighs."""
    return np.asarray(histories.matrix(histories.weight).sum(0), dtype=np.float32).ravel()


def recently_popular(histories: Histories, *, half_life_s: float, now: float | None = None) -> Floats:
    """(n,), weights of each item's events, one of a half-life ago counting half.

    now: Unix seconds; None: of the last event
    """
    if not len(histories.item):
        return np.zeros(histories.item_count, dtype=np.float32)
    now = float(histories.seconds.max()) if now is None else now
    age = np.maximum(now - histories.seconds, 0) / half_life_s
    worth = histories.weight * np.exp2(-np.minimum(age, 60))
    return np.bincount(histories.item, weights=worth, minlength=histories.item_count).astype(np.float32)
