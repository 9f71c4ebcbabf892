"""What a search reads: dense, lexical and metadata views over one space of positions. Never talks to SQL itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.backend.encoder import Floats
from core.retrieval.dense import Details, Halves, Ints, Mask, Vectors
from core.retrieval.documents import Signals
from core.retrieval.filters import Columns, Filter
from core.retrieval.fusion import Weights, fuse
from core.retrieval.lexical import Lexical, QueryTerm
from core.retrieval.locks import ReadWriteLock
from core.retrieval.spelling import Speller
from core.retrieval.subjects import FIELD, Subjects
from core.retrieval.words import stem, words_of
from core.together import Together

CANDIDATES = 100  # from each kind of evidence; twice as many changed no figure of the sample desk
SUBJECTS = 12  # most spoken of; with fewer the right one is at times missing, of DSTC10's never beyond the tenth
FULL_SCAN = 200_000  # sentences and wordings; beyond, only those of the other kinds' candidates are looked at
Products = tuple[Floats, Floats, Floats]
"""Of one query with all passages (n,), distinct sentences (s,) and distinct aliases (a,); the last two may be empty."""


@dataclass(frozen=True)
class Entry:
    """A passage on its way into the view.

    id: its row;  unit: what a search result names once (the document for rows, the passage for files), as row ids
    words: all that is searched lexically;  passage: (d,);  details: (s + a, d): sentences first, then aliases
    """

    id: int
    unit: int
    words: str
    metadata: Mapping[str, Any]
    sentences: int
    passage: Floats
    details: Halves


@dataclass(frozen=True)
class Wanted:
    """A list that is asked for. k: most units in it;  condition: what may be in it"""

    k: int
    condition: Filter | None = None


@dataclass(frozen=True)
class Found:
    """A passage in the order of its score, with the evidence for it."""

    id: int
    score: float
    signals: Signals


@dataclass(frozen=True)
class _Evidence:
    """Every kind of evidence. passage, sentence, alias, bm25: (n,), -2 without a sentence or alias

    sentences, aliases: the cosine of each single one, as core.retrieval.dense.Details orders them
    subject: how much each passage's subject is spoken of, (n,); None where nothing of that kind is known
    """

    terms: list[QueryTerm]
    passage: Floats
    sentence: Floats
    alias: Floats
    bm25: Floats
    sentences: Floats
    aliases: Floats
    subject: Floats | None = None


@dataclass
class View:
    """Positions 0 … n-1 in the order of arrival; `alive` tells which still count.

    common: words that are never taken for misspelt;  revision: the change of the collection up to which it is complete
    """

    dim: int
    common: frozenset[str] = frozenset()
    revision: int = 0
    ids: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    units: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    alive: Mask = field(default_factory=lambda: np.zeros(0, np.bool_))
    position_of: dict[int, int] = field(default_factory=dict)
    lock: ReadWriteLock = field(default_factory=ReadWriteLock)
    turn: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.passages = Vectors(self.dim)
        self.sentences = Details(self.dim)
        self.aliases = Details(self.dim)
        self.lexical = Lexical()
        self.columns = Columns()
        self.speller = Speller(self.common)
        self._subjects: tuple[int, Subjects, Ints] | None = None
        self._products = Together(self._multiply)

    def apply(self, added: Sequence[Entry], removed: Sequence[int], revision: int) -> None:
        """Follow one step of the collection. Knows entries by id: adding one twice changes nothing."""
        fresh = [entry for entry in added if entry.id not in self.position_of]
        with self.lock.writing():
            if fresh:
                self._append(fresh)
            for gone in removed:
                position = self.position_of.get(gone)
                if position is not None:
                    self.alive[position] = False
            self.revision = revision

    def _append(self, fresh: Sequence[Entry]) -> None:
        first = len(self.ids)
        self.position_of |= {entry.id: first + offset for offset, entry in enumerate(fresh)}
        self.ids = np.concatenate([self.ids, [entry.id for entry in fresh]])
        self.units = np.concatenate([self.units, [entry.unit for entry in fresh]])
        self.alive = np.concatenate([self.alive, np.ones(len(fresh), np.bool_)])
        self.passages.append(np.stack([entry.passage for entry in fresh]))
        self.sentences.append([entry.details[: entry.sentences] for entry in fresh])
        self.aliases.append([entry.details[entry.sentences :] for entry in fresh])
        for entry in fresh:
            self.lexical.append(entry.words)
            self.speller.learn(words_of(entry.words))
        self.columns.extend([entry.metadata for entry in fresh])

    @property
    def wasted(self) -> float:
        """Share of positions that no longer count."""
        return 1 - float(self.alive.mean()) if len(self.alive) else 0.0

    def allowed(self, condition: Filter | None) -> Mask | None:
        """returns: (n,) positions that may be found, None for all"""
        mask = self.alive if condition is None else self.alive & self.columns.mask(condition)
        return None if mask.all() else mask

    def nearest(self, query: Floats, k: int, condition: Filter | None = None) -> list[tuple[int, float]]:
        """Exact search by passage vectors alone.

        query: (d,);  returns: (passage id, cosine), best first
        """
        with self.lock.reading():
            positions, cosines = self.passages.nearest(query, k, self.allowed(condition))
            return list(zip(self.ids[positions].tolist(), cosines.tolist(), strict=True))

    def passing(self, condition: Filter | None) -> list[int]:
        """returns: ids of all passages that pass, in the order of arrival"""
        with self.lock.reading():
            allowed = self.allowed(condition)
            return [int(i) for i in (self.ids if allowed is None else self.ids[allowed])]

    def search(
        self, text: str, query: Floats, wanted: Sequence[Wanted], weights: Weights, turns: Sequence[str] = ()
    ) -> list[list[Found]]:
        """Search by all the evidence: passage, sentence and alias vectors, words, and what is spoken of.

        query: (d,);  wanted: lists over the same query, each with its own filter
        turns: the conversation with the question at its end, in which subjects are heard
        returns: for each of them its best units, best first
        """
        with self.lock.reading():
            products = self._products(query)
            # One at a time: a search is many short numpy calls, and each hands the interpreter over. Sixteen threads
            # that fight for it gave 90 answers a second on two cores, taking turns 116, a third of the system time.
            with self.turn:
                evidence = self._weigh(text, query, products, turns or (text,))
                return [self._rank(evidence, one, weights) for one in wanted]

    def _multiply(self, queries: Sequence[Floats]) -> list[Products]:
        """All vectors are read from memory once for all queries: of 10,000 passages one query takes 6.6 ms, eight take
        1.4 ms each."""
        asked = np.stack(queries, axis=1)  # (d, q)
        matrices = [self.passages]
        if self._scans_all:
            matrices += [self.sentences.vectors, self.aliases.vectors]
        found = [np.ascontiguousarray((held.matrix() @ asked).T) for held in matrices]  # (n, d) @ (d, q) -> (q, n)
        found += [np.zeros((len(queries), 0), np.float32)] * (3 - len(found))
        return list(zip(*found, strict=True))

    @property
    def _scans_all(self) -> bool:
        return len(self.sentences.rows) + len(self.aliases.rows) <= FULL_SCAN

    def has(self, field: str) -> bool:
        """Whether any document has a value in a metadata field."""
        with self.lock.reading():
            return self._has(field)

    def _has(self, field: str) -> bool:
        column = self.columns.by_name.get(field)
        return column is not None and bool(column.codes[self.alive].any())  # 0: absent, null or of a removed document

    def _spoken_of(self, turns: Sequence[str]) -> Floats | None:
        """returns: how much the subject of each position is spoken of (n,); None where positions have no subjects"""
        column = self.columns.by_name.get(FIELD)
        if column is None or not self._has(FIELD):
            return None
        if self._subjects is None or self._subjects[0] != len(column.values):
            named = [code for code, value in enumerate(column.values) if isinstance(value, str)]
            place = np.full(len(column.values), len(named), np.int64)  # the last place: no subject
            place[named] = np.arange(len(named))
            names = [column.values[code] for code in named]
            subjects = Subjects(names, lambda word: self.lexical.frequency(stem(word)), len(self.ids))
            self._subjects = (len(column.values), subjects, place)
        _, subjects, place = self._subjects
        return np.append(subjects.mentioned(turns), np.float32(0))[place[column.codes]]

    def _weigh(self, text: str, query: Floats, products: Products, turns: Sequence[str]) -> _Evidence:
        terms = self.lexical.read(text, self.alive)
        bm25 = self.lexical.scores(terms, self.alive)
        passage, of_sentences, of_aliases = products
        if self._scans_all:
            sentences, aliases = self.sentences.spread(of_sentences), self.aliases.spread(of_aliases)
        else:
            some = np.union1d(_highest(passage, 2 * CANDIDATES), _highest(bm25, 2 * CANDIDATES))
            sentences, aliases = self.sentences.cosines(query, some), self.aliases.cosines(query, some)
        sentence, alias = self.sentences.best(sentences), self.aliases.best(aliases)
        return _Evidence(terms, passage, sentence, alias, bm25, sentences, aliases, self._spoken_of(turns))

    def _rank(self, evidence: _Evidence, wanted: Wanted, weights: Weights) -> list[Found]:
        allowed = self.allowed(wanted.condition)
        places = np.arange(len(self.ids)) if allowed is None else np.flatnonzero(allowed)
        depth = max(CANDIDATES, 2 * wanted.k)
        kinds = (evidence.passage, evidence.sentence, evidence.alias, evidence.bm25)
        chosen = [places[_highest(kind[places], depth)] for kind in kinds]
        if evidence.subject is not None:
            chosen.append(places[_spoken_of_most(evidence.subject[places])])
        candidates = np.unique(np.concatenate(chosen))
        if not len(candidates):
            return []
        bm25 = evidence.bm25[candidates]
        subject = evidence.subject[candidates] if evidence.subject is not None else None
        details = self._detail_signals(evidence, candidates)
        fused = fuse(evidence.passage[candidates], *details, bm25, weights, subject)
        best = self._best_units(candidates, fused, wanted.k)
        coverage = self.lexical.coverage(evidence.terms, candidates[best].astype(np.int32))
        return [
            Found(
                id=int(self.ids[position]),
                score=float(fused[at]),
                signals=Signals(
                    passage=float(evidence.passage[position]),
                    alias=max(float(evidence.alias[position]), -1.0),
                    sentences=tuple(self.sentences.of(evidence.sentences, position).tolist()),
                    bm25=float(evidence.bm25[position]),
                    coverage=float(covered),
                    subject=float(subject[at]) if subject is not None else 0.0,
                ),
            )
            for at, position, covered in zip(best, candidates[best], coverage, strict=True)
        ]

    def _detail_signals(self, evidence: _Evidence, candidates: Ints) -> tuple[Floats, Floats]:
        """A passage without sentences stands for itself, one without aliases for its best sentence; where no candidate
        has an alias, aliases do not count. Both count by the best one, steadied by the best three.

        returns: sentence and alias signal, (c,) each
        """
        passage, sentence = evidence.passage[candidates], self.sentences.steady(evidence.sentences, candidates)
        sentence = np.where(sentence > -2, sentence, passage)
        alias = self.aliases.steady(evidence.aliases, candidates)
        if not (alias > -2).any():
            return sentence, np.zeros_like(passage)
        return sentence, np.where(alias > -2, alias, np.maximum(passage, sentence))

    def _best_units(self, candidates: Ints, scores: Floats, k: int) -> Ints:
        """returns: (≤ k,) places among the candidates, best first, one for each unit"""
        order = np.argsort(-scores, kind="stable")
        _, first = np.unique(self.units[candidates[order]], return_index=True)
        return order[np.sort(first)[:k]]


def _highest(scores: Floats, k: int) -> NDArray[np.int64]:
    """returns: places of up to `k` highest scores, without order; what has no evidence at all (0 or -2) is left out"""
    some = np.flatnonzero((scores != 0) & (scores > -2))
    if len(some) <= k:
        return some
    return some[np.argpartition(-scores[some], k)[:k]]


def _spoken_of_most(subject: Floats) -> NDArray[np.int64]:
    """returns: places of all passages whose subject is among the most spoken of"""
    scores = np.unique(subject[subject > 0])[-SUBJECTS:]
    return np.flatnonzero(subject >= scores[0]) if len(scores) else np.zeros(0, np.int64)
