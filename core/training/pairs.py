"""Read pairs of what is asked and what answers it; what is wrong with them is said first. Knows no model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.rows import BadRow, read_rows
from core.training.held_out import hold_out, same
from core.training.sources import Source, Unusable, fingerprint, gather

QUERY = ("query", "question", "text")
PASSAGE = ("passage", "answer", "positive")
FEWEST = 10  # different queries


@dataclass(frozen=True)
class Pair:
    """negatives: passages that do not answer the query, though they may look so"""

    query: str
    passage: str
    negatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pairs:
    """repeated: rows that said the same again, used once

    conflicting: negatives left out because another row says that they answer the query
    """

    rows: tuple[Pair, ...]
    sources: tuple[Source, ...]
    repeated: int = 0
    conflicting: int = 0

    @property
    def queries(self) -> list[str]:
        """Every query once, as `same` sees it, in order."""
        return list(dict.fromkeys(same(row.query) for row in self.rows))

    @property
    def passages(self) -> list[str]:
        """Every passage once, the negatives' too, as `same` sees it, in order."""
        return list(dict.fromkeys(same(text) for row in self.rows for text in (row.passage, *row.negatives)))

    @property
    def fingerprint(self) -> str:
        """Names the data."""
        return fingerprint(self.sources)


def read_pairs(paths: Sequence[Path]) -> Pairs:
    """Rows `{"query", "passage", "negatives"?}`; also `question` and `answer`, or `text` and `positive`.

    raises: Invalid naming the file or line that cannot be used, Unusable when there are no rows
    """
    rows, sources = gather(paths, _read, lacking="rows", remedy='put rows with a "query" and a "passage" into it')
    first: dict[tuple[str, str], Pair] = {}
    negatives: dict[tuple[str, str], dict[str, str]] = {}
    good: dict[str, set[str]] = {}
    for row in rows:
        key = same(row.query), same(row.passage)
        first.setdefault(key, row)
        negatives.setdefault(key, {}).update({same(text): text for text in row.negatives})
        good.setdefault(key[0], set()).add(key[1])
    kept = tuple(
        Pair(row.query, row.passage, tuple(text for key, text in negatives[at].items() if key not in good[at[0]]))
        for at, row in first.items()
    )
    conflicting = sum(map(len, negatives.values())) - sum(len(row.negatives) for row in kept)
    return Pairs(kept, sources, len(rows) - len(kept), conflicting)


def check_learnable(pairs: Pairs) -> None:
    """raises: Unusable when there are too few queries, or only one passage"""
    if len(pairs.queries) < FEWEST:
        raise Unusable(
            f"the pairs have only {len(pairs.queries)} different queries", remedy=f"give at least {FEWEST} of them"
        )
    if len(pairs.passages) < 2:
        raise Unusable("every row has the same passage", remedy="give at least two passages, so that there is a choice")


def apart(pairs: Pairs, valid: Pairs | None, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Pairs to learn from and pairs to measure with; no query stands in both.

    raises: Unusable when nothing is left to learn from
    """
    queries = pairs.queries
    held = set(valid.queries) if valid is not None else {queries[at] for at in hold_out(len(queries), seed)}
    learned = [row for row in pairs.rows if same(row.query) not in held]
    if not learned:
        raise Unusable("every query stands among the validation rows too", remedy="give other rows to learn from")
    measured = valid.rows if valid is not None else pairs.rows
    return learned, [row for row in measured if same(row.query) in held]


@dataclass(frozen=True)
class Distinct:
    """The texts of pairs, each once as `same` sees it. pairs: (query, passage) by number;  negatives: a pair a line

    good: passages that answer, a query a line
    """

    queries: list[str]
    passages: list[str]
    pairs: list[tuple[int, int]]
    negatives: list[list[int]]
    good: list[frozenset[int]]


def distinct(rows: Sequence[Pair], others: Sequence[str] = ()) -> Distinct:
    """Number the texts in the order in which they are first seen. others: more passages, that answer none of these"""
    queries, passages = _Numbers(), _Numbers()
    pairs = [(queries.of(row.query), passages.of(row.passage)) for row in rows]
    negatives = [[passages.of(text) for text in row.negatives] for row in rows]
    for text in others:
        passages.of(text)
    good: list[set[int]] = [set() for _ in queries.texts]
    for query, passage in pairs:
        good[query].add(passage)
    return Distinct(queries.texts, passages.texts, pairs, negatives, [frozenset(found) for found in good])


class _Numbers:
    """Numbers texts in the order in which they are first seen."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._known: dict[str, int] = {}

    def of(self, text: str) -> int:
        key = same(text)
        if key not in self._known:
            self._known[key] = len(self.texts)
            self.texts.append(text)
        return self._known[key]


def _read(path: Path) -> Iterator[Pair]:
    for row in read_rows(path, column=None):
        query, passage = _text(path, row.line, row.fields, QUERY), _text(path, row.line, row.fields, PASSAGE)
        negatives = row.fields.get("negatives")
        if isinstance(negatives, str):  # how a CSV file writes one
            negatives = [negatives] if negatives.strip() else []
        if not isinstance(negatives, list | tuple | None):
            raise BadRow(path, row.line, 'has "negatives" that are no list of texts')
        for text in negatives or ():
            if not isinstance(text, str) or not text.strip():
                raise BadRow(path, row.line, 'has "negatives" that are no list of texts')
            if same(text) == same(passage):
                raise BadRow(path, row.line, "has its own passage among its negatives")
        yield Pair(query, passage, tuple(text.strip() for text in negatives or ()))


def _text(path: Path, line: int, fields: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first of these fields that a row has."""
    name = next((name for name in names if name in fields), names[0])
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadRow(path, line, f'has no "{name}"')
    return value.strip()
