"""What the parts of a trained version say after one history, as signals. Opens no version, makes no list."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.recommending.dense import Dense
from apps.recommender.pipeline.recommending.forward import next_vector
from apps.recommender.pipeline.recommending.parts import Neighbours, Networked, Space
from apps.recommender.pipeline.recommending.placing import Placed
from apps.recommender.pipeline.recommending.signals import Because, Signal, by_products, nothing, scaled, strongest

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]
LONGEST = 200  # events that neighbours look back


@dataclass(frozen=True)
class Counts:
    """Items of a history, each once. places: (h,);  weights: (h,)"""

    places: Longs
    weights: Floats


def fading(places: Longs, fade: float, says: Floats) -> Counts:
    """The last event counts what it says and each before it `fade` of that a step; of an item, its largest."""
    largest: dict[int, float] = {}
    pairs = zip(places[::-1][:LONGEST].tolist(), says[::-1].tolist(), strict=False)
    for back, (place, said) in enumerate(pairs):
        largest[place] = max(largest.get(place, 0.0), said * fade**back)
    return Counts(np.array(list(largest), dtype=np.int64), np.array(list(largest.values()), dtype=np.float32))


def of_neighbours(
    placed: Placed, name: str, part: Neighbours, counts: Counts, weight: float, live: NDArray[np.bool_]
) -> Signal:
    """What the history's items say for others. live: (n,), items that count in mean and deviation"""
    n = len(live)
    rows = placed.row[counts.places]
    met = np.flatnonzero(rows >= 0)
    begins, ends = part.starts[rows[met]], part.starts[rows[met] + 1]
    lengths = ends - begins
    owner = np.repeat(met, lengths)  # which of the history's items says it
    at = np.arange(int(lengths.sum())) + np.repeat(begins - (np.cumsum(lengths) - lengths), lengths)
    targets: Longs = placed.targets[name][at].astype(np.int64)
    said = counts.weights[owner] * part.amounts[at]
    inside = (targets >= 0) & (targets < n)
    inside[inside] = live[targets[inside]]
    targets, said, owner = targets[inside], said[inside], owner[inside]
    damping = placed.damping.get(name)
    if damping is not None:
        said = said / damping[targets]
    scores = np.zeros(n, dtype=np.float32)
    np.add.at(scores, targets, said)
    number = max(1, int(np.count_nonzero(live)))
    middle = float(said.sum(dtype=np.float64)) / number
    # Each thing said times its item's score, added up, is the sum of all squared scores.
    spread = math.sqrt(max(float(said.astype(np.float64) @ scores[targets]) / number - middle * middle, 0.0))

    def because(item: int) -> list[int]:
        about = targets == item
        each = np.bincount(owner[about], said[about], len(counts.places))
        return strongest(counts.places, each.astype(np.float32))

    def proposes(most: int) -> Longs:
        if len(targets) <= 2 * most:
            return targets
        best: Longs = targets[np.argpartition(-scores[targets], 2 * most)[: 2 * most]]  # many are there several times
        return best

    return Signal("together", lambda some: scaled(scores[some], middle, spread, weight), because, proposes)


def of_newness(unseen: Floats, amount: float) -> Signal:
    """What is due to items whose events nobody knew. The texts propose which of them: here all are alike."""
    return Signal("new", lambda some: np.float32(amount) * unseen[some], nothing, lambda _: np.empty(0, dtype=np.int64))


def of_texts(vectors: Dense, counts: Counts, weight: float) -> Signal:
    """vectors: unit rows; zeros where an item has no text"""
    own = vectors.rows(counts.places)  # (h, w)

    def because(item: int) -> list[int]:
        return strongest(counts.places, counts.weights * (own @ vectors.rows(np.array([item]))[0]))

    return by_products("similar", vectors, counts.weights @ own, weight, because)


def of_sequence(
    space: Space, networks: Sequence[Networked], places: Longs, seconds: NDArray[np.float64], weight: float
) -> Signal:
    """The networks' logits, averaged: log-probabilities differ from them by a constant that leveling takes away."""
    wishes = []
    for entering, networked in zip(space.entering, networks, strict=True):
        network = networked.weights
        longest = int(network.shape["longest"])
        pauses = np.diff(seconds, prepend=seconds[:1])[-longest:]
        wishes.append(next_vector(network, entering.rows(places[-longest:]), pauses))
    return by_products("sequence", space.compared, np.concatenate(wishes), weight, _alike(space.entering[0], places))


def _alike(entering: Dense, places: Longs) -> Because:
    """The item of the history that is closest to an item."""

    def because(item: int) -> list[int]:
        own = np.array(list(dict.fromkeys(places[::-1][:LONGEST].tolist())), dtype=np.int64)
        rows, its = entering.rows(own), entering.rows(np.array([item]))[0]  # (h, d), (d,)
        lengths = np.linalg.norm(rows, axis=1) * max(float(np.linalg.norm(its)), 1e-9)
        return strongest(own, rows @ its / np.maximum(lengths, 1e-9))[:1]

    return because
