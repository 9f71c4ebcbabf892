"""Rules as a process holds them: what is pinned, boosted, banned at a moment in a list. Knows no SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.recommending.catalogue import Catalogue
from apps.recommender.schemas.recommend import Filters
from apps.recommender.schemas.rules import Rule


@dataclass(frozen=True)
class Ruled:
    """What rules say of n items at a moment.

    banned: (n,), or None;  boost: (n,), or None
    pins: position from 0 -> place, each place once;  names: of the rules that boosted an item, by place
    """

    banned: NDArray[np.bool_] | None
    boost: NDArray[np.float32] | None
    pins: list[tuple[int, int]]
    boosted: list[tuple[str, NDArray[np.bool_]]]


NOTHING = Ruled(None, None, [], [])


def ruled(rules: Iterable[Rule], catalogue: Catalogue, n: int, place: str, now: float) -> Ruled:
    """What counts in a list at a moment (Unix seconds)."""
    counting = [rule for rule in rules if (not rule.lists or place in rule.lists) and in_time(rule, now)]
    if not counting:
        return NOTHING
    banned: NDArray[np.bool_] | None = None
    boost: NDArray[np.float32] | None = None
    pins: list[tuple[int, int]] = []
    boosted = []
    for rule in counting:
        if rule.kind == "pin" and rule.position is not None:
            places = catalogue.places(rule.items, n)
            pins += [(rule.position - 1 + at, item) for at, item in enumerate(dict.fromkeys(places))]
            continue
        about = about_which(rule, catalogue, n)
        if rule.kind == "ban":
            banned = about if banned is None else banned | about
        else:
            boost = np.zeros(n, dtype=np.float32) if boost is None else boost
            boost[about] += rule.strength or 0.0
            boosted.append((rule.name, about))
    return Ruled(banned, boost, sorted(pins), boosted)


def in_time(rule: Rule, now: float) -> bool:
    """Whether a rule's dates hold at a moment (Unix seconds)."""
    begins = rule.starts_at.timestamp() if rule.starts_at else float("-inf")
    ends = rule.ends_at.timestamp() if rule.ends_at else float("inf")
    return begins <= now < ends


def about_which(rule: Rule, catalogue: Catalogue, n: int) -> NDArray[np.bool_]:
    """(n,), the items that a rule names, and those that pass its filters."""
    about = np.zeros(n, dtype=np.bool_)
    about[catalogue.places(rule.items, n)] = True
    passing = catalogue.passing(Filters(categories=rule.categories, attributes=rule.attributes), n)
    if passing is not None:
        about |= passing
    return about
