"""Vectors of items' texts in memory, and a narrower view of them that is searched whole. Encodes nothing itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.recommending.catalogue import Catalogue, digest_of, grown
from apps.recommender.pipeline.recommending.dense import COARSE, Dense
from apps.recommender.store.item_vectors import ItemVector

Floats = NDArray[np.float32]
NARROW = 128
"""Length of the vectors that are searched. On all-MiniLM's vectors their 128 main directions hold most of the variance,
and a third of the bytes is a third of the time."""
ENOUGH = 2_000
"""Vectors from which main directions are taken; fewer items are searched in full length."""


class ItemTexts:
    """The vector of each item's text, at its place in the catalogue; zeros where there is none yet.

    full: unit rows;  has: (capacity,)
    searched: (d, w), directions that are kept, and the vectors along them; always of each other
    """

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.full = Dense(dim, 1_024, steps=COARSE)
        self.has = np.zeros(1_024, dtype=np.bool_)
        self.searched: tuple[Floats, Dense] = np.eye(dim, dtype=np.float32), Dense(dim, 1_024)
        self._based_on = 0
        self._digests = np.zeros((1_024, 2), dtype=np.uint64)
        self._early: dict[int, ItemVector] = {}
        self.last = 0
        self.revision = 0
        self._stamps = np.zeros(1_024, dtype=np.int64)

    def stamps(self, n: int) -> NDArray[np.int64]:
        """(n,), at which revision each item's vector changed last."""
        return grown(self._stamps, n)[:n]

    def take(self, vectors: Sequence[ItemVector], catalogue: Catalogue) -> list[int]:
        """Take vectors in, whatever of them fits; those of texts that are not here yet wait. returns: places"""
        waiting, self._early = self._early, {}
        given = [*waiting.values(), *vectors]
        if not given:
            return []
        at = catalogue.places_of_keys(np.array([one.item_key for one in given]))
        digests = digest_of(b"".join(one.digest for one in given)).reshape(-1, 2)
        fits = (at >= 0) & (catalogue.digests[at] == digests).all(axis=1)
        self._early = {given[early].item_key: given[early] for early in np.flatnonzero(~fits).tolist()}
        rows = [np.frombuffer(given[one].vector, dtype="<f2") for one in np.flatnonzero(fits).tolist()]
        places: list[int] = at[fits].tolist()
        if places:
            self._make_room(catalogue.n)
            whole = np.stack(rows).astype(np.float32)
            self.full.put(np.array(places), whole)
            self._digests[places] = digests[fits]
            basis, narrow = self.searched
            narrow.put(np.array(places), whole @ basis)
            self.has[places] = True
            self._stamps[places] = self.revision + 1
            self.revision += 1
            self._turn()
            self.searched[1].settle(self.has)
        return places

    def forget_changed(self, catalogue: Catalogue) -> None:
        """Drop vectors of texts that are no longer what they were."""
        self._make_room(catalogue.n)
        n = catalogue.n
        gone = np.flatnonzero(self.has[:n] & (self._digests[:n] != catalogue.digests[:n]).any(axis=1))
        if not len(gone):
            return
        self.has[gone], self._digests[gone] = False, 0
        self._stamps[gone] = self.revision + 1
        for dense in (self.full, self.searched[1]):
            dense.put(gone, np.zeros((len(gone), dense.dim), dtype=np.float32))
        self.revision += 1

    def missing(self, catalogue: Catalogue, most: int) -> list[int]:
        """Places of items with a text whose vector nobody has made yet."""
        n = catalogue.n
        without = catalogue.live[:n] & ~grown(self.has, n)[:n] & catalogue.digests[:n].any(axis=1)
        found: list[int] = np.flatnonzero(without)[:most].tolist()
        return found

    def rows(self, places: NDArray[np.int64]) -> Floats:
        """Vectors of some items (m, d)."""
        return self.full.rows(places)

    def encode(self, n: int) -> None:
        """Make codes that propose candidates, where there are many items. Takes seconds; one thread at a time."""
        self.searched[1].encode(min(n, len(self.searched[1])))

    def _make_room(self, n: int) -> None:
        self.full.make_room(n)
        self.has, self._stamps = grown(self.has, n), grown(self._stamps, n)
        self._digests = grown(self._digests, n)
        self.searched[1].make_room(len(self.full))

    def _turn(self) -> None:
        """Find the main directions once there are enough vectors, and anew when there are four times as many."""
        held = np.flatnonzero(self.has)
        if self.dim <= NARROW or len(held) < max(ENOUGH, 4 * self._based_on):
            return
        sample = self.rows(held[:: max(1, len(held) // 20_000)])
        _, directions = np.linalg.eigh(sample.T @ sample)  # ascending
        basis = np.ascontiguousarray(directions[:, ::-1][:, :NARROW], dtype=np.float32)  # (d, w)
        narrow = Dense(NARROW, len(self.full))
        for at in range(0, len(held), 20_000):
            some = held[at : at + 20_000]
            narrow.put(some, self.rows(some) @ basis)
        narrow.settle(self.has)
        self.searched, self._based_on = (basis, narrow), len(held)
