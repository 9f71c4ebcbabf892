"""The lexical view: BM25 over positions, grown by appending. Holds no texts and never forgets a position itself.

Why our own (docs/decisions/0004): scores of *all* positions are needed for exact filters and summed scores, and the
view must follow SQL revisions one passage at a time. Ranking: Robertson & Zaragoza 2009, "The Probabilistic Relevance
Framework", eq. 3.15 with Lucene's non-negative idf.
"""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.backend.encoder import Floats
from core.retrieval.words import terms_of

Ints = NDArray[np.int32]
Mask = NDArray[np.bool_]

K1, B = 1.2, 0.75


@dataclass(frozen=True)
class QueryTerm:
    """One distinct term of a query as the index knows it.

    positions, counts: where it stands and how often, ascending;  idf ≥ 0
    """

    term: str
    positions: Ints
    counts: NDArray[np.uint16]
    idf: float


class Lexical:
    """An inverted index whose positions are 0 … n-1 in the order of `append`."""

    def __init__(self) -> None:
        self.postings: dict[str, tuple[array[int], array[int]]] = {}
        self.lengths: array[int] = array("i")

    @property
    def n(self) -> int:
        """How many positions it holds, dead ones too."""
        return len(self.lengths)

    def append(self, text: str) -> None:
        """Index a text at the next position."""
        position = self.n
        terms = terms_of(text)
        for term, count in Counter(terms).items():
            positions, counts = self.postings.setdefault(term, (array("i"), array("H")))
            positions.append(position)
            counts.append(min(count, 65_535))
        self.lengths.append(len(terms))

    def read(self, query: str, alive: Mask) -> list[QueryTerm]:
        """Look a query's terms up; one that stands nowhere has no positions and the highest idf.

        alive: (n,) positions that count for rarity
        """
        held = int(alive.sum())
        known: list[QueryTerm] = []
        for term in dict.fromkeys(terms_of(query)):
            positions, counts = self._posting(term)
            frequency = int(alive[positions].sum())
            idf = float(np.log1p((held - frequency + 0.5) / (frequency + 0.5)))
            known.append(QueryTerm(term, positions, counts, idf))
        return known

    def frequency(self, term: str) -> int:
        """returns: how many positions hold a term"""
        return len(self.postings[term][0]) if term in self.postings else 0

    def _posting(self, term: str) -> tuple[Ints, NDArray[np.uint16]]:
        positions, counts = self.postings.get(term, (array("i"), array("H")))
        # Copies: a view into an array would forbid the next append.
        return np.array(positions, dtype=np.int32), np.array(counts, dtype=np.uint16)

    def scores(self, terms: Sequence[QueryTerm], alive: Mask) -> Floats:
        """returns: (n,) BM25 of every position, 0 where no term stands"""
        scores = np.zeros(self.n, dtype=np.float32)
        lengths = np.frombuffer(self.lengths, dtype=np.int32) if self.n else np.zeros(0, np.int32)
        mean = float(lengths[alive].mean()) if alive.any() else 1.0
        norms = (K1 * (1 - B + B * lengths / max(mean, 1.0))).astype(np.float32)
        del lengths  # see _posting
        for term in terms:
            tf = term.counts.astype(np.float32)
            scores[term.positions] += term.idf * tf * (K1 + 1) / (tf + norms[term.positions])
        return scores

    def coverage(self, terms: Sequence[QueryTerm], positions: Ints) -> Floats:
        """Share of the query's terms, weighted by rarity, that stand at each of `positions`.

        positions: (c,);  returns: (c,) in [0, 1]; 0 for a query without terms
        """
        total = sum(term.idf for term in terms)
        covered = np.zeros(len(positions), dtype=np.float32)
        for term in terms:
            if len(term.positions):
                place = np.searchsorted(term.positions, positions).clip(max=len(term.positions) - 1)
                covered += term.idf * (term.positions[place] == positions)
        return covered / total if total else covered

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything as flat arrays, for a snapshot."""
        terms = list(self.postings)
        offsets = np.cumsum([0, *(len(self.postings[term][0]) for term in terms)])
        text = "\n".join(terms).encode()
        return {
            "lexical_terms": np.frombuffer(text, dtype=np.uint8),
            "lexical_offsets": offsets.astype(np.int64),
            "lexical_positions": _joined([self.postings[term][0] for term in terms], np.int32),
            "lexical_counts": _joined([self.postings[term][1] for term in terms], np.uint16),
            "lexical_lengths": np.array(self.lengths, dtype=np.int32),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Lexical":
        """The view that `arrays` was taken from."""
        view = cls()
        view.lengths.frombytes(arrays["lexical_lengths"].tobytes())
        text = arrays["lexical_terms"].tobytes().decode()
        offsets = arrays["lexical_offsets"].tolist()
        positions, counts = arrays["lexical_positions"], arrays["lexical_counts"]
        for at, term in enumerate(text.split("\n") if text else []):
            held = slice(offsets[at], offsets[at + 1])
            view.postings[term] = (
                array("i", positions[held].tobytes()),
                array("H", counts[held].tobytes()),
            )
        return view


def _joined(parts: Sequence["array[int]"], dtype: type[np.generic]) -> NDArray[np.generic]:
    return np.concatenate([np.array(part, dtype=dtype) for part in parts]) if parts else np.zeros(0, dtype)
