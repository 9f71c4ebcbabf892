"""Vectors of items' texts in memory, and a narrower view of them that is searched whole. Encodes nothing itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.recommending.catalogue import Catalogue, grown
from apps.recommender.pipeline.recommending.dense import Dense
from apps.recommender.store.item_vectors import ItemVector

Floats = NDArray[np.float32]
NARROW = 128
"""Length of the vectors that are searched. On all-MiniLM's vectors their 128 main directions hold most of the variance,
and a third of the bytes is a third of the time."""
ENOUGH = 2_000
"""Vectors from which main directions are taken; fewer items are searched in full length."""


class ItemTexts:
    """The vector of each item's text, at its place in the catalogue; zeros where there is none yet.

    full: (capacity, d) float16, unit rows;  has: (capacity,)
    searched: (d, w), directions that are kept, and the vectors along them; always of each other
    """

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.full = np.zeros((1_024, dim), dtype=np.float16)
        self.has = np.zeros(1_024, dtype=np.bool_)
        self.searched: tuple[Floats, Dense] = np.eye(dim, dtype=np.float32), Dense(dim, 1_024, unit=True)
        self._based_on = 0
        self._digests: dict[int, bytes] = {}
        self._early: dict[int, ItemVector] = {}
        self.last = 0
        self.revision = 0
        self._stamps = np.zeros(1_024, dtype=np.int64)

    def stamps(self, n: int) -> NDArray[np.int64]:
        """(n,), at which revision each item's vector changed last."""
        return grown(self._stamps, n)[:n]

    def take(self, vectors: Sequence[ItemVector], catalogue: Catalogue) -> list[int]:
        """Take vectors in, whatever of them fits; those of texts that are not here yet wait. returns: places"""
        places, rows = [], []
        waiting, self._early = self._early, {}
        for one in [*waiting.values(), *vectors]:
            place = catalogue.place_of_key.get(one.item_key)
            if place is None or catalogue.digests[place] != one.digest:
                self._early[one.item_key] = one
            else:
                places.append(place)
                rows.append(np.frombuffer(one.vector, dtype="<f2"))
                self._digests[place] = one.digest
        if places:
            self._make_room(catalogue.n)
            self.full[places] = np.stack(rows)
            basis, narrow = self.searched
            narrow.put(np.array(places), np.stack(rows).astype(np.float32) @ basis)
            self.has[places] = True
            self._stamps[places] = self.revision + 1
            self.revision += 1
            self._turn()
            self.searched[1].settle(self.has)
        return places

    def forget_changed(self, catalogue: Catalogue) -> None:
        """Drop vectors of texts that are no longer what they were."""
        self._make_room(catalogue.n)
        gone = [place for place, digest in self._digests.items() if catalogue.digests[place] != digest]
        for place in gone:
            self.has[place], self.full[place] = False, 0
            self._stamps[place] = self.revision + 1
            self.searched[1].put(np.array([place]), np.zeros((1, self.searched[1].dim), dtype=np.float32))
            del self._digests[place]
        self.revision += bool(gone)

    def missing(self, catalogue: Catalogue, most: int) -> list[int]:
        """Places of items with a text whose vector nobody has made yet."""
        n = catalogue.n
        found = []
        for place in np.flatnonzero(catalogue.live[:n] & ~grown(self.has, n)[:n]):
            if catalogue.digests[place]:
                found.append(int(place))
                if len(found) == most:
                    break
        return found

    def rows(self, places: NDArray[np.int64]) -> Floats:
        """Vectors of some items (m, d)."""
        return self.full[places].astype(np.float32)

    def encode(self, n: int) -> None:
        """Make codes that propose candidates, where there are many items. Takes seconds; one thread at a time."""
        self.searched[1].encode(min(n, len(self.searched[1])))

    def _make_room(self, n: int) -> None:
        self.full, self.has, self._stamps = grown(self.full, n), grown(self.has, n), grown(self._stamps, n)
        self.searched[1].make_room(len(self.full))

    def _turn(self) -> None:
        """Find the main directions once there are enough vectors, and anew when there are four times as many."""
        held = np.flatnonzero(self.has)
        if self.dim <= NARROW or len(held) < max(ENOUGH, 4 * self._based_on):
            return
        sample = self.rows(held[:: max(1, len(held) // 20_000)])
        _, directions = np.linalg.eigh(sample.T @ sample)  # ascending
        basis = np.ascontiguousarray(directions[:, ::-1][:, :NARROW], dtype=np.float32)  # (d, w)
        narrow = Dense(NARROW, len(self.full), unit=True)
        for at in range(0, len(held), 20_000):
            some = held[at : at + 20_000]
            narrow.put(some, self.rows(some) @ basis)
        narrow.settle(self.has)
        self.searched, self._based_on = (basis, narrow), len(held)
