"""Vectors of items at their places, and what makes products with them cheap: statistics in place of passes over all.

A request compares its query with the few items that may stand in its list, or with those that a shortlist proposes. The
mean and deviation that put products on a scale follow from the vectors' mean and covariance: q·m and √(qᵀ C q).
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.recommending.catalogue import grown
from core.retrieval.shortlist import Shortlist

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Longs = NDArray[np.int64]
FINE, COARSE = 32_767, 127
"""Numbers of a row are kept as so many steps of its largest. Fine: half the bytes, and closer than float16. Coarse: a
quarter, for what is not ranked by; cosines of texts are then off by a thousandth."""
AT_ONCE = 1_024  # rows that are gathered and multiplied at a time: half a megabyte
SAMPLE = 20_000  # rows that mean and covariance are taken of: both are then known to a half percent
STALE = 0.01  # share of rows that may change before mean and covariance are taken anew
SHORTLISTED = 20_000
"""Vectors from which codes are made; fewer are compared one by one in a millisecond."""
OUTDATED = 0.02
"""Share of rows that may change before codes are made anew. Until then rows that changed are candidates each time."""


@dataclass(frozen=True)
class Spread:
    """Mean (d,) and covariance (d, d) of vectors, each the weight of its share in the products."""

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]

    @classmethod
    def of(cls, rows: Floats) -> Spread:
        """rows: (m, d)"""
        if not len(rows):
            return cls(np.zeros(rows.shape[1]), np.zeros((rows.shape[1], rows.shape[1])))
        mean = rows.mean(0, dtype=np.float64)
        apart = rows - mean.astype(np.float32)
        return cls(mean, (apart.T @ apart).astype(np.float64) / len(rows))

    def of_products(self, query: Floats) -> tuple[float, float]:
        """Mean and standard deviation of products with a query (d,)."""
        q = query.astype(np.float64)
        return float(q @ self.mean), math.sqrt(max(float(q @ self.covariance @ q), 0.0))


class Dense:
    """One vector for each place, zeros where there is none.

    biased: an amount for each place is added to its products;  steps: FINE or COARSE
    One thread at a time writes; whoever reads names only places that were written before.
    """

    def __init__(self, dim: int, size: int, *, biased: bool = False, steps: int = FINE) -> None:
        self.dim, self._most = dim, steps
        self._rows: NDArray[Any] = np.zeros((size, dim), dtype=np.int16 if steps > COARSE else np.int8)
        self._steps = np.zeros(size, dtype=np.float32)
        self._bias = np.zeros(size, dtype=np.float32) if biased else None
        self._spread: Spread | None = None
        self._counted = self._changed = 0
        self._codes: tuple[Shortlist, frozenset[int]] | None = None  # and places that were written since
        self._meanwhile: frozenset[int] | None = None  # places that are written while codes are made
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._rows)

    def make_room(self, size: int) -> None:
        """Room for `size` places at least."""
        self._rows, self._steps = grown(self._rows, size), grown(self._steps, size)
        if self._bias is not None:
            self._bias = grown(self._bias, size)

    def put(self, places: Longs, rows: Floats, bias: Floats | None = None) -> None:
        """rows: (p, d);  bias: (p,), where there is one"""
        steps = np.maximum(np.abs(rows).max(axis=1, initial=0), 1e-30) / np.float32(self._most)
        self._rows[places], self._steps[places] = np.rint(rows / steps[:, None]), steps
        if self._bias is not None and bias is not None:
            self._bias[places] = bias
        self._changed += len(places)
        with self._lock:
            if self._codes is not None:
                self._codes = self._codes[0], self._codes[1].union(places.tolist())
            if self._meanwhile is not None:
                self._meanwhile = self._meanwhile.union(places.tolist())

    def rows(self, places: Longs) -> Floats:
        """(p, d)"""
        found: Floats = self._rows[places] * self._steps[places][:, None]
        return found

    def settle(self, counted: Flags) -> None:
        """Take mean and covariance anew if enough has changed. counted: (n,), places that count in them"""
        number = int(counted.sum())
        if self._spread is not None and self._changed + abs(number - self._counted) <= STALE * number:
            return
        places = np.flatnonzero(counted)
        self._spread = Spread.of(self._whole(places[:: max(1, len(places) // SAMPLE)]))
        self._counted, self._changed = number, 0

    def encode(self, n: int) -> None:
        """Make codes of the first n places, if they are many and enough has changed. Takes seconds; one thread."""
        codes = self._codes
        if n < SHORTLISTED or (codes is not None and n - len(codes[0]) + len(codes[1]) <= OUTDATED * n):
            return
        with self._lock:
            self._meanwhile = frozenset()
        made = Shortlist(n, self.dim + (self._bias is not None), self._whole)
        with self._lock:
            self._codes, self._meanwhile = (made, self._meanwhile), None

    def level(self, query: Floats) -> tuple[float, float]:
        """Mean and deviation of a query's (d,) products; 0 and 0 as long as there is no vector."""
        if self._spread is None:
            return 0.0, 0.0
        return self._spread.of_products(self._with_one(query))

    def products(self, query: Floats, places: Longs) -> Floats:
        """query: (d,);  places: (p,);  returns: (p,)"""
        rows, steps, bias = self._rows, self._steps, self._bias
        query, found = np.asarray(query, dtype=np.float32), np.empty(len(places), dtype=np.float32)
        # Rows are gathered through pieces of memory that stay in the processor's cache.
        size = min(AT_ONCE, len(places))
        taken, whole = np.empty((size, self.dim), dtype=rows.dtype), np.empty((size, self.dim), dtype=np.float32)
        for at in range(0, len(places), AT_ONCE):
            some = places[at : at + AT_ONCE]
            part, numbers = taken[: len(some)], whole[: len(some)]
            np.take(rows, some, axis=0, out=part, mode="clip")  # without a mode numpy copies it twice
            np.copyto(numbers, part)
            np.dot(numbers, query, out=found[at : at + AT_ONCE])
        found *= steps[places]
        if bias is not None:
            found += bias[places]
        return found

    def propose(self, query: Floats, number: int) -> Longs | None:
        """Places whose products are probably among the largest, some more than once; None where there are no codes."""
        if self._codes is None:
            return None
        codes, fresh = self._codes
        found = codes.propose(self._with_one(query), number)
        return np.concatenate([found, np.fromiter(fresh, dtype=np.int64)]) if fresh else found

    def _whole(self, places: Longs) -> Floats:
        rows = self.rows(places)
        return rows if self._bias is None else np.concatenate([rows, self._bias[places][:, None]], axis=1)

    def _with_one(self, query: Floats) -> Floats:
        return query if self._bias is None else np.append(query, np.float32(1)).astype(np.float32)
