"""The arrays of a trained version, moved to the catalogue's places, and kept there as items and texts are added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.model.text_space import TextSpace
from apps.recommender.pipeline.recommending.catalogue import grown
from apps.recommender.pipeline.recommending.dense import Dense
from apps.recommender.pipeline.recommending.forward import Weights
from apps.recommender.pipeline.recommending.parts import Neighbours, Networked, Part, Space, TextTaste, Wanted
from apps.recommender.pipeline.recommending.shelf import Shelf
from apps.recommender.pipeline.recommending.signals import leveled

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]
AT_ONCE = 50_000  # items whose texts are projected at a time


class Placed:
    """What a version holds, at the catalogue's places: items that it never met stand there by their texts alone.

    row: (c,), row of the version for each place, -1 where it has none;  popular, damping: (c,) by signal
    order: places by popularity, the most popular first, by signal;  texts: unit rows, by signal
    targets: places of the items that neighbours name, -1 for those that are not in the catalogue
    unseen: (c,), 1 for items of which only the text is known, as no event was when the version was trained; else 0
    """

    def __init__(
        self,
        items: Sequence[str],
        parts: Mapping[str, Part],
        space: TextSpace | None,
        unseen: Flags,
        shelf: Shelf,
        n: int,
    ) -> None:
        """unseen: (m,), which of the version's items had no event"""
        size = max(1_024, n)
        self._unseen, self.unseen = unseen, np.zeros(size, dtype=np.float32)
        self.n, self._revision, self._space = 0, -1, space
        self.texts: dict[str, Dense] = {}
        self._networks: dict[str, Sequence[Networked]] = {}
        of_row = np.array([shelf.catalogue.place.get(name, -1) for name in items], dtype=np.int64)
        of_row[of_row >= n] = -1
        held = of_row >= 0
        self._later = {name: at for at, name in enumerate(items) if of_row[at] < 0}
        self.row = np.full(size, -1, dtype=np.int64)
        self.row[of_row[held]] = np.flatnonzero(held)
        self.popular: dict[str, Floats] = {}
        self.order: dict[str, Longs] = {}
        self.targets: dict[str, NDArray[np.int32]] = {}
        self.damping: dict[str, Floats] = {}
        self.spaces: dict[str, Space] = {}
        for name, part in parts.items():
            if isinstance(part, Wanted):
                amounts = np.zeros(size, dtype=np.float32)
                amounts[of_row[held]] = np.log1p(part.amounts)[held]
                self.popular[name] = np.zeros(size, dtype=np.float32)
                self.popular[name][:n] = leveled(amounts[:n], shelf.catalogue.live[:n])
                self.order[name] = np.argsort(-self.popular[name][:n], kind="stable")
            elif isinstance(part, Neighbours):
                self.targets[name] = of_row[part.items].astype(np.int32)
                if part.damping is not None:
                    self.damping[name] = np.ones(size, dtype=np.float32)
                    self.damping[name][of_row[held]] = part.damping[held]
            elif isinstance(part, TextTaste):
                width = 0 if space is None else len(space.directions)
                self.texts[name] = Dense(width, size)
            else:
                self._networks[name] = part
                self.spaces[name] = _empty(part, size)

    def fits(self, shelf: Shelf, n: int) -> bool:
        """Whether nothing was added since."""
        return self.n >= n and self._revision >= shelf.texts.revision

    def catch_up(self, shelf: Shelf, n: int) -> None:
        """Take in items and texts that were added. One thread at a time."""
        if self.fits(shelf, n):
            return
        revision = shelf.texts.revision
        self._make_room(n)
        for place in range(self.n, n):
            row = self._later.pop(shelf.catalogue.ids[place], -1) if self._later else -1
            if row >= 0:
                self.row[place] = row
        changed = np.flatnonzero((shelf.texts.stamps(n) > self._revision) | (np.arange(n) >= self.n))
        for at in range(0, len(changed), AT_ONCE):
            places = changed[at : at + AT_ONCE]
            text = None if self._space is None else self._space.project(shelf.texts.rows(places))  # (p, w)
            if text is not None:
                self.unseen[places] = text.any(axis=1) & ((self.row[places] < 0) | self._unseen[self.row[places]])
            for name, networks in self._networks.items():
                self._fill(networks, self.spaces[name], places, text)
            for vectors in self.texts.values():
                if text is not None:
                    vectors.put(places, text / np.maximum(np.linalg.norm(text, axis=1, keepdims=True), 1e-9))
        for vectors in self.texts.values():
            vectors.settle(np.ones(n, dtype=np.bool_))
        for space in self.spaces.values():
            space.compared.settle(shelf.catalogue.live[:n])
        self.n, self._revision = n, revision

    def encode(self) -> None:
        """Make codes that propose candidates, where there are many items. Takes seconds; one thread at a time."""
        for dense in (*self.texts.values(), *(space.compared for space in self.spaces.values())):
            dense.encode(self.n)

    def _make_room(self, n: int) -> None:
        if n <= len(self.row):
            return
        size = 2 * n
        self.row = np.concatenate([self.row, np.full(size - len(self.row), -1, dtype=np.int64)])
        self.unseen = grown(self.unseen, size)
        self.popular = {name: grown(one, size) for name, one in self.popular.items()}
        self.damping = {
            name: np.concatenate([one, np.ones(size - len(one), dtype=np.float32)])
            for name, one in self.damping.items()
        }
        for dense in self.texts.values():
            dense.make_room(size)
        for space in self.spaces.values():
            for dense in (*space.entering, space.compared):
                dense.make_room(size)

    def _fill(self, networks: Sequence[Networked], space: Space, places: Longs, text: Floats | None) -> None:
        entering = [self._vectors(network, places, text) for network in networks]
        for dense, (vectors, bias) in zip(space.entering, entering, strict=True):
            dense.put(places, vectors, bias)
        if space.compared is not space.entering[0]:
            number = np.float32(len(networks))
            sides = [_compared(network.weights, one) for network, (one, _) in zip(networks, entering, strict=True)]
            bias = np.sum([its for _, its in entering], axis=0) / number
            space.compared.put(places, np.concatenate(sides, axis=1) / number, bias)

    def _vectors(self, networked: Networked, places: Longs, text: Floats | None) -> tuple[Floats, Floats]:
        """returns: (p, d) and an amount for each item (p,)"""
        network, rows = networked.weights, self.row[places]
        met = rows >= 0
        vectors = np.zeros((len(places), int(network.shape["width"])), dtype=np.float32)
        trust = network["trust"][rows[met]]
        vectors[met] = networked.learned(rows[met]) * trust[:, None]
        if network.shape["text"] and text is not None:
            vectors += text @ network["project.weight"].T  # (p, w) @ (w, d) -> (p, d)
        bias = np.zeros(len(places), dtype=np.float32)
        bias[met] = network["popularity"][rows[met]] * np.minimum(trust, 1)
        return vectors, bias


def _compared(network: Weights, vectors: Floats) -> Floats:
    """What a network compares with (p, d)."""
    if not network.shape["cosine"]:
        return vectors
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return np.asarray(vectors / lengths * np.exp(network["log_scale"]), dtype=np.float32)


def _empty(networks: Sequence[Networked], size: int) -> Space:
    shapes = [network.weights.shape for network in networks]
    entering = [Dense(int(shape["width"]), size, biased=True) for shape in shapes]
    if len(shapes) == 1 and not shapes[0]["cosine"]:
        return Space(entering, entering[0])
    return Space(entering, Dense(sum(dense.dim for dense in entering), size, biased=True))
