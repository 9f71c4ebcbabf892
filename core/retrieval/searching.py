"""From a query to hits: what is asked of a view, and the passages' rows behind what it finds. Writes nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.backend.encoder import Encoder, Floats
from core.errors import Invalid
from core.retrieval.documents import Hit, Signals
from core.retrieval.filters import parse_filter
from core.retrieval.fusion import Weights
from core.retrieval.pairs import NearPair
from core.retrieval.reading import Stored
from core.retrieval.speech import asked_in
from core.retrieval.subjects import FIELD
from core.retrieval.view import Found, View, Wanted

MOST_HITS = 1_000
Find = Callable[[View], list[list[Found]]]


@dataclass(frozen=True)
class Near:
    """Two passages that are near each other, scores 0. ids: their rows;  cosine: of their vectors

    sentences: (s1, s2) cosines of their sentences
    """

    one: Hit
    other: Hit
    ids: tuple[int, int]
    cosine: float
    sentences: Floats


def by_query(
    text: str,
    wanted: Sequence[tuple[int, Mapping[str, Any] | None]],
    encoder: Encoder,
    *,
    context: str,
    turns: Sequence[str],
    weights: Weights,
) -> Find:
    """How several lists are found for one query; see `Collection.search`. wanted: k and filter of each

    raises: Invalid when a k is out of range or a filter cannot be read
    """
    for k, _ in wanted:
        _check_k(k)
    lists = [Wanted(k, parse_filter(where) if where is not None else None) for k, where in wanted]

    def find(view: View) -> list[list[Found]]:
        # Where rows name their subject, it is heard in the conversation, whose other words distract: read along,
        # they cost .06 of the right entries in first place on DSTC10 (docs/decisions/0011).
        has_subjects = view.has(FIELD)
        follows = bool(context) and not has_subjects
        meant = view.speller.mend(asked_in(text) if has_subjects else text)
        whole = f"{context} {meant}" if follows else meant
        rows = encoder.encode([meant, whole] if follows else [meant])
        query = rows.sum(axis=0)  # (1 or 2, d) -> (d,)
        return view.search(whole, query / np.linalg.norm(query), lists, weights, (*turns, text))

    return find


def by_vector(vector: Floats, k: int, where: Mapping[str, Any] | None) -> Find:
    """How the passages nearest to a vector are found. vector: (d,), unit length;  raises: Invalid"""
    condition = parse_filter(where) if where is not None else None
    _check_k(k)
    return lambda view: [[Found(i, cosine, Signals(cosine)) for i, cosine in view.nearest(vector, k, condition)]]


def by_filter(where: Mapping[str, Any] | None) -> Find:
    """How all passages are found that pass a filter. raises: Invalid"""
    condition = parse_filter(where) if where is not None else None
    return lambda view: [[Found(i, 0.0, Signals(0.0)) for i in view.passing(condition)]]


def hits(
    find: Find, view: Callable[[], View], stored: Callable[[Sequence[int]], Mapping[int, Stored]]
) -> list[list[Hit]]:
    """Find in the view and read the rows; what was replaced between the two is looked for once more.

    view: complete up to now at each call;  stored: passages by id
    """
    lists: list[list[Hit]] = []
    for _ in range(3):
        found = find(view())
        rows = stored([one.id for part in found for one in part])
        lists = [[_hit(one, rows[one.id]) for one in part if one.id in rows] for part in found]
        if sum(map(len, lists)) == sum(map(len, found)):
            break
    return lists


def near(pairs: Sequence[NearPair], stored: Callable[[Sequence[int]], Mapping[int, Stored]]) -> list[Near]:
    """Pairs of passages with their rows, those that still exist."""
    rows = stored(list({i for pair in pairs for i in (pair.one, pair.other)}))
    return [
        Near(
            _hit(Found(pair.one, 0.0, Signals(0.0)), rows[pair.one]),
            _hit(Found(pair.other, 0.0, Signals(0.0)), rows[pair.other]),
            (pair.one, pair.other),
            pair.cosine,
            pair.sentences,
        )
        for pair in pairs
        if pair.one in rows and pair.other in rows
    ]


def _hit(one: Found, stored: Stored) -> Hit:
    return Hit(
        id=stored.document if stored.kind == "row" else stored.passage.key,
        score=one.score,
        document=stored.document,
        title=stored.title,
        source=stored.source,
        passage=stored.passage,
        metadata=stored.metadata,
        signals=one.signals,
    )


def _check_k(k: int) -> None:
    if not 1 <= k <= MOST_HITS:
        raise Invalid(f"k is {k}", remedy=f"ask for 1 to {MOST_HITS} hits")
