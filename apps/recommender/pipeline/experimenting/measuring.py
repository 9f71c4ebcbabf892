"""What came of an arm: rates whose intervals know that one person's many clicks are one person's. Reads no database.

A rate is a ratio of two sums over users, clicks by impressions or buyers by users. Its variance is that of the ratio of
means over users (the delta method: Deng, Knoblich and Lu, 2018, "Applying the delta method in metric analytics: a
practical guide with novel ideas", KDD), so that users, not events, are what is counted.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Z = 1.959964  # 95 %


@dataclass(frozen=True)
class Rate:
    """A ratio with its 95 % interval, for one look. users: whose sums these are;  events: the sum below the line

    variance: of `value`, from user to user; 0 where it cannot be told
    """

    value: float
    low: float
    high: float
    users: int
    events: float
    variance: float


def ratio(above: Floats, below: Floats) -> Rate | None:
    """The ratio of two sums over users, with its variance. above, below: (n,), of each user; n users

    The interval is the normal one and may be for amounts of money too; for shares take `share`.
    returns: None where nobody counts
    """
    total = float(below.sum())
    if len(below) == 0 or total <= 0:
        return None
    value = float(above.sum()) / total
    variance = _variance(above, below, value)
    reach = Z * sqrt(variance)
    return Rate(value, value - reach, value + reach, len(below), total, variance)


def share(above: Floats, below: Floats) -> Rate | None:
    """A share of events, 0 … 1, with a Wilson interval (Wilson, 1927) over as many events as are worth that many
    independent ones: the variance between users says how many (Kish, 1965, "Survey sampling", design effect).

    above: (n,), of each user, at most `below`;  below: (n,), at least 0

    >>> one_fan = share(np.array([100.0] + [0.0] * 9), np.full(10, 100.0))
    >>> bool(one_fan.high > 0.3)  # 100 of 1,000 clicks would be 0.08 … 0.12, were they of 1,000 people
    True
    """
    rate = ratio(above, below)
    if rate is None:
        return None
    spread = rate.value * (1 - rate.value)
    # All or nothing: no variance is seen, though there is one; then users count, as if each were one event.
    worth = min(rate.events, spread / rate.variance) if rate.variance > 0 and spread > 0 else float(rate.users)
    low, high = _wilson(rate.value, worth)
    return Rate(rate.value, low, high, rate.users, rate.events, rate.variance)


def _variance(above: Floats, below: Floats, value: float) -> float:
    count = len(below)
    if count < 2:
        return 0.0
    errors = (above - value * below) / below.mean()  # (n,), mean 0
    return float(errors @ errors) / (count - 1) / count


def _wilson(value: float, worth: float) -> tuple[float, float]:
    middle = (value + Z**2 / (2 * worth)) / (1 + Z**2 / worth)
    reach = Z / (1 + Z**2 / worth) * sqrt(value * (1 - value) / worth + Z**2 / (4 * worth**2))
    return max(0.0, middle - reach), min(1.0, middle + reach)
