"""One list from signals: filters, rules and what was seen count inside the search, so it is full where it can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from apps.recommender.errors import TooDeep
from apps.recommender.pipeline.recommending.candidates import Beside, Ranking
from apps.recommender.pipeline.recommending.choosing import (
    EXPLORED,
    LEAST_POOL,
    POOL,
    Chosen,
    best,
    capped,
    explored,
    pinned,
    spread_out,
)
from apps.recommender.pipeline.recommending.past import NONE, Past
from apps.recommender.pipeline.recommending.reasons import Reasons
from apps.recommender.pipeline.recommending.rules import Ruled, ruled
from apps.recommender.pipeline.recommending.shelf import Shelf
from apps.recommender.pipeline.recommending.signals import Signal
from apps.recommender.schemas.recommend import DEEPEST, Filters, Place, Recommended, Wish

Flags = NDArray[np.bool_]
Floats = NDArray[np.float32]
Longs = NDArray[np.int64]


@dataclass(frozen=True)
class Listing:
    """What a list is made of. left_out: places that may not stand in it;  only: (n,), what it is confined to

    why: what was asked, for the note of a list that is short
    """

    place: Place
    n: int
    now: float
    signals: Sequence[Signal]
    filters: Filters
    wish: Wish
    past: Past = NONE
    left_out: Sequence[int] = ()
    only: Flags | None = None
    confined: str = ""
    chance: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    explore: float = 0.0


@dataclass(frozen=True)
class Listed:
    """A list that is made. qualifying: items that could stand in it"""

    items: list[Recommended]
    chances: list[float]
    qualifying: int
    note: str


def make_list(asked: Listing, shelf: Shelf) -> Listed:
    """Rank all items that qualify and give one page of them. raises: TooDeep, UnusableFilter"""
    wish, catalogue, n = asked.wish, shelf.catalogue, asked.n
    if wish.offset + wish.k > DEEPEST:
        raise TooDeep(DEEPEST)
    rules = ruled(shelf.rules_of(wish.rules), catalogue, n, asked.place, asked.now)
    allowed, available, passing = _allowed(asked, shelf, rules)
    pins = _pins(rules, passing)
    left = allowed.copy()
    left[asked.left_out] = False
    left[list(asked.past.disliked)] = False
    qualifying = int(left.sum()) + sum(1 for _, item in pins if not left[item])
    left[[item for _, item in pins]] = False
    beside = Beside(rules.boost, shelf.popularity(n).weighed(-wish.novelty) if wish.novelty else None)
    chosen = _page(asked, shelf, Ranking(asked.signals, beside, left), pins)
    shown = np.array([one.item for one in chosen], dtype=np.int64)
    told = Reasons(catalogue, asked.past, asked.signals, rules, shown)
    scores = beside.plus(shown, told.total)
    items = [
        Recommended(
            id=catalogue.ids[one.item],
            title=catalogue.titles[one.item],
            score=round(float(score), 4),
            reason=told.of(at, one),
        )
        for at, (one, score) in enumerate(zip(chosen, scores, strict=True))
    ]
    note = "" if len(items) == wish.k else _note(asked, n, available, passing, qualifying, len(items))
    return Listed(items, [one.chance for one in chosen], qualifying, note)


def _allowed(asked: Listing, shelf: Shelf, rules: Ruled) -> tuple[Flags, int, Flags]:
    """returns: what may stand in the list;  how many items are available at all;  what passes the list's filters"""
    allowed = shelf.catalogue.available(asked.now, asked.n)
    available = int(allowed.sum())
    passing = shelf.catalogue.passing(asked.filters, asked.n)
    if passing is not None:
        allowed &= passing
    if rules.banned is not None:
        allowed &= ~rules.banned
    if asked.filters.exclude:
        allowed[shelf.catalogue.places(asked.filters.exclude, asked.n)] = False
    passed = allowed if asked.only is None else allowed.copy()
    if asked.only is not None:
        allowed &= asked.only
    return allowed, available, passed


def _pins(rules: Ruled, passing: Flags) -> list[tuple[int, int]]:
    found: dict[int, int] = {}
    for position, item in rules.pins:
        if passing[item]:
            found.setdefault(item, position)
    return sorted((position, item) for item, position in found.items())


def _page(asked: Listing, shelf: Shelf, ranking: Ranking, pins: list[tuple[int, int]]) -> list[Chosen]:
    wish = asked.wish
    before = sum(position < wish.offset for position, _ in pins)
    inside = sum(wish.offset <= position < wish.offset + wish.k for position, _ in pins)
    skip, want = max(0, wish.offset - before), wish.k - min(inside, wish.k)
    number = skip + want
    if wish.diversity or wish.most_per_category:
        order = _spread(asked, shelf, ranking, number)
    else:
        order = _best(ranking, number)
    others: list[int] = []
    if asked.explore:
        held = set(order)
        others = [item for item in _best(ranking, number + EXPLORED) if item not in held]
    chosen = explored(order[skip:], others, asked.explore, asked.chance)
    return pinned(chosen, pins, wish.offset, wish.k)


def _best(ranking: Ranking, number: int) -> list[int]:
    scored = ranking.scored(number)
    found: list[int] = scored.places[best(scored, number)].tolist()
    return found


def _spread(asked: Listing, shelf: Shelf, ranking: Ranking, number: int) -> list[int]:
    """Candidates are doubled until the list is full or none is left."""
    wish, most = asked.wish, asked.wish.most_per_category
    depth, all_of_them = max(LEAST_POOL, POOL * number), ranking.number
    while True:
        scored = ranking.scored(depth)
        some = best(scored, depth)
        order: list[int] = scored.places[some].tolist()
        if wish.diversity and order:
            vectors = shelf.texts.rows(np.array(order))
            length = len(order) if most else number
            order = spread_out(order, scored.scores[some], vectors, wish.diversity, length)
        if most:
            order = capped(order, shelf.catalogue.labels.first, most, number)
        if len(order) >= number or depth >= all_of_them:
            return order[:number]
        depth *= 2


def _note(asked: Listing, n: int, available: int, passing: Flags, qualifying: int, given: int) -> str:
    """Why a list is shorter than was asked, in one sentence."""
    if not n or not available:
        return "No item is available: all are hidden, out of stock, not yet or no longer offered, or there is none."
    passes = int(passing.sum())
    if not passes:
        return f"None of the {available:,} available items passes the filters."
    if asked.only is not None and not (passing & asked.only).any():
        return asked.confined
    if not qualifying and asked.past.seen and not asked.wish.seen:
        return f"All {passes:,} items that pass the filters were seen already; ask with `seen=true` to have them again."
    if not qualifying:
        return "Nothing is left of the items that pass the filters."
    if asked.wish.offset >= qualifying:
        return f"Only {qualifying:,} items qualify; this page begins behind them."
    if asked.wish.most_per_category and given < qualifying - asked.wish.offset:
        most = asked.wish.most_per_category
        return f"{qualifying:,} items qualify, but no more than {most} of a category may stand here."
    return f"Only {qualifying:,} items qualify."
