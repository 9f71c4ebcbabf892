"""What an event counts: its type's weight, its value, its age. Knows no user."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from apps.recommender.settings import COMMENT, RATING, RecommenderSettings

Doubles = NDArray[np.float64]
FAINTEST = 10.0  # halvings after which an event is not forgotten further: it still says that somebody had the item


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


def outlasted(age_s: Doubles, halvings: Doubles, slowest: Doubles | float) -> Doubles:
    """What is left of events beside those of the longest-lived type that their person has. (n,), in (0, 1]

    Where somebody's events are all of one type, all are left whole: how fast tastes change is learned, not set.
    age_s: (n,);  halvings: (n,), a second, of each event's type;  slowest: of the person's types

    >>> view, purchase = 1 / 14, 1 / 180  # a day
    >>> outlasted(np.array([14.0, 14.0]), np.array([view, purchase]), purchase).round(2).tolist()
    [0.53, 1.0]
    """
    return np.exp2(-np.minimum(np.maximum(age_s, 0) * (halvings - slowest), FAINTEST))
