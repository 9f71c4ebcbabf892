"""The arrays of a trained version, moved to the catalogue's places, and kept there as items and texts are added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.model.text_space import TextSpace
from apps.recommender.pipeline.recommending.catalogue import grown
from apps.recommender.pipeline.recommending.forward import Weights
from apps.recommender.pipeline.recommending.shelf import Shelf
from apps.recommender.pipeline.recommending.signals import leveled

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]
AT_ONCE = 50_000  # items whose texts are projected at a time


@dataclass(frozen=True)
class Neighbours:
    """What each of m items says for others: sparse rows. fade: what an event counts relative to the one after it

    starts: (m + 1,);  items: (z,);  amounts: (z,);  damping: (m,), by which each item's score is divided, or None
    """

    starts: Longs
    items: NDArray[np.int32]
    amounts: Floats
    fade: float
    damping: Floats | None = None


@dataclass(frozen=True)
class TextTaste:
    """Likeness of texts. fade: what an event counts relative to the one after it"""

    fade: float


@dataclass(frozen=True)
class Wanted:
    """The same for everybody. amounts: (m,)"""

    amounts: Floats


Part = Sequence[Weights] | Neighbours | TextTaste | Wanted
"""What one signal of the blend is made of; several networks are averaged."""


@dataclass
class Space:
    """Vectors of one network at the catalogue's places.

    entering: (d, c), as events enter;  vectors: (d, c), as they are compared with, often the same;  bias: (c,)
    """

    entering: Floats
    vectors: Floats
    bias: Floats


class Placed:
    """What a version holds, at the catalogue's places: items that it never met stand there by their texts alone.

    row: (c,), row of the version for each place, -1 where it has none;  popular, damping: (c,) by signal
    texts: (w, c) by signal, unit columns
    targets: places of the items that neighbours name, -1 for those that are not in the catalogue
    """

    def __init__(
        self, items: Sequence[str], parts: Mapping[str, Part], space: TextSpace | None, shelf: Shelf, n: int
    ) -> None:
        size = max(1_024, n)
        self.n, self._revision, self._space = 0, -1, space
        self.texts: dict[str, Floats] = {}
        self._networks: dict[str, Sequence[Weights]] = {}
        of_row = np.array([shelf.catalogue.place.get(name, -1) for name in items], dtype=np.int64)
        of_row[of_row >= n] = -1
        held = of_row >= 0
        self._later = {name: at for at, name in enumerate(items) if of_row[at] < 0}
        self.row = np.full(size, -1, dtype=np.int64)
        self.row[of_row[held]] = np.flatnonzero(held)
        self.popular: dict[str, Floats] = {}
        self.targets: dict[str, Longs] = {}
        self.damping: dict[str, Floats] = {}
        self.spaces: dict[str, list[Space]] = {}
        for name, part in parts.items():
            if isinstance(part, Wanted):
                amounts = np.zeros(size, dtype=np.float32)
                amounts[of_row[held]] = np.log1p(part.amounts)[held]
                self.popular[name] = np.zeros(size, dtype=np.float32)
                self.popular[name][:n] = leveled(amounts[:n], shelf.catalogue.live[:n])
            elif isinstance(part, Neighbours):
                self.targets[name] = of_row[part.items]
                if part.damping is not None:
                    self.damping[name] = np.ones(size, dtype=np.float32)
                    self.damping[name][of_row[held]] = part.damping[held]
            elif isinstance(part, TextTaste):
                width = 0 if space is None else len(space.directions)
                self.texts[name] = np.zeros((width, size), dtype=np.float32)
            else:
                self._networks[name] = part
                self.spaces[name] = [_empty(network, size) for network in part]

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
            for name, networks in self._networks.items():
                for network, space in zip(networks, self.spaces[name], strict=True):
                    self._fill(network, space, places, text)
            for vectors in self.texts.values():
                if text is not None:
                    vectors[:, places] = (text / np.maximum(np.linalg.norm(text, axis=1, keepdims=True), 1e-9)).T
        self.n, self._revision = n, revision

    def _make_room(self, n: int) -> None:
        if n <= len(self.row):
            return
        size = 2 * n
        self.row = np.concatenate([self.row, np.full(size - len(self.row), -1, dtype=np.int64)])
        self.texts = {name: _wider(one, size) for name, one in self.texts.items()}
        self.popular = {name: grown(one, size) for name, one in self.popular.items()}
        self.damping = {
            name: np.concatenate([one, np.ones(size - len(one), dtype=np.float32)])
            for name, one in self.damping.items()
        }
        for space in (space for spaces in self.spaces.values() for space in spaces):
            same = space.vectors is space.entering
            space.bias = grown(space.bias, size)
            space.entering = _wider(space.entering, size)
            space.vectors = space.entering if same else _wider(space.vectors, size)

    def _fill(self, network: Weights, space: Space, places: Longs, text: Floats | None) -> None:
        rows = self.row[places]
        met = rows >= 0
        vectors = np.zeros((len(places), int(network.shape["width"])), dtype=np.float32)
        trust = network["trust"][rows[met]]
        vectors[met] = network["learned"][rows[met]] * trust[:, None]
        if network.shape["text"] and text is not None:
            vectors += text @ network["project.weight"].T  # (p, w) @ (w, d) -> (p, d)
        space.entering[:, places] = vectors.T
        space.bias[places[met]] = network["popularity"][rows[met]] * np.minimum(trust, 1)
        if network.shape["cosine"]:
            lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
            space.vectors[:, places] = (vectors / lengths * np.exp(network["log_scale"])).T


def _empty(network: Weights, size: int) -> Space:
    entering = np.zeros((int(network.shape["width"]), size), dtype=np.float32)
    vectors = np.zeros_like(entering) if network.shape["cosine"] else entering
    return Space(entering, vectors, np.zeros(size, dtype=np.float32))


def _wider(columns: Floats, size: int) -> Floats:
    out = np.zeros((len(columns), size), dtype=np.float32)
    out[:, : columns.shape[1]] = columns
    return out
