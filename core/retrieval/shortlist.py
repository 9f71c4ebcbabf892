"""Candidates for the largest inner products among many vectors, guessed from four bits for each four numbers.

FAISS's fast scan reads 16 bytes of a vector of 128 numbers where exact products read 512: a fraction of a millisecond
for 100,000 vectors. It misjudges: ask for many more than are wanted and compare those exactly. Reads no SQL.
"""

from __future__ import annotations

from collections.abc import Callable

import faiss
import numpy as np
from numpy.typing import NDArray

from core.backend.encoder import Floats

Ints = NDArray[np.int64]
TOGETHER = 4  # numbers that share a code of four bits
SAMPLE = 20_000
"""Vectors that the codes are learned from: sixteen codes for each four numbers need no more."""
AT_ONCE = 50_000


class Shortlist:
    """Codes of n vectors, in the order given; made once, never changed.

    rows: numbers of some vectors (m,) -> their values (m, d)
    """

    def __init__(self, n: int, dim: int, rows: Callable[[Ints], Floats]) -> None:
        self._dim, self._padded = dim, -(-dim // TOGETHER) * TOGETHER
        self._index = faiss.IndexPQFastScan(self._padded, self._padded // TOGETHER, 4, faiss.METRIC_INNER_PRODUCT)
        self._index.train(self._wide(rows(np.unique(np.linspace(0, n - 1, min(n, SAMPLE)).astype(np.int64)))))
        for start in range(0, n, AT_ONCE):
            self._index.add(self._wide(rows(np.arange(start, min(n, start + AT_ONCE)))))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def propose(self, query: Floats, number: int) -> Ints:
        """Numbers of vectors whose product with a query is probably among the largest, in no order.

        query: (d,);  returns: (≤ number,)
        """
        _, found = self._index.search(self._wide(query[None]), min(number, len(self)))
        best: Ints = found[0][found[0] >= 0]
        return best

    def _wide(self, rows: Floats) -> Floats:
        """Zeros behind, up to a whole number of codes."""
        wide = np.zeros((len(rows), self._padded), dtype=np.float32)
        wide[:, : self._dim] = rows
        return wide
