"""A trained version as a server ranks with it: arrays at the catalogue's places, new items by their text. No torch.

What each signal says is what `pipeline.model` fitted the blend on, for one user at a time.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.model.text_space import TextSpace
from apps.recommender.pipeline.recommending.parts import Neighbours, Part, TextTaste, Wanted
from apps.recommender.pipeline.recommending.past import Past
from apps.recommender.pipeline.recommending.placing import Placed
from apps.recommender.pipeline.recommending.saying import fading, of_neighbours, of_newness, of_sequence, of_texts
from apps.recommender.pipeline.recommending.shelf import Shelf
from apps.recommender.pipeline.recommending.signals import Signal, by_amounts

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]


@dataclass(frozen=True)
class Blended:
    """How much each signal counts, and what is added for items of which only the text is known.

    See `pipeline.model.blend.Blend`.
    """

    names: tuple[str, ...]
    weights: NDArray[np.float64]
    slopes: NDArray[np.float64]
    middle: float
    unseen: float = 0.0

    def of(self, events: int) -> dict[str, float]:
        """Weights for a history of so many events."""
        length = math.log1p(events) - self.middle
        found = self.weights + self.slopes * length
        return {name: float(weight) for name, weight in zip(self.names, found, strict=True) if weight}


class Trained:
    """A version in memory.

    items: ids of the m items that it was trained with;  parts: by the blend's names
    unseen: (m,), which of them had no event
    """

    def __init__(
        self,
        name: str,
        items: Sequence[str],
        parts: Mapping[str, Part],
        blend: Blended,
        space: TextSpace | None,
        unseen: NDArray[np.bool_],
    ) -> None:
        self._unseen = unseen
        self._name, self._items, self._parts, self._blend, self._space = name, items, parts, blend, space
        self._placed: Placed | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Such as "recommender@3"."""
        return self._name

    def signals(self, past: Past, shelf: Shelf, n: int, now: float) -> list[Signal]:
        """What speaks for each of n items; of whom nothing is known, popularity as it is now."""
        kept = past.learned
        places, seconds, says = past.places[kept], past.seconds[kept], past.says[kept]
        if not len(places):
            return [shelf.popularity(n)]
        placed, live = self._at_places(shelf, n), shelf.catalogue.live[:n]
        found = []
        for name, weight in self._blend.of(len(places)).items():
            part = self._parts[name]
            if isinstance(part, Wanted):
                found.append(by_amounts("popular", placed.popular[name], placed.order[name]).weighed(weight))
            elif isinstance(part, Neighbours):
                found.append(of_neighbours(placed, name, part, fading(places, part.fade, says), weight, live))
            elif isinstance(part, TextTaste):
                found.append(of_texts(placed.texts[name], fading(places[-50:], part.fade, says[-50:]), weight))
            else:
                found.append(of_sequence(placed.spaces[name], part, places, seconds, weight))
        if self._blend.unseen:
            found.append(of_newness(placed.unseen, self._blend.unseen))
        return found

    def prepare(self, shelf: Shelf, n: int) -> None:
        """Do what the next request would have to do first, and what makes requests cheap. One thread at a time."""
        self._at_places(shelf, n).encode()

    def _at_places(self, shelf: Shelf, n: int) -> Placed:
        placed = self._placed
        if placed is None or not placed.fits(shelf, n):
            with self._lock:
                if self._placed is None:
                    placed = Placed(self._items, self._parts, self._space, self._unseen, shelf, n)
                    placed.catch_up(shelf, n)
                    self._placed, self._items = placed, ()  # a million ids are a hundred megabytes
                self._placed.catch_up(shelf, n)
                placed = self._placed
        return placed
