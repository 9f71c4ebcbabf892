"""The dense view: exact inner products over positions, restricted inside the search. Reads no SQL.

Flat and exact, held by FAISS. Selecting by bitmap inside FAISS took 0.2 ms for 1 % of 100,000 x 384 and was never
slower than the unfiltered scan, where gathering rows first took up to five times as long (docs/decisions/0005).
"""

from collections.abc import Sequence

import faiss
import numpy as np
from numpy.typing import NDArray

from core.backend.encoder import Floats

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Halves = NDArray[np.float16]


class Vectors:
    """Unit vectors, appended and never moved. Searched by FAISS, or all at once as a matrix."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.index = faiss.IndexFlatIP(dim)

    def __len__(self) -> int:
        return int(self.index.ntotal)

    def append(self, rows: Floats) -> None:
        """rows: (n, d)"""
        if len(rows):
            self.index.add(np.ascontiguousarray(rows, dtype=np.float32))

    def matrix(self) -> Floats:
        """returns: (n, d), FAISS's own memory: valid until the next append"""
        if not len(self):
            return np.zeros((0, self.dim), np.float32)
        flat: Floats = faiss.rev_swig_ptr(self.index.get_xb(), len(self) * self.dim)
        return flat.reshape(len(self), self.dim)

    def nearest(self, query: Floats, k: int, allowed: Mask | None) -> tuple[Ints, Floats]:
        """The `k` closest rows.

        query: (d,);  allowed: (n,) or None for all;  returns: row numbers (≤ k,) and cosines, best first
        """
        k = min(k, len(self) if allowed is None else int(allowed.sum()))
        if k == 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        parameters = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")  # must outlive the selector, which only points to it
            selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]  # its stubs know C++ only
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, rows = self.index.search(np.ascontiguousarray(query[None], dtype=np.float32), k, params=parameters)
        found = rows[0] >= 0
        return rows[0][found], scores[0][found]


class Details:
    """Vectors that belong to positions: sentences to one each, wordings to all passages of their document.

    A vector that several positions share is held once. Pairs (position, row) are in order of position.
    """

    def __init__(self, dim: int) -> None:
        self.vectors = Vectors(dim)
        self.rows = np.zeros(0, np.int32)  # (m,) row of each pair
        self.firsts = np.zeros(1, np.int64)  # (n + 1,) position p has the pairs firsts[p] … firsts[p + 1] - 1
        self._row_of: dict[bytes, int] = {}

    def append(self, groups: Sequence[Halves]) -> None:
        """groups: for each further position its vectors, (m_i, d)"""
        fresh: list[Halves] = []
        rows: list[int] = []
        for group in groups:
            for vector in group:
                row = self._row_of.setdefault(vector.tobytes(), len(self._row_of))
                if row == len(self.vectors) + len(fresh):
                    fresh.append(vector)
                rows.append(row)
        if fresh:
            self.vectors.append(np.stack(fresh).astype(np.float32))
        self.rows = np.concatenate([self.rows, np.array(rows, np.int32)])
        ends = self.firsts[-1] + np.cumsum([len(group) for group in groups])
        self.firsts = np.concatenate([self.firsts, ends.astype(np.int64)])

    def counts(self) -> Ints:
        """returns: (n,) vectors of each position"""
        return np.diff(self.firsts)

    def spread(self, products: Floats) -> Floats:
        """products: of each distinct vector (r,);  returns: the cosine of each pair (m,)"""
        return products[self.rows]

    def cosines(self, query: Floats, candidates: Ints) -> Floats:
        """query: (d,);  candidates: the positions that matter

        returns: the cosine of each pair (m,), -2 where it was not asked for
        """
        cosines = np.full(len(self.rows), -2, np.float32)
        places, _ = self._pairs(candidates)
        cosines[places] = self.vectors.matrix()[self.rows[places]] @ query  # (m', d) @ (d,) -> (m',)
        return cosines

    def best(self, cosines: Floats) -> Floats:
        """cosines: (m,), from `cosines`;  returns: the highest of each position (n,), -2 where it has none"""
        best = np.full(len(self.firsts) - 1, -2, np.float32)
        held = self.counts() > 0
        if held.any():
            best[held] = np.maximum.reduceat(cosines, self.firsts[:-1][held])
        return best

    def steady(self, cosines: Floats, candidates: Ints) -> Floats:
        """The mean of the highest and of the average of the highest three: one lucky wording counts for less.

        cosines: (m,);  candidates: (c,);  returns: (c,), -2 where a position has none
        """
        places, owners = self._pairs(np.arange(len(candidates)), candidates)
        steady = np.full(len(candidates), -2, np.float32)
        order = np.lexsort((-cosines[places], owners))  # each candidate's pairs together, best first
        values, owners = cosines[places][order], owners[order]
        starts = np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]]) if len(owners) else np.zeros(0, np.int64)
        top = np.arange(len(owners)) - np.repeat(starts, np.diff(np.r_[starts, len(owners)])) < 3
        sums = np.bincount(owners[top], weights=values[top], minlength=len(candidates))
        held = np.bincount(owners[top], minlength=len(candidates))
        some = owners[starts]
        steady[some] = (values[starts] + sums[some] / held[some]) / 2
        return steady

    def _pairs(self, names: Ints, positions: Ints | None = None) -> tuple[Ints, Ints]:
        """returns: places among the pairs of each position, and the name of the position that owns them"""
        positions = names if positions is None else positions
        sizes = self.counts()[positions]
        within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return np.repeat(self.firsts[positions], sizes) + within, np.repeat(names, sizes)

    def of(self, cosines: Floats, position: int) -> Floats:
        """returns: the cosines of one position's vectors, in order"""
        return cosines[self.firsts[position] : self.firsts[position + 1]]
