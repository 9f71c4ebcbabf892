"""Which items go together: EASE, ItemKNN and what follows what. Sparse neighbours out; knows no network, no files."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from scipy import linalg, sparse

from apps.recommender.pipeline.model.histories import Floats, Histories, Ints, Longs

MOST_ITEMS = 14_000
"""Items that EASE inverts a matrix of: 14,000² numbers are 784 MB, and two such are held at a time."""

DENSE = 100_000_000
"""Numbers of a matrix of users and items that may be written out: 400 MB."""

Neighbours: TypeAlias = sparse.csr_matrix
"""(n, n): row i holds what having had i says for every other item."""


def ease(histories: Histories, *, penalty: float, most: int = MOST_ITEMS, weight: Floats | None = None) -> Neighbours:
    """Steck (2019): the linear autoencoder without a diagonal, in closed form, dense within the `most` commonest items.

    penalty: ridge, in events
    weight: (n,), how much each event counts; the largest of a user and item is taken
    """
    matrix = histories.matrix(weight)
    counts = histories.counts()
    kept = np.sort(np.argsort(-counts, kind="stable")[: min(most, int((counts > 0).sum()))])
    part = matrix[:, kept]
    gram = np.asfortranarray(_together(part).toarray(), dtype=np.float32)  # (m, m)
    gram[np.diag_indices_from(gram)] += penalty
    factor, failed = linalg.lapack.spotrf(gram, lower=1, overwrite_a=1)
    if failed:
        raise ValueError("the matrix of co-occurrence is not positive definite: raise `penalty`")
    inverse, failed = linalg.lapack.spotri(factor, lower=1, overwrite_c=1)
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    inverse /= -np.diag(inverse)[None, :].copy()
    np.fill_diagonal(inverse, 0)
    return _spread(inverse, kept, histories.item_count)


def _spread(dense: Floats, kept: Longs, n: int) -> Neighbours:
    """A dense matrix of some items as a sparse one of all."""
    m = len(kept)
    starts = np.zeros(n + 1, dtype=np.int64)
    starts[kept + 1] = m
    return sparse.csr_matrix(
        (np.ascontiguousarray(dense).ravel(), np.tile(kept.astype(np.int32), m), np.cumsum(starts)), shape=(n, n)
    )


def _together(matrix: sparse.csr_matrix) -> Neighbours:
    """(items, items), users in common. Dense where histories are so long that a sparse product would be slower."""
    users, items = matrix.shape
    pairs = float(np.square(np.diff(matrix.indptr), dtype=np.float64).sum())
    if users * items < DENSE and pairs * 50 > float(users) * items * items:
        dense = matrix.toarray()
        return sparse.csr_matrix(dense.T @ dense)
    return (matrix.T @ matrix).tocsr().astype(np.float32)


def item_knn(histories: Histories, *, shrink: float, neighbours: int, power: float = 0.5) -> Neighbours:
    """Users in common, divided by how common both are: cosine with `power` 0.5 and `shrink` 0.

    A user counts by what their events with both items weigh; how common an item is, is told without weights, so that
    what was only looked at says less than what was bought.
    shrink: events added to the divisor, so that chance pairs count little
    """
    together = _together(histories.matrix(histories.weight))
    common = np.asarray(histories.matrix().sum(0)).ravel().astype(np.float32)
    return strongest(_divided(together, common, common, shrink, power), neighbours)


def transitions(
    histories: Histories, *, reach: int, fade: float, shrink: float, neighbours: int, power: float = 0.5
) -> Neighbours:
    """What comes after what: row i, column j says how much j follows i within `reach` events, each step `fade` less.

    A pair counts by the weights of both events; it is divided by how often both items stand in pairs, without weights.
    """
    user, item, weight = histories.user, histories.item, histories.weight
    n = histories.item_count
    together = sparse.csr_matrix((n, n), dtype=np.float32)
    out, into = np.zeros(n, dtype=np.float32), np.zeros(n, dtype=np.float32)
    for step in range(1, reach + 1):
        same = user[step:] == user[:-step]
        before, after = item[:-step][same], item[step:][same]
        share = np.float32(fade ** (step - 1))
        worth = share * weight[:-step][same] * weight[step:][same]
        together = together + sparse.csr_matrix((worth, (before, after)), shape=(n, n))
        other = before != after
        out += share * np.bincount(before[other], minlength=n).astype(np.float32)
        into += share * np.bincount(after[other], minlength=n).astype(np.float32)
    together.setdiag(0)
    together.eliminate_zeros()
    return strongest(_divided(together.tocsr(), out, into, shrink, power), neighbours)


def _divided(together: Neighbours, rows: Floats, columns: Floats, shrink: float, power: float) -> Neighbours:
    pairs = together.tocoo()
    divisor = (rows[pairs.row] ** (1 - power)) * (columns[pairs.col] ** power) + shrink
    value = (pairs.data / divisor).astype(np.float32)
    value[pairs.row == pairs.col] = 0
    found = sparse.csr_matrix((value, (pairs.row, pairs.col)), shape=together.shape)
    found.eliminate_zeros()
    return found


def strongest(matrix: Neighbours, number: int) -> Neighbours:
    """Only the `number` largest of each row, by size without sign."""
    matrix = matrix.tocsr()
    lengths = np.diff(matrix.indptr)
    if (lengths <= number).all():
        return matrix
    rows = np.repeat(np.arange(matrix.shape[0]), lengths)
    order = np.lexsort((-np.abs(matrix.data), rows))
    place = np.arange(len(order)) - np.repeat(matrix.indptr[:-1], lengths)
    kept = np.sort(order[place < number])
    starts = np.zeros(matrix.shape[0] + 1, dtype=np.int64)
    np.cumsum(np.minimum(lengths, number), out=starts[1:])
    return sparse.csr_matrix((matrix.data[kept], matrix.indices[kept], starts), shape=matrix.shape)


def by_neighbours(histories: Histories, neighbours: Neighbours, *, fade: float = 1.0, longest: int = 200) -> Floats:
    """How much each user's events say for each item.

    fade: what an event counts relative to the one after it;  longest: events that count, the last ones
    returns: (u, n)
    """
    matrix = faded(histories, fade, longest)
    if neighbours.nnz > 0.2 * neighbours.shape[0] ** 2 and (whole := _whole(neighbours)) is not None:
        rows, columns, dense = whole
        out = np.zeros((len(histories), histories.item_count), dtype=np.float32)
        out[:, columns] = matrix[:, rows] @ dense
        return out
    return np.asarray((matrix @ neighbours).toarray(), dtype=np.float32)


def _whole(neighbours: Neighbours) -> tuple[Longs, Ints, Floats] | None:
    """The rows, the columns and the numbers (rows, columns) where all rows name the same columns, as EASE's do."""
    lengths = np.diff(neighbours.indptr)
    rows = np.flatnonzero(lengths)
    width = int(lengths[rows[0]])
    if not (lengths[rows] == width).all():
        return None
    columns = neighbours.indices.reshape(len(rows), width)
    if not (columns == columns[0]).all():
        return None
    return rows, columns[0], neighbours.data.reshape(len(rows), width)


def faded(histories: Histories, fade: float, longest: int) -> sparse.csr_matrix:
    """(u, n): each user's last events, the last one 1 and each before it `fade` of the next, times what it weighs; the
    largest of an item.
    """
    back = histories.starts[1:][histories.user] - 1 - np.arange(len(histories.item))
    kept = back < longest
    some = histories.keep(kept)
    weight = np.power(np.float32(fade), back[kept]).astype(np.float32) * some.weight
    return some.matrix(np.maximum(weight, 1e-12))
