"""Figures of ranked lists against what users wanted next, with intervals. Knows no model and no file.

Every list ranks all items but those that its user had before; of equal scores the item with the lower number counts as
better, for all rankers alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from apps.recommender.pipeline.model.choosing import gains
from apps.recommender.pipeline.model.histories import Floats, Longs
from apps.recommender.pipeline.model.holding_out import HeldOut
from apps.recommender.pipeline.model.recommender import NEVER, best
from apps.recommender.pipeline.model.signals import Signal
from core.evaluation.intervals import Figure, bootstrapped, drawn_counts, share

K = 10
AT_ONCE = 256
RESAMPLES = 1_000
FEW = 5
"""Events up to which a user or an item is cold."""
NEVER_SEEN, SEEN = "hit@10, items never seen", "hit@10, items seen"
HEAD = 0.1
"""Share of items that are the popular ones."""


@dataclass(frozen=True)
class Ranked:
    """What one ranker gave. lists: (h, K) items, best first;  first: (h,), place of the best wanted item, from 1"""

    lists: Longs
    first: Longs


def rank(signal: Signal, held: HeldOut) -> Ranked:
    """Rank all items for all held-out users."""
    asked = held.past.of_users(held.users)
    lists = np.empty((len(held.users), K), dtype=np.int64)
    first = np.empty(len(held.users), dtype=np.int64)
    for start in range(0, len(held.users), AT_ONCE):
        some = np.arange(start, min(start + AT_ONCE, len(held.users)), dtype=np.int32)
        part = asked.of_users(some)
        scores = signal.score(part).astype(np.float32, copy=True)
        scores[part.user, part.item] = NEVER
        lists[some] = best(scores, K)
        for row, at in enumerate(some):
            wanted = held.wanted[at]
            top = wanted[np.lexsort((wanted, -scores[row, wanted]))[0]]
            value = scores[row, top]
            first[at] = 1 + int((scores[row] > value).sum()) + int((scores[row, :top] == value).sum())
    return Ranked(lists, first)


def measure(ranked: Ranked, held: HeldOut, text: Floats | None, seed: int = 7) -> dict[str, Figure]:
    """All figures of one ranker. text: (n, d), unit rows, for diversity"""
    counts = held.past.counts()
    lengths = held.past.lengths[held.users]
    ndcg = gains(ranked.lists, held.wanted)
    hits = ndcg > 0
    found = [np.isin(row, good).sum() / len(good) for row, good in zip(ranked.lists, held.wanted, strict=True)]
    each: dict[str, Floats] = {
        "ndcg@10": ndcg,
        "recall@10": np.array(found, dtype=np.float32),
        "mrr": (1 / ranked.first).astype(np.float32),
        "novelty": _novelty(ranked.lists, counts),
        "popular share": _head_share(ranked.lists, counts),
    }
    if text is not None:
        each["diversity"] = _diversity(ranked.lists, text)
    figures = {"hit@10": share(hits).figure(), **_means(each, seed)}
    shown = np.unique(ranked.lists[ranked.lists >= 0])
    covered = len(shown) / max(1, held.past.item_count)
    figures["coverage"] = Figure(covered, covered, covered, held.past.item_count)
    coldest = np.array([counts[good].min() <= FEW for good in held.wanted])
    unseen = np.array([counts[good].min() == 0 for good in held.wanted])
    for name, rows in (
        (f"hit@10, users with up to {FEW} events", lengths <= FEW),
        (f"hit@10, items with up to {FEW} events", coldest),
        (NEVER_SEEN, unseen),
        (SEEN, ~unseen & unseen.any()),
    ):
        if rows.any():
            figures[name] = share(hits[rows]).figure()
    return figures


def _means(each: Mapping[str, Floats], seed: int) -> dict[str, Figure]:
    table = np.array(list(each.values()), dtype=np.float64).T  # (h, measures)
    n = len(table)
    ones = np.ones(n, dtype=np.int64)
    drawn = np.concatenate([block @ table / n for block in drawn_counts(ones, RESAMPLES, seed)])
    return {name: bootstrapped(float(table[:, at].mean()), drawn[:, at], n) for at, name in enumerate(each)}


def _novelty(lists: Longs, counts: Longs) -> Floats:
    """Mean bits of surprise of each list: -log2 of an item's share of all events, one added to each count."""
    bits = -np.log2((counts + 1) / (counts.sum() + len(counts)))
    mean = np.where(lists >= 0, bits[lists], 0).sum(1) / np.maximum((lists >= 0).sum(1), 1)
    return np.asarray(mean, dtype=np.float32)


def _head_share(lists: Longs, counts: Longs) -> Floats:
    """Share of each list that are the commonest tenth of the items."""
    head = np.zeros(len(counts), dtype=np.bool_)
    head[np.argsort(-counts, kind="stable")[: max(1, int(len(counts) * HEAD))]] = True
    return np.asarray((head[lists] & (lists >= 0)).mean(1), dtype=np.float32)


def _diversity(lists: Longs, text: Floats) -> Floats:
    """One less the mean cosine of the texts of two items of a list."""
    out = np.empty(len(lists), dtype=np.float32)
    for at, row in enumerate(lists):
        vectors = text[row[row >= 0]]
        k = len(vectors)
        total = float(np.square(vectors.sum(0)).sum())
        own = float(np.square(vectors).sum())
        out[at] = 1 - (total - own) / max(1, k * (k - 1))
    return out
