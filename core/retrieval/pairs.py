"""Pairs of passages that are near each other, by the vectors that a view holds already. Embeds nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.backend.encoder import Floats
from core.retrieval.dense import Ints
from core.retrieval.view import View

CHUNK = 512  # rows multiplied at a time: 512 x 10,000 cosines are 20 MB


@dataclass(frozen=True)
class NearPair:
    """Two passages by id. cosine: of their passage vectors;  sentences: (s1, s2) cosines of their sentences"""

    one: int
    other: int
    cosine: float
    sentences: Floats


def near_pairs(view: View, fresh: set[int] | None, k: int, least: float) -> list[NearPair]:
    """For each passage its `k` nearest others, each pair once.

    fresh: ids of passages of which at least one stands in each pair; None for all
    least: cosine of the passages
    """
    with view.lock.reading():  # only for copying: positions never move, and a search must not wait for n² products
        alive = np.flatnonzero(view.alive)
        ids = view.ids[alive]
        matrix = view.passages.matrix()[alive]  # (n, d)
    chosen = np.arange(len(alive)) if fresh is None else np.flatnonzero(np.isin(ids, list(fresh)))
    found = {
        (min(a, b), max(a, b)): cosine
        for a, b, cosine in _nearest(matrix, chosen, min(k, max(len(alive) - 1, 0)), least)
    }
    with view.lock.reading():
        return [
            NearPair(
                int(ids[a]),
                int(ids[b]),
                cosine,
                _sentences(view, int(alive[a])) @ _sentences(view, int(alive[b])).T,  # (s1, d) @ (d, s2)
            )
            for (a, b), cosine in sorted(found.items())
        ]


def _nearest(matrix: Floats, chosen: Ints, k: int, least: float) -> Iterator[tuple[int, int, float]]:
    if k < 1:
        return
    for at in range(0, len(chosen), CHUNK):
        rows = chosen[at : at + CHUNK]
        cosines = matrix[rows] @ matrix.T  # (c, d) @ (d, n) -> (c, n)
        cosines[np.arange(len(rows)), rows] = -2
        best = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        for row, others in zip(range(len(rows)), best, strict=True):
            for other in others:
                if cosines[row, other] >= least:
                    yield int(rows[row]), int(other), float(cosines[row, other])


def _sentences(view: View, position: int) -> Floats:
    first, last = view.sentences.firsts[position], view.sentences.firsts[position + 1]
    return view.sentences.vectors.matrix()[view.sentences.rows[first:last]]
