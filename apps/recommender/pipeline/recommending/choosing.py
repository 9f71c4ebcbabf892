"""From scores to a list: the best that qualify, spread out, capped by category, pinned, explored. Knows no user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
POOL = 4
"""Candidates for each place where a list is spread out or capped."""
LEAST_POOL = 100
EXPLORED = 200  # best items that are not in the list from which one is drawn by chance


@dataclass(frozen=True)
class Chosen:
    """A place of the list. item: its place in the catalogue;  chance: how likely it was to stand here"""

    item: int
    chance: float = 1.0
    explored: bool = False
    pinned: bool = False


@dataclass(frozen=True)
class Scored:
    """Items that may stand in a list. places: (p,), ascending;  scores: (p,)"""

    places: NDArray[np.int64]
    scores: Floats

    def __len__(self) -> int:
        return len(self.places)


def best(scored: Scored, number: int) -> NDArray[np.int64]:
    """Positions in `scored` of the `number` best, best first; ties by place. All of them where there are fewer."""
    scores = scored.scores
    some = np.arange(len(scores))
    if len(scores) > number:
        some = np.flatnonzero(scores >= np.partition(scores, len(scores) - number)[len(scores) - number])
    return some[np.argsort(-scores[some], kind="stable")[:number]]


def spread_out(pool: Sequence[int], scores: Floats, vectors: Floats, diversity: float, number: int) -> list[int]:
    """Maximal marginal relevance (Carbonell & Goldstein, 1998).

    pool: places, best first;  scores: (m,), of the pool;  vectors: (m, d), unit rows or zeros
    diversity: λ, 0: by score alone
    """
    low, high = float(scores.min()), float(scores.max())
    worth = (scores - low) / max(high - low, 1e-9)
    likeness = np.zeros(len(pool), dtype=np.float32)
    left = np.ones(len(pool), dtype=np.bool_)
    found = []
    for _ in range(min(number, len(pool))):
        gain = np.where(left, (1 - diversity) * worth - diversity * likeness, -np.inf)
        at = int(gain.argmax())
        found.append(pool[at])
        left[at] = False
        likeness = np.maximum(likeness, vectors @ vectors[at])  # (m, d) @ (d,) -> (m,)
    return found


def capped(order: Sequence[int], category: Callable[[int], str], most: int, number: int) -> list[int]:
    """The first items of an order, at most so many of a category; items without one are not counted."""
    counts: Counter[str] = Counter()
    found = []
    for item in order:
        name = category(item)
        if name and counts[name] >= most:
            continue
        counts[name] += 1
        found.append(item)
        if len(found) == number:
            break
    return found


def explored(order: Sequence[int], others: Sequence[int], share: float, chance: np.random.Generator) -> list[Chosen]:
    """Give places to items by chance: each with probability `share`, all of `others` and of the list's rest alike.

    order: the list, best first;  others: further candidates
    """
    if not share or not order:
        return [Chosen(item) for item in order]
    queue, drawn, found = list(order), [*order, *others], []
    for _ in range(len(order)):
        pool = len(drawn)
        by_chance = chance.random() < share
        item = drawn[int(chance.integers(pool))] if by_chance else queue[0]
        likely = share / pool + (1 - share if item == queue[0] else 0.0)
        found.append(Chosen(item, likely, explored=by_chance and item != queue[0]))
        drawn.remove(item)
        if item in queue:
            queue.remove(item)
        if not queue:
            break
    return found


def pinned(chosen: Sequence[Chosen], pins: Sequence[tuple[int, int]], offset: int, k: int) -> list[Chosen]:
    """Put pinned items at their places of the whole list, of which this is the page from `offset` on."""
    found = list(chosen)
    for position, item in pins:
        at = position - offset
        if 0 <= at < k:
            found.insert(min(at, len(found)), Chosen(item, pinned=True))
    return found[:k]
