"""Histories cut into windows and windows gathered into batches of similar length. Knows no network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.model.histories import Flags, Floats, Histories, Longs


@dataclass(frozen=True)
class Batch:
    """b windows of at most t events. Where mask is False, nothing is predicted.

    items, target: (b, t);  pauses: (b, t), seconds since the event before;  mask: (b, t);  weight: (b, t)
    """

    items: NDArray[np.int64]
    target: NDArray[np.int64]
    pauses: Floats
    mask: Flags
    weight: Floats


def pauses_of(histories: Histories) -> Floats:
    """(n,), seconds between each event and its user's event before; 0 for the first."""
    pauses = np.zeros(len(histories.item), dtype=np.float32)
    pauses[1:] = np.diff(histories.seconds)
    first = histories.starts[:-1][histories.lengths > 0]
    pauses[first] = 0
    return np.maximum(pauses, 0)


def first_times(histories: Histories) -> Flags:
    """(n,), whether an event is the first of its user with its item."""
    key = histories.user.astype(np.int64) * histories.item_count + histories.item
    first = np.zeros(len(key), dtype=np.bool_)
    first[np.unique(key, return_index=True)[1]] = True
    return first


def moments(histories: Histories) -> Longs:
    """(n,), the number of the moment of each event: events of one user and second share one; ascending."""
    new = np.ones(len(histories.item), dtype=np.bool_)
    user = histories.user
    new[1:] = (user[1:] != user[:-1]) | (histories.seconds[1:] != histories.seconds[:-1])
    return np.cumsum(new).astype(np.int64)


def _next_moments(moment: Longs, histories: Histories) -> tuple[Longs, Longs]:
    """For each event, where the events of its user's next moment begin and end; an empty stretch for the last."""
    bounds = np.searchsorted(moment, np.arange(1, moment[-1] + 3)) if len(moment) else np.zeros(3, dtype=np.int64)
    low, high = bounds[moment], bounds[np.minimum(moment + 1, len(bounds) - 1)]
    user_end = histories.starts[1:][histories.user]
    return low, np.where(low < user_end, high, low)


class Windows:
    """All windows of one epoch after another.

    longest: events in a window;  tokens: events in a batch, padding included
    new_only: predict only what a user had not had before;  recent, ties: see `Recipe`
    """

    def __init__(
        self,
        histories: Histories,
        longest: int,
        tokens: int,
        *,
        new_only: bool = False,
        recent: float = 0.0,
        ties: Literal["kept", "shuffled", "ahead"] = "kept",
    ) -> None:
        self._histories, self._longest, self._tokens, self._ties = histories, longest, tokens, ties
        self._item, self._counted = histories.item, self._weigh(recent, new_only=new_only)
        self._moment = moments(histories)
        self._after = _next_moments(self._moment, histories) if ties == "ahead" else None
        self._pauses = pauses_of(histories)
        self._weight = self._counted

    def _weigh(self, recent: float, *, new_only: bool) -> Floats:
        """(n,), how much each event counts as a target."""
        weight = self._histories.weight.copy()
        if new_only:
            weight *= first_times(self._histories)
        if recent:
            place = self._histories.starts[1:][self._histories.user] - 1 - np.arange(len(weight))
            weight *= 1 + recent * np.exp2(-place.astype(np.float32))
        return weight

    def epoch(self, seed: int) -> Iterator[Batch]:
        """Batches in random order; long histories are cut at other places each epoch."""
        chance = np.random.default_rng(seed)
        if self._ties != "kept":
            order = np.lexsort((chance.random(len(self._moment)), self._moment))
            self._item, self._weight = self._histories.item[order], self._counted[order]
        begins, lengths = self._cut(chance)
        order = np.argsort(lengths + chance.random(len(lengths)) * (1 + lengths * 0.1), kind="stable")
        edges = self._edges(lengths[order])
        for at in chance.permutation(len(edges) - 1):
            rows = order[edges[at] : edges[at + 1]]
            yield self._batch(begins[rows], lengths[rows], chance)

    def steps(self) -> int:
        """About how many batches an epoch has."""
        return sum(1 for _ in self._sizes(0))

    def _sizes(self, seed: int) -> range:
        _, lengths = self._cut(np.random.default_rng(seed))
        return range(len(self._edges(np.sort(lengths))) - 1)

    def _cut(self, chance: np.random.Generator) -> tuple[Longs, Longs]:
        """Where windows begin and how many events they predict: each event but a user's first is predicted once."""
        to_predict = self._histories.lengths - 1
        users = np.flatnonzero(to_predict > 0)
        span = self._longest
        shift = np.where(to_predict[users] > span, chance.integers(0, span, len(users)), 0)
        pieces = -(-(to_predict[users] + shift) // span)
        owner = np.repeat(np.arange(len(users)), pieces)
        number = np.arange(len(owner)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        low = np.maximum(number * span - shift[owner], 0)
        high = np.minimum((number + 1) * span - shift[owner], to_predict[users][owner])
        return self._histories.starts[:-1][users][owner] + low, high - low

    def _edges(self, lengths: Longs) -> list[int]:
        """lengths: ascending;  returns: where each batch begins, and the end"""
        edges, start = [0], 0
        for place, length in enumerate(lengths.tolist()):
            if place > start and (place - start + 1) * length > self._tokens:
                edges.append(place)
                start = place
        return [*edges, len(lengths)]

    def _batch(self, begins: Longs, lengths: Longs, chance: np.random.Generator) -> Batch:
        width = int(lengths.max())
        inside = np.arange(width)[None, :] < lengths[:, None]
        places = np.where(inside, begins[:, None] + np.arange(width)[None, :], begins[:, None])
        following = places + 1
        if self._after is not None:
            low, high = self._after[0][places], self._after[1][places]
            following = np.minimum(low + (chance.random(places.shape) * (high - low)).astype(np.int64), high - 1)
            inside = inside & (high > low)
            following = np.where(inside, following, places + 1)
        weight = np.where(inside, self._weight[following], 0).astype(np.float32)
        return Batch(
            items=self._item[places].astype(np.int64),
            target=self._item[following].astype(np.int64),
            pauses=np.where(inside, self._pauses[places], 0).astype(np.float32),
            mask=inside & (weight > 0),
            weight=weight,
        )


def last_windows(histories: Histories, longest: int, size: int) -> Iterator[tuple[Longs, Batch]]:
    """Each user's last events, in batches of similar length; users without events are left out.

    returns: which users (b,), and their batch; its targets mean nothing, its mask marks the last event
    """
    lengths = np.minimum(histories.lengths, longest)
    users = np.flatnonzero(lengths > 0)
    users = users[np.argsort(lengths[users], kind="stable")]
    pauses = pauses_of(histories)
    for start in range(0, len(users), size):
        some = users[start : start + size]
        width = int(lengths[some].max())
        steps = np.arange(width)[None, :]
        inside = steps < lengths[some][:, None]
        places = np.where(inside, histories.starts[1:][some][:, None] - lengths[some][:, None] + steps, 0)
        yield (
            some,
            Batch(
                items=np.where(inside, histories.item[places], 0).astype(np.int64),
                target=np.zeros(places.shape, dtype=np.int64),
                pauses=np.where(inside, pauses[places], 0).astype(np.float32),
                mask=steps == lengths[some][:, None] - 1,
                weight=inside.astype(np.float32),
            ),
        )
