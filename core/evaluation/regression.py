"""How good a model of numbers is on rows whose numbers are known, with 95 % intervals. Runs no model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.evaluation.compare import Difference, Verdict, difference, verdict_of
from core.evaluation.intervals import DRAWN_AT_ONCE, Figure, Floats, Ints, bootstrapped, share
from core.outcomes import Estimate


def measure_regression(
    truth: Floats, said: Floats, *, constant: float, seed: int = 7, resamples: int = 1_000
) -> dict[str, Figure]:
    """All figures that the data can give; those it cannot are left out.

    mae, rmse: mean absolute error, root of the mean squared error, in the unit of the data
    spearman: correlation of the ranks; only where neither the truth nor what is said is all alike
    r2: what is better than always saying the mean of these very rows: 1 is perfect, 0 is no better; can be below 0
    mae_of_the_mean: the mean absolute error of always saying `constant`

    Intervals by the bootstrap over rows; resamples in which a figure has no meaning are passed over.

    truth, said: (n > 0,), finite;  constant: a mean that was known before, e.g. of the rows that were trained on

    >>> figures = measure_regression(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]), constant=2.0)
    >>> {name: round(figure.value, 2) for name, figure in figures.items()}
    {'mae': 0.67, 'rmse': 1.15, 'r2': -1.0, 'spearman': 1.0, 'mae_of_the_mean': 0.67}
    """
    n = len(truth)
    value = _figures(truth, said, constant, np.arange(n)[None])
    blocks = [_figures(truth, said, constant, drawn) for drawn in _drawn(n, resamples, seed)]
    figures = {}
    for name, [whole] in value.items():
        if np.isfinite(whole):
            resampled = np.concatenate([block[name] for block in blocks])
            figures[name] = bootstrapped(float(whole), resampled[np.isfinite(resampled)], n)
    return figures


def coverage(truth: Floats, said: Sequence[Estimate]) -> Figure:
    """The share of rows whose number lies in the interval given with what was said. truth: (n,)"""
    low, high = np.array([one.low for one in said]), np.array([one.high for one in said])
    return share((low <= truth) & (truth <= high)).figure()


@dataclass(frozen=True)
class ErrorComparison:
    """A candidate against a baseline on the same rows. mae: where the difference is below 0, the candidate is better"""

    verdict: Verdict
    n: int
    mae: Difference


def compare_errors(
    truth: Floats, candidate: Floats, baseline: Floats, seed: int = 7, resamples: int = 1_000
) -> ErrorComparison:
    """Whether the candidate errs less, by the paired bootstrap at 5 %. truth, candidate, baseline: (n > 0,)

    >>> truth = np.arange(20.0)
    >>> compare_errors(truth, truth, truth + 1).verdict, compare_errors(truth, truth + 1, truth - 1).verdict
    ('better', 'no difference that can be told from chance')
    """
    n = len(truth)
    errors = np.abs(np.stack([candidate, baseline]) - truth)  # (2, n)
    resampled = np.concatenate([errors[:, drawn].mean(axis=2) for drawn in _drawn(n, resamples, seed)], axis=1)
    mae = difference(errors.mean(axis=1), resampled, n)
    return ErrorComparison(verdict_of(mae.p, -mae.value), n, mae)


def _drawn(n: int, resamples: int, seed: int) -> Iterator[Ints]:
    """Blocks of places drawn with replacement, (r, n)."""
    chance = np.random.default_rng(seed)
    step = max(1, DRAWN_AT_ONCE // n)
    for begin in range(0, resamples, step):
        yield chance.integers(0, n, size=(min(step, resamples - begin), n))


def _figures(truth: Floats, said: Floats, constant: float, drawn: Ints) -> dict[str, Floats]:
    """drawn: places (r, n);  returns: (r,) each, not a number where a figure has no meaning"""
    true, guessed = truth[drawn], said[drawn]  # (r, n)
    squares = ((true - guessed) ** 2).sum(axis=1)
    spread = ((true - true.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    lone = np.ptp(true, axis=1) == 0  # rounding leaves a spread of equal numbers a little above 0
    return {
        "mae": np.abs(true - guessed).mean(axis=1),
        "rmse": np.sqrt(squares / drawn.shape[1]),
        "r2": np.where(lone, np.nan, 1 - squares / np.where(lone, 1, spread)),
        "spearman": _spearman(true, guessed),
        "mae_of_the_mean": np.abs(true - constant).mean(axis=1),
    }


def _spearman(true: Floats, guessed: Floats) -> Floats:
    """Pearson's correlation of ranks, equal numbers sharing theirs. true, guessed: (r, n);  returns: (r,)"""
    from scipy.stats import rankdata

    a, b = rankdata(true, axis=1), rankdata(guessed, axis=1)
    a -= a.mean(axis=1, keepdims=True)
    b -= b.mean(axis=1, keepdims=True)
    lengths = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    correlation: Floats = np.where(lengths > 0, (a * b).sum(axis=1) / np.where(lengths > 0, lengths, 1), np.nan)
    return correlation
