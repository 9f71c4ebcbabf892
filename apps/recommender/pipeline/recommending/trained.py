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
from apps.recommender.pipeline.recommending.forward import Weights, next_vector
from apps.recommender.pipeline.recommending.past import Past
from apps.recommender.pipeline.recommending.placing import Neighbours, Part, Placed, Space, TextTaste, Wanted
from apps.recommender.pipeline.recommending.shelf import Shelf
from apps.recommender.pipeline.recommending.signals import Signal, by_popularity, leveled, nothing, strongest

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]
LONGEST = 200  # events that neighbours look back


@dataclass(frozen=True)
class Blended:
    """How much each signal counts; see `pipeline.model.blend.Blend`."""

    names: tuple[str, ...]
    weights: NDArray[np.float64]
    slopes: NDArray[np.float64]
    middle: float

    def of(self, events: int) -> dict[str, float]:
        """Weights for a history of so many events."""
        length = math.log1p(events) - self.middle
        found = self.weights + self.slopes * length
        return {name: float(weight) for name, weight in zip(self.names, found, strict=True) if weight}


class Trained:
    """A version in memory.

    items: ids of the m items that it was trained with;  parts: by the blend's names
    """

    def __init__(
        self, name: str, items: Sequence[str], parts: Mapping[str, Part], blend: Blended, space: TextSpace | None
    ) -> None:
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
        places, seconds = past.places[kept], past.seconds[kept]
        live = shelf.catalogue.live[:n]
        if not len(places):
            return [by_popularity(shelf.trends.popular(n), 1.0, live)]
        placed = self._at_places(shelf, n)
        found = []
        for name, weight in self._blend.of(len(places)).items():
            part = self._parts[name]
            if isinstance(part, Wanted):
                found.append(Signal("popular", np.float32(weight) * placed.popular[name][:n], nothing))
            elif isinstance(part, Neighbours):
                found.append(self._neighbours(placed, name, part, places, weight, n, live))
            elif isinstance(part, TextTaste):
                found.append(_text(placed.texts[name], places, part.fade, weight, n))
            else:
                found.append(_sequence(placed.spaces[name], part, places, seconds, weight, n, live))
        return found

    def _neighbours(
        self, placed: Placed, name: str, part: Neighbours, places: Longs, weight: float, n: int, live: NDArray[np.bool_]
    ) -> Signal:
        counts = fading(places, part.fade)
        rows = [(at, int(place)) for at, place in enumerate(counts.places) if placed.row[place] >= 0]
        spans = [slice(part.starts[placed.row[place]], part.starts[placed.row[place] + 1]) for _, place in rows]
        scores = np.zeros(n, dtype=np.float32)
        targets = placed.targets[name]
        for (at, _), span in zip(rows, spans, strict=True):
            inside = (targets[span] >= 0) & (targets[span] < n)
            scores[targets[span][inside]] += counts.weights[at] * part.amounts[span][inside]
        damping = placed.damping.get(name)
        if damping is not None:
            scores /= damping[:n]

        def because(item: int) -> list[int]:
            says = np.zeros(len(rows), dtype=np.float32)
            for number, ((at, _), span) in enumerate(zip(rows, spans, strict=True)):
                found = np.flatnonzero(targets[span] == item)
                if len(found):
                    says[number] = counts.weights[at] * part.amounts[span][found[0]]
            return strongest(np.array([place for _, place in rows], dtype=np.int64), says)

        return Signal("together", np.float32(weight) * leveled(scores, live), because)

    def _at_places(self, shelf: Shelf, n: int) -> Placed:
        placed = self._placed
        if placed is None or not placed.fits(shelf, n):
            with self._lock:
                if self._placed is None:
                    placed = Placed(self._items, self._parts, self._space, shelf, n)
                    placed.catch_up(shelf, n)
                    self._placed = placed
                self._placed.catch_up(shelf, n)
                placed = self._placed
        return placed


@dataclass(frozen=True)
class Counts:
    """Items of a history, each once. places: (h,);  weights: (h,)"""

    places: Longs
    weights: Floats


def fading(places: Longs, fade: float) -> Counts:
    """The last event counts 1 and each before it `fade` of the next; of an item, the newest event."""
    newest: dict[int, float] = {}
    for back, place in enumerate(places[::-1][:LONGEST].tolist()):
        newest.setdefault(place, fade**back)
    return Counts(np.array(list(newest), dtype=np.int64), np.array(list(newest.values()), dtype=np.float32))


def _text(vectors: Floats, places: Longs, fade: float, weight: float, n: int) -> Signal:
    """vectors: (w, c), unit columns; zeros where an item has no text"""
    counts = fading(places[-50:], fade)
    own = vectors[:, counts.places]  # (w, h)
    scores = (own @ counts.weights) @ vectors[:, :n]  # (w,) @ (w, n) -> (n,)

    def because(item: int) -> list[int]:
        return strongest(counts.places, counts.weights * (vectors[:, item] @ own))

    return Signal("similar", np.float32(weight) * leveled(scores), because)


def _sequence(
    spaces: Sequence[Space],
    networks: Sequence[Weights],
    places: Longs,
    seconds: NDArray[np.float64],
    weight: float,
    n: int,
    live: NDArray[np.bool_],
) -> Signal:
    """The networks' logits, averaged: log-probabilities differ from them by a constant that leveling takes away."""
    scores = np.zeros(n, dtype=np.float32)
    for space, network in zip(spaces, networks, strict=True):
        longest = int(network.shape["longest"])
        some = places[-longest:]
        pauses = np.diff(seconds, prepend=seconds[:1])[-longest:]
        wish = next_vector(network, space.entering[:, some].T, pauses)
        scores += wish @ space.vectors[:, :n] + space.bias[:n]  # (d,) @ (d, n) -> (n,)
    entering = spaces[0].entering

    def because(item: int) -> list[int]:
        own = list(dict.fromkeys(places[::-1][:LONGEST].tolist()))
        rows = entering[:, own].T  # (h, d)
        lengths = np.linalg.norm(rows, axis=1) * max(float(np.linalg.norm(entering[:, item])), 1e-9)
        return strongest(np.array(own, dtype=np.int64), rows @ entering[:, item] / np.maximum(lengths, 1e-9))[:1]

    return Signal("sequence", np.float32(weight) * leveled(scores, live), because)
