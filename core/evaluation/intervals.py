"""Figures with their 95 % interval: Wilson for shares, the bootstrap for everything else. Knows no labels."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAWN_AT_ONCE = 2_000_000  # numbers; 16 MB, so that a bootstrap's memory does not grow with the data


@dataclass(frozen=True)
class Figure:
    """A measured value, its 95 % interval and the number of cases behind it."""

    value: float
    low: float
    high: float
    n: int

    def as_dict(self) -> dict[str, float | int]:
        """For a report."""
        return {"value": round(self.value, 4), "low": round(self.low, 4), "high": round(self.high, 4), "n": self.n}


@dataclass(frozen=True)
class Share:
    """A proportion with its 95 % Wilson interval."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        """returns: in [0, 1]; nan without cases"""
        return self.hits / self.n if self.n else math.nan

    def as_dict(self) -> dict[str, float | int]:
        """For a report."""
        return self.figure().as_dict()

    def figure(self) -> Figure:
        """The same as a figure."""
        return Figure(self.value, *self.interval(), self.n)

    def interval(self, z: float = 1.96) -> tuple[float, float]:
        """Wilson, 1927, "Probable inference, the law of succession, and statistical inference".

        >>> [round(bound, 3) for bound in Share(8, 10).interval()]
        [0.49, 0.943]
        """
        if not self.n:
            return 0.0, 1.0
        p, n = self.value, self.n
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        # At p = 0 and p = 1 a bound equals p; rounding must not push it past.
        return max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half))


def share(cases: NDArray[np.bool_]) -> Share:
    """cases: (n,)

    >>> share(np.array([True, True, False, True])).value
    0.75
    """
    return Share(int(cases.sum()), len(cases))


def difference(one: Figure, other: Figure) -> tuple[float, float, float]:
    """One figure less another with its 95 % interval, from theirs alone.

    Newcombe, 1998, "Interval estimation for the difference between independent proportions", method 10. Of figures that
    were measured on the same cases the true interval is narrower: what this calls different surely is.

    returns: the difference, its lower and its upper bound

    >>> found = difference(Figure(0.3, 0.28, 0.32, 2_000), Figure(0.2, 0.18, 0.22, 2_000))
    >>> [round(bound, 3) for bound in found]
    [0.1, 0.072, 0.128]
    """
    value = one.value - other.value
    below = math.hypot(one.value - one.low, other.high - other.value)
    above = math.hypot(one.high - one.value, other.value - other.low)
    return value, value - below, value + above


def bootstrapped(value: float, resampled: Floats, n: int) -> Figure:
    """The middle 95 % of the resampled values, widened to hold `value`.

    Small samples bias some measures under resampling (an expected calibration error grows, a macro F1 shrinks), and the
    plain percentiles can then leave out the value itself.

    value: over all n rows;  resampled: (resamples,)
    """
    low, high = (float(bound) for bound in np.quantile(resampled, [0.025, 0.975]))
    return Figure(value, min(low, value), max(high, value), n)


def drawn_counts(counts: Ints, resamples: int, seed: int) -> Iterator[Floats]:
    """Bootstrap rows that are already counted by cell.

    n rows drawn with replacement, then counted by cell, are one multinomial draw over the cells: the same distribution,
    at the cost of the cells instead of the rows.

    counts: rows in each cell (cells,)
    yields: blocks (r, cells) of counts that sum to n in each line; the blocks' r sum to `resamples`
    """
    chance = np.random.default_rng(seed)
    n = int(counts.sum())
    step = max(1, DRAWN_AT_ONCE // len(counts))
    for begin in range(0, resamples, step):
        size = min(step, resamples - begin)
        yield chance.multinomial(n, counts / n, size=size).astype(np.float64)
