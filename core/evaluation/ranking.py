"""How good rankings are: ids in ranked order against the ids that are relevant; ranks vectors, reads no texts."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from core.backend.encoder import Floats
from core.errors import Invalid
from core.evaluation.compare import Difference, Verdict, difference, verdict_of
from core.evaluation.intervals import Figure, bootstrapped, drawn_counts, share

RANKED = 100  # passages of each query; a reciprocal rank below 0.01 counts as 0
RANKED_TOGETHER = 256  # queries
RESAMPLES = 1_000


@dataclass(frozen=True)
class RankComparison:
    """Another encoder on the same queries. verdict: on the mean reciprocal rank, by the paired bootstrap at 5 %"""

    verdict: Verdict
    n: int
    mrr: Difference


def nearest(asked: Floats, found: Floats) -> list[list[int]]:
    """The RANKED nearest passages of each query, nearest first. asked: (q, d);  found: (p, d), unit rows

    >>> nearest(np.eye(2, dtype="f4"), np.eye(2, dtype="f4"))
    [[0, 1], [1, 0]]
    """
    k, ranked = min(RANKED, len(found)), list[list[int]]()
    for begin in range(0, len(asked), RANKED_TOGETHER):
        cosines = asked[begin : begin + RANKED_TOGETHER] @ found.T  # (r, d) @ (d, p) -> (r, p)
        best = np.argpartition(-cosines, k - 1, axis=1)[:, :k]  # (r, k)
        order = np.argsort(-np.take_along_axis(cosines, best, axis=1), axis=1, kind="stable")
        ranked += np.take_along_axis(best, order, axis=1).tolist()
    return ranked


def measure_ranking(
    ranked: Sequence[Sequence[str]],
    relevant: Sequence[Collection[str]],
    ks: Sequence[int] = (1, 3, 10),
    seed: int = 7,
    resamples: int = 1_000,
) -> dict[str, Figure]:
    """`hit@k`, `recall@k` and `ndcg@k` for each k, and `mrr`: means over queries.

    `hit@k` has a Wilson interval, the others bootstrap intervals over queries. An id that is ranked twice counts at its
    better place only.

    ranked: a query a line, best first;  relevant: a query a line
    raises: Invalid without queries, with unequal numbers of lines, or when nothing is relevant to a query

    >>> measure_ranking([["a", "b"], ["b", "a"]], [{"a"}, {"a"}], ks=[1])["mrr"].value
    0.75
    """
    if not ranked or len(ranked) != len(relevant):
        raise Invalid(f"{len(ranked)} rankings but relevant ids of {len(relevant)} queries", remedy="give one of each")
    for number, ids in enumerate(relevant, start=1):
        if not ids:
            raise Invalid(f"nothing is relevant to query {number}", remedy="leave out queries that nothing answers")
    pairs = [(tuple(dict.fromkeys(ids)), frozenset(good)) for ids, good in zip(ranked, relevant, strict=True)]
    shares = {f"hit@{k}": np.array([hit(ids, good, k) for ids, good in pairs]) for k in ks}
    means = {f"recall@{k}": [recall(ids, good, k) for ids, good in pairs] for k in ks}
    means |= {f"ndcg@{k}": [ndcg(ids, good, k) for ids, good in pairs] for k in ks}
    means["mrr"] = [reciprocal_rank(ids, good) for ids, good in pairs]
    table, n = np.array(list(means.values())).T, len(pairs)  # (n, measures)
    ones = np.ones(n, dtype=np.int64)
    resampled = np.concatenate([drawn @ table / n for drawn in drawn_counts(ones, resamples, seed)])
    return {name: share(hits).figure() for name, hits in shares.items()} | {
        name: bootstrapped(float(table[:, at].mean()), resampled[:, at], n) for at, name in enumerate(means)
    }


def compare_rankings(
    candidate: Sequence[Sequence[str]],
    baseline: Sequence[Sequence[str]],
    relevant: Sequence[Collection[str]],
    seed: int = 7,
) -> RankComparison:
    """Whether the candidate ranks better. All: a query a line, at least one

    >>> right, wrong, good = [["a", "b"]] * 20, [["b", "a"]] * 20, [{"a"}] * 20
    >>> compare_rankings(right, wrong, good).verdict, compare_rankings(right, right, good).verdict
    ('better', 'no difference that can be told from chance')
    """
    both = [
        [reciprocal_rank(ids, good) for ids, good in zip(ranked, relevant, strict=True)]
        for ranked in (candidate, baseline)
    ]
    table, n = np.array(both), len(relevant)  # (2, n)
    drawn = drawn_counts(np.ones(n, dtype=np.int64), RESAMPLES, seed)
    mrr = difference(table.mean(axis=1), np.concatenate([table @ block.T / n for block in drawn], axis=1), n)
    return RankComparison(verdict_of(mrr.p, mrr.value), n, mrr)


def hit(ids: Sequence[str], relevant: Collection[str], k: int) -> bool:
    """Whether any of the first k is relevant.

    >>> hit(["a", "b"], {"b"}, k=1), hit(["a", "b"], {"b"}, k=2)
    (False, True)
    """
    return any(id_ in relevant for id_ in ids[:k])


def recall(ids: Sequence[str], relevant: Collection[str], k: int) -> float:
    """|relevant among the first k| / |relevant|

    >>> recall(["a", "b", "c"], {"b", "z"}, k=3)
    0.5
    """
    return sum(id_ in relevant for id_ in ids[:k]) / len(relevant)


def reciprocal_rank(ids: Sequence[str], relevant: Collection[str]) -> float:
    """1 / rank of the first relevant id, from 1; 0 when there is none

    >>> reciprocal_rank(["a", "b"], {"b"})
    0.5
    """
    return next((1 / rank for rank, id_ in enumerate(ids, start=1) if id_ in relevant), 0.0)


def ndcg(ids: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Σ over relevant ids in the first k of 1 / log2(1 + rank), divided by the best possible sum (Järvelin, 2002).

    >>> ndcg(["b", "a"], {"b"}, k=2), round(ndcg(["a", "b"], {"b"}, k=2), 4)
    (1.0, 0.6309)
    """
    gained = sum(1 / math.log2(1 + rank) for rank, id_ in enumerate(ids[:k], start=1) if id_ in relevant)
    return gained / sum(1 / math.log2(1 + rank) for rank in range(1, min(k, len(relevant)) + 1))
