"""How well groups that were found agree with true labels. Groups nothing itself.

Accuracy is that of DSTC11's intent induction: each group is matched with at most one label and each label with at most
one group, so that as many rows as possible are right (Hungarian method); rows of unmatched groups are wrong.
"""

from collections.abc import Sequence

import numpy as np

from core.errors import Invalid
from core.evaluation.intervals import Figure, Floats, Ints, bootstrapped, drawn_counts


def measure_clustering(
    labels: Sequence[str], groups: Sequence[int], seed: int = 7, resamples: int = 1_000
) -> dict[str, Figure]:
    """`accuracy`, `nmi` (arithmetic mean) and `ari`, with bootstrap intervals over rows; matched anew each time.

    labels, groups: one a row
    raises: Invalid without rows or with unequal numbers of them

    >>> measure_clustering(["a", "a", "b", "b"], [1, 1, 0, 2])["accuracy"].value
    0.75
    """
    if not labels or len(labels) != len(groups):
        raise Invalid(f"{len(labels)} labels but {len(groups)} groups", remedy="give one of each for every row")
    table = contingency(labels, groups)
    cells = table.ravel()
    measures = {"accuracy": accuracy, "nmi": nmi, "ari": ari}
    resampled: dict[str, list[float]] = {name: [] for name in measures}
    for block in drawn_counts(cells, resamples, seed):
        for drawn in block.reshape(-1, *table.shape):
            for name, value in measures.items():
                resampled[name].append(value(drawn))
    counts = table.astype(np.float64)
    return {
        name: bootstrapped(value(counts), np.array(resampled[name]), len(labels)) for name, value in measures.items()
    }


def contingency(labels: Sequence[str], groups: Sequence[int]) -> Ints:
    """returns: (g, c), rows of each group that have each label"""
    found, places = np.unique(np.asarray(groups), return_inverse=True)
    named, columns = np.unique(np.asarray(labels), return_inverse=True)
    table = np.zeros((len(found), len(named)), np.int64)
    np.add.at(table, (places, columns), 1)
    return table


def accuracy(table: Floats) -> float:
    """table: (g, c);  returns: the share of rows whose group is matched with their label"""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(table, maximize=True)
    return float(table[rows, columns].sum() / table.sum())


def nmi(table: Floats) -> float:
    """Mutual information over the mean of both entropies; 1 where neither side parts anything."""
    shares = table / table.sum()
    outer = shares.sum(axis=1, keepdims=True) * shares.sum(axis=0, keepdims=True)  # (g, 1) * (1, c) -> (g, c)
    held = shares > 0
    shared = float((shares[held] * np.log(shares[held] / outer[held])).sum())
    middle = (_entropy(shares.sum(axis=1)) + _entropy(shares.sum(axis=0))) / 2
    return min(1.0, max(0.0, shared / middle)) if middle > 0 else 1.0


def _entropy(shares: Floats) -> float:
    held = shares[shares > 0]
    return float(-(held * np.log(held)).sum())


def ari(table: Floats) -> float:
    """Pairs that are together on both sides, above chance (Hubert & Arabie, 1985); 1 for equal partitions."""
    both, rows, columns = (float((x * (x - 1) / 2).sum()) for x in (table, table.sum(axis=1), table.sum(axis=0)))
    n = float(table.sum())
    expected = rows * columns / (n * (n - 1) / 2) if n > 1 else 0.0
    most = (rows + columns) / 2
    return (both - expected) / (most - expected) if most != expected else 1.0
