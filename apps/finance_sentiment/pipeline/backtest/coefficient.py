"""The information coefficient: whether the order of companies by mood is the order of their next returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from apps.finance_sentiment.pipeline.backtest.chance import mean_over_days
from apps.finance_sentiment.pipeline.mood_index import Floats
from core.evaluation.intervals import Figure

FEWEST = 5  # companies with an index and a return that make an order


@dataclass(frozen=True)
class Quarter:
    """name: such as "2014 Q1";  figure: None where it has no day with an order"""

    name: str
    figure: Figure | None


def coefficients(index: Floats, returns: Floats, fewest: int = FEWEST) -> Floats:
    """Spearman's rank correlation of each day, (d,); nan where fewer than `fewest` companies have both, or all alike.

    index, returns: (d, e), the return being that of the following day

    >>> coefficients(np.array([[0.1, 0.5, -0.2]]), np.array([[0.0, 0.02, -0.01]]), fewest=3).tolist()
    [1.0]
    """
    from scipy.stats import rankdata

    found = np.full(len(index), np.nan)
    for day, (said, came) in enumerate(zip(index, returns, strict=True)):
        both = np.isfinite(said) & np.isfinite(came)
        if both.sum() < fewest:
            continue
        a, b = rankdata(said[both]), rankdata(came[both])
        a, b = a - a.mean(), b - b.mean()
        scale = float(np.sqrt((a @ a) * (b @ b)))
        if scale > 0.0:
            found[day] = np.clip(a @ b / scale, -1.0, 1.0)
    return found


def changes(index: Floats) -> Floats:
    """How much the index moved since the day before, (d, e); nan where either is not told."""
    before = np.full_like(index, np.nan)
    before[1:] = index[:-1]
    return np.asarray(index - before)


def by_quarter(days: Sequence[date], found: Floats) -> list[Quarter]:
    """The mean coefficient of each quarter that has a day. found: (d,)"""
    names = np.array([f"{day.year} Q{(day.month + 2) // 3}" for day in days])
    return [Quarter(name, mean_over_days(found[names == name])) for name in dict.fromkeys(names.tolist())]
