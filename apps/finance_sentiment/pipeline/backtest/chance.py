"""How far a figure over days would move by chance: days are drawn in blocks, since neighbours are alike."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from apps.finance_sentiment.pipeline.mood_index import Floats
from core.evaluation.intervals import Figure, bootstrapped

SHORTEST_BLOCK = 5  # trading days: a week
RESAMPLES = 2_000
SEED = 7

FEWEST_DAYS = 10  # two blocks: of fewer days no interval can be told

Measure = Callable[[Floats], Floats]
"""How often each day counts, (r, d), to the figure of each line, (r,); nan where it has no meaning."""


def block_length(days: int) -> int:
    """Days of a block: the cube root, at least a week."""
    return min(days, max(SHORTEST_BLOCK, math.ceil(math.cbrt(days))))


def drawn_days(days: int, resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
    """The circular block bootstrap (Politis and Romano, 1992). returns: how often each day counts, (resamples, days)"""
    length = block_length(days)
    begins = np.random.default_rng(seed).integers(0, days, size=(resamples, math.ceil(days / length)))
    drawn = ((begins[:, :, None] + np.arange(length)) % days).reshape(resamples, -1)[:, :days]
    lines = np.arange(resamples)[:, None] * days
    counted: NDArray[np.int64] = np.bincount((lines + drawn).ravel(), minlength=resamples * days)
    return counted.reshape(resamples, days).astype(np.float64)


def over_days(measure: Measure, days: int, n: int) -> Figure | None:
    """A figure with its 95 % interval by days; None where it has no meaning, or as good as never under resampling.

    n: cases behind it
    """
    if not days:
        return None
    [value] = measure(np.ones((1, days)))
    drawn = measure(drawn_days(days))
    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or len(drawn) < RESAMPLES // 2:
        return None
    return bootstrapped(float(value), drawn, n)


def mean_over_days(values: Floats) -> Figure | None:
    """The mean of one value a day, (d,), over the days that have one; None with fewer than ten of these."""
    known = values[np.isfinite(values)]
    if len(known) < FEWEST_DAYS:
        return None
    return over_days(lambda counts: counts @ known / counts.sum(axis=1), len(known), len(known))
