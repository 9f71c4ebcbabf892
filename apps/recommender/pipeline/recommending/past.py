"""A visitor's past as it is ranked from: which items, how much each counts now. Reads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.recommending.catalogue import Catalogue
from apps.recommender.pipeline.recommending.worth import outlasted, worth
from apps.recommender.settings import CLICK, DISLIKE, IMPRESSION, EventType, RecommenderSettings
from apps.recommender.store.history import PastEvent

FADE = 0.9
"""What an event counts relative to the one after it."""


@dataclass(frozen=True)
class Past:
    """h events, oldest first, of items that the catalogue knows.

    places: (h,);  weights: (h,), what each counts now, below 0 where it speaks against its item
    seconds: (h,), Unix;  kinds: names of the types;  learned: (h,), of types that models learn from
    seen: places that are not recommended again;  disliked: places that never are
    says: (h,), how much each says to such a model, as `pipeline.learning.weights_of` weighs it in training
    """

    places: NDArray[np.int64]
    weights: NDArray[np.float32]
    seconds: NDArray[np.float64]
    kinds: list[str]
    learned: NDArray[np.bool_]
    seen: list[int]
    disliked: list[int]
    says: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.places)


NONE = Past(
    np.empty(0, np.int64),
    np.empty(0, np.float32),
    np.empty(0),
    [],
    np.empty(0, np.bool_),
    [],
    [],
    np.empty(0, np.float32),
)


def past_of(
    events: Sequence[PastEvent],
    context: Sequence[str],
    catalogue: Catalogue,
    n: int,
    settings: RecommenderSettings,
    now: float,
) -> Past:
    """What counts of events, and of items that are on the screen now. now: Unix seconds"""
    newest = [*events, *(PastEvent(item, CLICK, None, now) for item in context)]
    known = [(place, one) for one in newest if (place := catalogue.place.get(one.item, n)) < n]
    counted = [(place, one) for place, one in known if one.type != IMPRESSION]
    seen_types = {*settings.seen_types, DISLIKE}
    seen = {place for place, one in known if one.type in seen_types}
    seen.update(catalogue.places(list(context), n))
    disliked = {place for place, one in known if one.type == DISLIKE}
    if not counted:
        return replace(NONE, seen=sorted(seen), disliked=sorted(disliked))
    seconds = np.array([one.seconds for _, one in counted])
    weights = np.empty(len(counted))
    values = np.array([np.nan if one.value is None else one.value for _, one in counted])
    kinds = [one.type for _, one in counted]
    for kind in set(kinds):
        some = [at for at, its in enumerate(kinds) if its == kind]
        known_kind = settings.event_types.get(kind)
        life = known_kind.half_life_days if known_kind else 30.0
        age = np.maximum(now - seconds[some], 0) / (86_400 * life)
        weights[some] = worth(kind, values[some], settings) * np.exp2(-np.minimum(age, 60))
    weights *= FADE ** np.arange(len(counted) - 1, -1, -1)
    places = np.array([place for place, _ in counted], dtype=np.int64)
    types = [settings.event_types.get(kind) for kind in kinds]
    learned = np.array([its is not None and its.weight > 0 for its in types])
    says = _says(types, learned, now - seconds, fading=settings.forget_in_training)
    return Past(places, weights.astype(np.float32), seconds, kinds, learned, sorted(seen), sorted(disliked), says)


def _says(
    types: Sequence[EventType | None], learned: NDArray[np.bool_], age_s: NDArray[np.float64], *, fading: bool
) -> NDArray[np.float32]:
    weight = np.array([one.weight if one else 0.0 for one in types]) * learned
    if not fading:
        return weight.astype(np.float32)
    halvings = np.array([1 / (86_400 * one.half_life_days) if one else 0.0 for one in types])
    slowest = float(halvings[learned].min(initial=np.inf))
    return (weight * outlasted(age_s, halvings, np.minimum(slowest, halvings))).astype(np.float32)
