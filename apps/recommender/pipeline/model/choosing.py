"""Knobs chosen by what is there and by what is measured on held-out events, never by the name of a data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from apps.recommender.pipeline.model.histories import Floats, Histories, Ints, Longs
from apps.recommender.pipeline.model.holding_out import HeldOut, Nature
from apps.recommender.pipeline.model.linear import NotSolvable, next_item_weights
from apps.recommender.pipeline.model.recipe import Recipe
from apps.recommender.pipeline.model.signals import ByNeighbours, Signal

MANY_ITEMS = 8_000
"""Items from which solving the linear model takes half a minute on two cores: fewer knobs are tried then."""


def recipe_for(histories: Histories, nature: Nature) -> Recipe:
    """How the network is trained: the wider the data, the less it forgets, and the larger its batches."""
    lengths = histories.lengths[histories.lengths > 0]
    longest = int(np.clip(np.quantile(lengths, 0.95) if len(lengths) else 20, 20, 200))
    tokens = int(np.clip(nature.events // 64, 1_024, 8_192))
    return Recipe(
        longest=longest,
        tokens=tokens,
        rate=1e-3 if tokens < 8_192 else 2e-3,
        dropout=0.2 if nature.events > 400_000 else 0.35,
        epochs=30 if nature.events < 120_000 else 20,
        relative=True,
        gaps=True,
        ties="shuffled" if nature.baskets else "kept",
        new_only=nature.repeats > 0.02,
    )


def choose_linear(held: HeldOut, users: Longs, told: Callable[[str], None]) -> tuple[dict[str, float], float]:
    """Try fades, then penalties, then damping, each on the users given (places in `held.users`).

    returns: the best knobs, and their nDCG@10
    """
    asked = held.past.of_users(held.users[users])
    wanted = [held.wanted[at] for at in users]
    counts = np.maximum(held.past.counts(), 1).astype(np.float32)
    many = int((held.past.counts() > 0).sum()) > MANY_ITEMS
    density = len(held.past.item) / max(1, int((held.past.counts() > 0).sum()))
    middle = float(np.clip(density * 4, 10, 400))
    found: dict[tuple[float, float, float], float] = {}

    def attempt(fade: float, penalty: float) -> float:
        try:
            weights = next_item_weights(held.past, fade=fade, penalty=penalty)
        except NotSolvable:
            return -1.0
        scores = ByNeighbours(weights, fade).score(asked)
        for power in (0.0, 0.1, 0.2, 0.3, 0.4):
            found[fade, penalty, power] = ndcg_of(scores / counts**power, asked, wanted)
        best = max(value for (f, p, _), value in found.items() if (f, p) == (fade, penalty))
        told(f"linear model, fade {fade}, penalty {penalty:.0f}: nDCG@10 {best:.4f}")
        return best

    fades = (0.8, 0.9) if many else (0.7, 0.8, 0.88, 0.94)
    fade = max(fades, key=lambda one: attempt(one, middle))
    for penalty in (middle * 4,) if many else (middle * 4, middle * 16):
        attempt(fade, penalty)
    fade, penalty, power = max(found, key=lambda one: found[one])
    return {"fade": fade, "penalty": penalty, "power": power}, found[fade, penalty, power]


def choose_fade(
    signal: Callable[[float], Signal], fades: Sequence[float], held: HeldOut, users: Longs
) -> tuple[float, float]:
    """The best of some fades, and its nDCG@10."""
    asked = held.past.of_users(held.users[users])
    wanted = [held.wanted[at] for at in users]
    tried = {fade: ndcg_of(signal(fade).score(asked), asked, wanted) for fade in fades}
    best = max(tried, key=lambda fade: tried[fade])
    return best, tried[best]


def ndcg_of(scores: Floats, histories: Histories, wanted: Sequence[Longs], k: int = 10) -> float:
    """Mean nDCG@k of items that a user had not had. scores: (u, n), not changed"""
    from apps.recommender.pipeline.model.recommender import NEVER, best

    scores = scores.astype(np.float32, copy=True)
    scores[histories.user, histories.item] = NEVER
    return float(np.mean(gains(best(scores, k), wanted)))


def gains(found: Ints | Longs, wanted: Sequence[Longs]) -> Floats:
    """nDCG of each list. found: (u, k), best first

    >>> [round(gain, 3) for gain in gains(np.array([[3, 4]]), [np.array([4])]).tolist()]
    [0.631]
    """
    k = found.shape[1]
    discount = 1 / np.log2(np.arange(k) + 2)
    right = np.stack([np.isin(row, good) for row, good in zip(found, wanted, strict=True)])
    ideal = np.array([discount[: min(k, len(np.unique(good)))].sum() for good in wanted])
    return np.asarray((right * discount).sum(1) / ideal, dtype=np.float32)
