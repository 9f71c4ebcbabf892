"""What an event counts: its type's weight, its value, its age. Knows no user."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from apps.recommender.settings import COMMENT, RATING, RecommenderSettings

Doubles = NDArray[np.float64]


def worth(kind: str, value: Doubles, settings: RecommenderSettings) -> Doubles:
    """What events of one type count when they are fresh, below 0 where they speak against their items.

    value: (n,), NaN where none. A rating counts from -1 (the lowest) to 1; a comment by its mood, unread ones nothing
    """
    known = settings.event_types.get(kind)
    weight = known.weight if known else 0.0
    if kind == RATING:
        middle = (settings.rating_from + settings.rating_to) / 2
        return weight * np.clip((value - middle) / (settings.rating_to - middle), -1, 1)
    if kind == COMMENT:
        return weight * np.nan_to_num(value)
    return np.full(len(value), weight)


def faded(age_s: Doubles, half_life_days: float) -> Doubles:
    """What is left of an event after a while. age_s: (n,), below 0 counts as 0"""
    return np.exp2(-np.minimum(np.maximum(age_s, 0) / (86_400 * half_life_days), 1_000))
