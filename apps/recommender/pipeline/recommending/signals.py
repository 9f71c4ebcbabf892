"""What speaks for items: each signal says something of any item, on one scale, and can tell why. Knows no list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.recommending.dense import Dense
from apps.recommender.pipeline.recommending.past import Past
from apps.recommender.pipeline.recommending.texts import ItemTexts
from apps.recommender.schemas.recommend import ReasonKind

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]
Says = Callable[[Longs], Floats]
"""Places (p,) → what a signal says of them (p,)."""
Because = Callable[[int], list[int]]
"""Place of an item → places of the items of the user that it follows from, the strongest first."""
Proposes = Callable[[int], Longs | None]
"""How many → about as many places that the signal says most of, in no order; None: it would have to look at all."""
NEARLY = 0.8  # of what the strongest reason says; less is not named beside it
STEEPEST = 12.0  # standard deviations at which a score is cut


@dataclass(frozen=True)
class Signal:
    """What one signal says, leveled and weighed; what all signals say is added up."""

    kind: ReasonKind
    says: Says
    because: Because
    proposes: Proposes

    def weighed(self, weight: float) -> Signal:
        """The same, counting so much."""
        return replace(self, says=lambda places: np.float32(weight) * self.says(places))


def nothing(_: int) -> list[int]:
    """Not because of anything that the user did."""
    return []


def leveled(scores: NDArray[np.floating[Any]], about: NDArray[np.bool_] | None = None) -> Floats:
    """Scores less their mean, in standard deviations. about: (n,), of which items; the others get 0, the mean"""
    some = scores if about is None else scores[about]
    if not len(some):
        return np.zeros(len(scores), dtype=np.float32)
    out = scaled(scores, float(some.mean()), float(some.std()))
    if about is not None:
        out[~about] = 0
    return out


def scaled(scores: NDArray[np.floating[Any]], middle: float, spread: float, weight: float = 1.0) -> Floats:
    """Scores less `middle`, in units of `spread`, cut where they are extreme, times a weight."""
    out = (scores - np.float32(middle)).astype(np.float32, copy=False)
    out *= np.float32(1 / max(spread, 1e-9))
    np.clip(out, -STEEPEST, STEEPEST, out=out)
    if weight != 1:
        out *= np.float32(weight)
    return out


def by_amounts(kind: ReasonKind, amounts: Floats, order: Longs | None = None, because: Because = nothing) -> Signal:
    """What is known of all n items. amounts: (n,);  order: places of the largest, the largest first, where known"""

    def proposed_by_order(number: int) -> Longs | None:
        return order[:number] if order is not None and min(number, len(amounts)) <= len(order) else None

    return Signal(kind, lambda places: amounts[places], because, proposed_by_order)


def largest(amounts: Floats, number: int) -> Longs:
    """Places of the largest amounts, the largest first; equal ones by place, but for which of them come in last."""
    if number >= len(amounts):
        return np.argsort(-amounts, kind="stable")
    some = np.sort(np.argpartition(-amounts, number)[:number])
    return some[np.argsort(-amounts[some], kind="stable")]


def by_products(
    kind: ReasonKind,
    dense: Dense,
    query: Floats,
    weight: float,
    because: Because,
    held: NDArray[np.bool_] | None = None,
) -> Signal:
    """Products with a query (d,). held: (n,), of whom anything is said; the others get the mean"""
    middle, spread = dense.level(query)

    def says(places: Longs) -> Floats:
        found = scaled(dense.products(query, places), middle, spread, weight)
        return found if held is None else found * held[places]

    return Signal(kind, says, because, lambda number: dense.propose(query, number))


def by_text(texts: ItemTexts, past: Past, weight: float, n: int) -> Signal | None:
    """Likeness of an item's text to those of the user's events; None where no event has one."""
    held = texts.has[past.places] if len(past) else np.zeros(0, dtype=np.bool_)
    places, weights = past.places[held], past.weights[held]
    if not len(places) or not np.abs(weights).sum() > 0:
        return None
    basis, narrow = texts.searched
    taste = np.asarray((weights @ texts.rows(places)) @ basis, dtype=np.float32)  # (h,) @ (h, d) @ (d, w) -> (w,)
    return by_products("similar", narrow, taste, weight, closest(texts, places, weights), texts.has[:n])


def closest(texts: ItemTexts, places: Longs, weights: Floats) -> Because:
    """The user's items whose texts say most for an item."""

    def because(place: int) -> list[int]:
        if not texts.has[place]:
            return []
        says = weights * (texts.rows(places) @ texts.rows(np.array([place]))[0])  # (h,)
        return strongest(places, says)

    return because


def strongest(places: Longs, says: Floats) -> list[int]:
    """The places that say most, each once: the strongest, and a second one that says nearly as much."""
    found: dict[int, float] = {}
    for at in np.argsort(-says, kind="stable"):
        if says[at] <= 0 or len(found) == 2 or says[at] < NEARLY * max(found.values(), default=0.0):
            break
        found.setdefault(int(places[at]), float(says[at]))
    return list(found)


def together(signals: Sequence[Signal], places: Longs) -> Floats:
    """(p,), what all signals say of some places, added up."""
    total = np.zeros(len(places), dtype=np.float32)
    for signal in signals:
        total += signal.says(places)
    return total


def proposed(signals: Sequence[Signal], number: int, n: int) -> NDArray[np.bool_] | None:
    """(n,), which items any signal proposes; None where a signal has to look at all of them."""
    found = np.zeros(n, dtype=np.bool_)
    for signal in signals:
        some = signal.proposes(number)
        if some is None:
            return None
        found[some] = True
    return found
