"""The linear model of the next item, in closed form: seconds to learn, hard to beat. Knows no network, no files.

Each event is predicted from what its user did before, every earlier event counting `fade` of the next: a ridge
regression of all next items on all faded histories at once. With x_t = sum over k <= t of fade^(t-k) e(item_k), its
normal equations need only how often j follows i at each distance, so events are passed over, never written out. Events
enter, and are predicted, by what they weigh.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import linalg, sparse

from apps.recommender.pipeline.model.cooccurrence import MOST_ITEMS, Neighbours
from apps.recommender.pipeline.model.histories import Floats, Histories, Longs

FAINT = 0.02
"""Events that count less than this are not looked at."""
REACH = 200
KEPT = 500
"""Weights of a row that are kept. On three public sets 500 rank as well as all."""


class NotSolvable(ValueError):
    """The normal equations have no stable solution."""


def next_item_weights(
    histories: Histories, *, fade: float, penalty: float, drop: float = 0.5, most: int = MOST_ITEMS, kept: int = KEPT
) -> Neighbours:
    """What each item says for the next one: (n, n), `kept` weights a row.

    fade: in (0, 1);  penalty: ridge, in events
    drop: as if that many events of an item, relative to those there are, were missing from histories by chance
    most: items that are modelled, the commonest ones
    raises: NotSolvable
    """
    counts = histories.counts()
    chosen = np.sort(np.argsort(-counts, kind="stable")[: min(most, int((counts > 0).sum()))])
    after = followers(histories, chosen, fade)  # (m, m)
    gram = np.array(after.T, order="F")  # after is C-ordered, so this is a copy of it as Fortran holds it
    gram *= fade
    gram += gram.T.copy()
    own = np.bincount(histories.item, weights=np.square(histories.weight), minlength=histories.item_count)
    gram[np.diag_indices_from(gram)] += own[chosen].astype(np.float32)
    gram /= 1 - fade**2
    gram[np.diag_indices_from(gram)] *= 1 + drop
    gram[np.diag_indices_from(gram)] += penalty
    factor, failed = linalg.lapack.spotrf(gram, lower=1, overwrite_a=1)
    if failed:
        raise NotSolvable("raise the penalty")
    weights, failed = linalg.lapack.spotrs(factor, np.asfortranarray(after), lower=1, overwrite_b=1)
    if failed:
        raise NotSolvable("raise the penalty")
    return _as_neighbours(weights, chosen, histories.item_count, kept)


def followers(histories: Histories, chosen: Longs, fade: float) -> Floats:
    """How much each chosen item follows each other: (m, m), row i column j, a step further counting `fade` less.

    A pair counts by the weights of both events.
    """
    place = np.full(histories.item_count, -1, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    user, item, weight = histories.user, place[histories.item], histories.weight
    m = len(chosen)
    after = np.zeros((m, m), dtype=np.float32)
    reach = min(REACH, max(1, math.ceil(math.log(FAINT) / math.log(fade))))
    longest = int(histories.lengths.max(initial=0))
    for step in range(1, min(reach, longest - 1) + 1):
        same = (user[step:] == user[:-step]) & (item[step:] >= 0) & (item[:-step] >= 0)
        before, later = item[:-step][same], item[step:][same]
        worth = np.float32(fade ** (step - 1)) * weight[:-step][same] * weight[step:][same]
        pairs = sparse.csr_matrix((worth, (before, later)), shape=(m, m))
        pairs.sum_duplicates()
        rows = np.repeat(np.arange(m), np.diff(pairs.indptr))
        after[rows, pairs.indices] += pairs.data
    return after


def _as_neighbours(weights: Floats, chosen: Longs, n: int, kept: int) -> Neighbours:
    """The `kept` largest of each row by size, at the items' own places."""
    m = len(chosen)
    kept = min(kept, m)
    starts = np.zeros(n + 1, dtype=np.int64)
    starts[chosen + 1] = kept
    columns, values = np.empty((m, kept), dtype=np.int32), np.empty((m, kept), dtype=np.float32)
    for row in range(m):
        best = np.sort(np.argpartition(-np.abs(weights[row]), kept - 1)[:kept])
        columns[row], values[row] = chosen[best], weights[row][best]
    return sparse.csr_matrix((values.ravel(), columns.ravel(), np.cumsum(starts)), shape=(n, n))
