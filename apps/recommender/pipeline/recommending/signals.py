"""What speaks for items: each signal says something of all n items, on one scale, and can tell why. Knows no list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.recommending.past import Past
from apps.recommender.pipeline.recommending.texts import ItemTexts
from apps.recommender.schemas.recommend import ReasonKind

Floats = NDArray[np.float32]
Because = Callable[[int], list[int]]
"""Place of an item → places of the items of the user that it follows from, the strongest first."""
NEARLY = 0.8  # of what the strongest reason says; less is not named beside it
STEEPEST = 12.0  # standard deviations at which a score is cut


@dataclass(frozen=True)
class Signal:
    """What one signal says. amounts: (n,), leveled and weighed; what all signals say is added up"""

    kind: ReasonKind
    amounts: Floats
    because: Because


def nothing(_: int) -> list[int]:
    """Not because of anything that the user did."""
    return []


def leveled(scores: NDArray[np.floating[Any]], about: NDArray[np.bool_] | None = None) -> Floats:
    """Scores less their mean, in standard deviations. about: (n,), of which items; the others get 0, the mean"""
    some = scores if about is None else scores[about]
    if not len(some):
        return np.zeros(len(scores), dtype=np.float32)
    middle, spread = float(some.mean()), float(some.std())
    out = (scores - np.float32(middle)).astype(np.float32, copy=False)
    out *= np.float32(1 / max(spread, 1e-9))
    np.clip(out, -STEEPEST, STEEPEST, out=out)
    if about is not None:
        out[~about] = 0
    return out


def by_popularity(amounts: Floats, weight: float, live: NDArray[np.bool_]) -> Signal:
    """The same for everybody. amounts: (n,)"""
    return Signal(
        "popular", np.float32(weight) * leveled(np.log1p(amounts).astype(np.float32, copy=False), live), nothing
    )


def by_text(texts: ItemTexts, past: Past, weight: float, n: int) -> Signal | None:
    """Likeness of an item's text to those of the user's events; None where no event has one."""
    held = texts.has[past.places] if len(past) else np.zeros(0, dtype=np.bool_)
    places, weights = past.places[held], past.weights[held]
    if not len(places) or not np.abs(weights).sum() > 0:
        return None
    basis, narrow = texts.searched
    taste = (weights @ texts.rows(places)) @ basis  # (h,) @ (h, d) @ (d, w) -> (w,)
    scores = taste @ narrow[:, :n]  # (w,) @ (w, n) -> (n,)
    has = texts.has[:n]
    return Signal(
        "similar", np.float32(weight) * leveled(scores, None if has.all() else has), closest(texts, places, weights)
    )


def closest(texts: ItemTexts, places: NDArray[np.int64], weights: Floats) -> Because:
    """The user's items whose texts say most for an item."""

    def because(place: int) -> list[int]:
        if not texts.has[place]:
            return []
        says = weights * (texts.rows(places) @ texts.rows(np.array([place]))[0])  # (h,)
        return strongest(places, says)

    return because


def strongest(places: NDArray[np.int64], says: Floats) -> list[int]:
    """The places that say most, each once: the strongest, and a second one that says nearly as much."""
    found: dict[int, float] = {}
    for at in np.argsort(-says, kind="stable"):
        if says[at] <= 0 or len(found) == 2 or says[at] < NEARLY * max(found.values(), default=0.0):
            break
        found.setdefault(int(places[at]), float(says[at]))
    return list(found)


def together(signals: Sequence[Signal], n: int) -> Floats:
    """(n,), all signals added up."""
    total = np.zeros(n, dtype=np.float32)
    for signal in signals:
        total += signal.amounts
    return total
