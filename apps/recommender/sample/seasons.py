"""When people come to the sample's shop, and what for: hours, weekdays, months, and presents in December."""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

DAY_S = 86_400.0
DAYS = 365

HOURS = (1, 0.5, 0.3, 0.2, 0.2, 0.5, 1.5, 3, 4, 4.5, 5, 5.5, 6, 5.5, 5, 5, 5.5, 6, 7, 8.5, 9.5, 9, 6.5, 3)
WEEKDAYS = (1.05, 1.0, 0.95, 0.95, 0.9, 1.0, 1.25)
MONTHS = (1.0, 0.9, 1.0, 1.05, 1.0, 0.95, 0.9, 0.9, 1.0, 1.05, 1.35, 1.6)
GROWTH = 0.6  # by how much more people come at the end of the year than at its beginning
GIFT_DAYS, GIFT_SHARE = range(1, 24), 0.4  # of December, and the share of visits that look for a present


class Calendar:
    """The year that ends now, by days from its beginning, with how much is going on in each."""

    def __init__(self, now: datetime) -> None:
        self.end = now.timestamp()
        self.start = self.end - DAYS * DAY_S
        days = [datetime.fromtimestamp(self.start, UTC) + timedelta(days=day) for day in range(DAYS + 1)]
        midnight = [one.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() for one in days]
        weights = [
            MONTHS[one.month - 1] * WEEKDAYS[one.weekday()] * (1 + GROWTH * at / DAYS) for at, one in enumerate(days)
        ]
        self._midnight = midnight
        self._sums = list(accumulate(weights))
        self._hours = list(accumulate(HOURS))

    def share(self, since: float) -> float:
        """How much of the year's bustle comes after somebody first came."""
        return 1 - self._below(since) / self._sums[-1]

    def _below(self, since: float) -> float:
        first = max(0, min(DAYS, int((since - self._midnight[0]) // DAY_S)))
        return self._sums[first - 1] if first else 0.0

    def moment(self, since: float, chance: Random) -> float:
        """When somebody comes who first came at `since`: Unix seconds before now."""
        below = self._below(since)
        while True:
            day = bisect_left(self._sums, chance.uniform(below, self._sums[-1]))
            hour = bisect_left(self._hours, chance.uniform(0, self._hours[-1]))
            at = self._midnight[min(day, DAYS)] + (hour + chance.random()) * 3_600
            if max(since, self.start) <= at < self.end:
                return at


def looks_for_gift(at: datetime, chance: Random) -> bool:
    """Whether somebody who comes then looks for a present."""
    return at.month == 12 and at.day in GIFT_DAYS and chance.random() < GIFT_SHARE
