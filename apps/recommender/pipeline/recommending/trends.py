"""How much each item is wanted, all in all and lately, as sums that fade; new events are added to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.recommending.catalogue import Catalogue, grown
from apps.recommender.pipeline.recommending.worth import faded, worth
from apps.recommender.settings import RecommenderSettings
from apps.recommender.store.following import Arrived

Floats = NDArray[np.float32]


class Trends:
    """Sums of what events count, at the moment `at` (Unix seconds).

    last: number of the newest event in them
    """

    def __init__(self, settings: RecommenderSettings) -> None:
        self._settings = settings
        self._lives = (settings.popular_half_life_days, settings.trending_half_life_days)
        self._sums = np.zeros((1_024, 2))
        self.at = 0.0
        self.last = 0

    def add(self, arrived: Arrived, catalogue: Catalogue, now: float) -> None:
        """Let what was counted fade until now, and count what arrived. One thread at a time."""
        sums = grown(self._sums, catalogue.n).copy()
        sums *= [float(faded(np.array([now - self.at]), days)[0]) for days in self._lives]
        for key, name in arrived.types.items():
            some = arrived.type == key
            if not some.any():
                continue
            counts = np.maximum(worth(name, arrived.value[some], self._settings), 0)
            places = catalogue.places_of_keys(arrived.item[some])
            held = places >= 0
            for column, days in enumerate(self._lives):
                fresh = counts * faded(now - arrived.seconds[some], days)
                sums[:, column] += np.bincount(places[held], weights=fresh[held], minlength=len(sums))[: len(sums)]
        self._sums, self.at, self.last = sums, now, arrived.last

    def popular(self, n: int) -> Floats:
        """(n,), faded sums of all events."""
        return np.asarray(grown(self._sums, n)[:n, 0], dtype=np.float32)

    def trending(self, n: int) -> Floats:
        """(n,), how far each item's present rate of events lies above its usual one, in standard deviations of it."""
        sums = grown(self._sums, n)[:n]
        usual, recent = sums[:, 0] / self._lives[0], sums[:, 1] / self._lives[1]
        return np.asarray((recent - usual) / np.sqrt(usual + 0.1), dtype=np.float32)
