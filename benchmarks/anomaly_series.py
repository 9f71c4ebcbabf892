"""Series of counts made with a seed: hours and weekdays, wild or tame noise, planted events. Measures nothing.

A series has a mean count in a bucket, a day's curve (at night a third of the afternoon), quieter weekends, and negative
binomial noise. A spike multiplies two buckets, a shift all buckets from its first on.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["none", "spike", "shift"]
START_S = 1_767_571_200.0  # Monday 5 January 2026, 0:00 UTC


@dataclass(frozen=True)
class Made:
    """A series and where its event begins. times: seconds since 1970 (n,);  values: counts (n,)"""

    times: NDArray[np.float64]
    values: NDArray[np.float64]
    event: int | None


def make(kind: Kind, *, seed: int, weeks: int, every_s: int, mean: float, factor: float = 1.0) -> Made:
    """One series.

    every_s: seconds between buckets;  mean: mean count of a bucket
    factor: of the event; its place is drawn from the last two thirds, without the buckets of the quietest third
    """
    chance = np.random.default_rng(seed)
    times = START_S + every_s * np.arange(weeks * 7 * 86_400 // every_s, dtype=np.float64)
    hour, day = times % 86_400 / 3_600, times // 86_400 % 7
    curve = 2.0 + np.cos((hour - 15.0) * np.pi / 12.0)  # 3 at 15:00, 1 at 3:00
    weekend = (day == 2) | (day == 3)  # 1 January 1970 was a Thursday
    expected = curve * np.where(weekend, 0.5, 1.0)
    expected *= mean / expected.mean()
    event = None
    if kind != "none":
        third = len(times) // 3
        allowed = np.flatnonzero(expected > np.quantile(expected, 1 / 3))
        event = int(chance.choice(allowed[(allowed >= third) & (allowed < len(times) - 48)]))
        expected[event : event + 2 if kind == "spike" else None] *= factor
    # shape 8: the standard deviation of the rate is 35 % of it, beside that of a Poisson count
    values = chance.poisson(expected * chance.gamma(8.0, 1 / 8.0, len(times))).astype(np.float64)
    return Made(times, values, event)
