"""Which rows belong together, by average linkage cut where silhouettes are best, agreed on by many samples."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from core.backend.encoder import Floats

Ints = NDArray[np.int64]

CUTS = tuple(np.arange(0.55, 0.96, 0.03))  # cosine distances; below, even one want's messages fall apart
SMALLEST_SHARE, SMALLEST = 80, 4  # a group has at least one in 80 rows, and 4; the rows of others go to the nearest
SAMPLES = 15
SAMPLE_SHARE, MOST_SAMPLED = 0.8, 1_000  # of the rows, and rows at most
MOST_COMPARED = 2_500  # rows whose pairs are counted; with more, all go to the nearest of the groups found
TOGETHER = 0.5  # share of the samples that must agree


def group(vectors: Floats, seed: int) -> Ints:
    """Group rows without a given number of groups.

    vectors: (n, d), unit rows, n ≥ 3
    returns: (n,), groups 0 … g-1
    """
    chance = np.random.default_rng(seed)
    n = len(vectors)
    # What all have in common, such as the trade that they are about, tells none apart.
    rows = unit(vectors - vectors.mean(axis=0))
    some = rows[np.sort(chance.permutation(n)[:MOST_COMPARED])]
    votes = [_sampled(some, chance) for _ in range(SAMPLES)]
    agreed = _dissolved(some, _cut(_linkage(_disagreement(votes)), 1 - TOGETHER), _smallest(len(some)))
    return agreed if len(some) == n else nearest(rows, centres(some, agreed))


def _sampled(rows: Floats, chance: np.random.Generator) -> Ints:
    """Group a sample, then give every row to the nearest of its groups.

    rows: (n, d);  returns: (n,)
    """
    size = max(3, min(MOST_SAMPLED, round(SAMPLE_SHARE * len(rows))))
    sample = rows[np.sort(chance.permutation(len(rows))[:size])]
    return nearest(rows, centres(sample, best_cut(sample)))


def best_cut(rows: Floats) -> Ints:
    """Average linkage, cut at the distance at which the mean silhouette is highest; all one group where no cut parts them.

    rows: (n, d), n ≥ 3;  returns: (n,), groups 0 … g-1
    """
    from sklearn.metrics import silhouette_score

    distances = np.maximum(1 - rows @ rows.T, 0)  # (n, d) @ (d, n) -> (n, n)
    np.fill_diagonal(distances, 0)
    best, chosen = -np.inf, np.zeros(len(rows), np.int64)
    for groups in _cuts(rows, _linkage(distances)):
        if 1 < groups.max() + 1 < len(rows):
            score = float(silhouette_score(distances, groups, metric="precomputed"))
            if score > best:
                best, chosen = score, groups
    return chosen


def _cuts(rows: Floats, tree: Floats) -> Iterator[Ints]:
    """The groups at each distance, without small ones; each partition once."""
    seen: set[bytes] = set()
    for distance in CUTS:
        groups = _dissolved(rows, _cut(tree, distance), _smallest(len(rows)))
        if groups.tobytes() not in seen:
            seen.add(groups.tobytes())
            yield groups


def _disagreement(votes: Sequence[Ints]) -> Floats:
    """returns: (n, n), the share of votes in which two rows are in different groups"""
    together = np.zeros((len(votes[0]), len(votes[0])), np.float32)
    for vote in votes:
        members = np.zeros((len(vote), vote.max() + 1), np.float32)
        members[np.arange(len(vote)), vote] = 1
        together += members @ members.T  # (n, g) @ (g, n) -> (n, n)
    distances: Floats = 1 - together / len(votes)
    np.fill_diagonal(distances, 0)
    return distances


def _linkage(distances: Floats) -> Floats:
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    tree: Floats = linkage(squareform(distances.astype(np.float64), checks=False), "average")
    return tree


def _cut(tree: Floats, distance: float) -> Ints:
    from scipy.cluster.hierarchy import fcluster

    return np.asarray(fcluster(tree, distance, "distance"), np.int64) - 1


def _smallest(n: int) -> int:
    """How many of n rows make a group.

    >>> _smallest(9), _smallest(1_600)
    (4, 20)
    """
    return max(SMALLEST, n // SMALLEST_SHARE)


def _dissolved(rows: Floats, groups: Ints, smallest: int) -> Ints:
    """Give the rows of small groups to the nearest large one; all stay as they are where none is large.

    returns: (n,), groups 0 … g-1
    """
    groups = np.unique(groups, return_inverse=True)[1]
    large = np.flatnonzero(np.bincount(groups) >= smallest)
    if not len(large):
        return groups
    lost = ~np.isin(groups, large)
    kept = groups.copy()
    if lost.any():
        kept[lost] = large[nearest(rows[lost], centres(rows, groups)[large])]
    return np.unique(kept, return_inverse=True)[1]


def centres(rows: Floats, groups: Ints) -> Floats:
    """returns: (g, d), unit rows: each group's mean direction"""
    sums = np.zeros((int(groups.max()) + 1, rows.shape[1]), np.float32)
    np.add.at(sums, groups, rows)
    return unit(sums)


def nearest(rows: Floats, towards: Floats) -> Ints:
    """returns: (n,), the place of the centre with the highest cosine; the first of equals"""
    found: Ints = (rows @ towards.T).argmax(axis=1)  # (n, d) @ (d, g) -> (n, g)
    return found


def unit(rows: Floats) -> Floats:
    """Rows of length 1; zeros stay zeros."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    divided: Floats = (rows / np.where(lengths > 1e-6, lengths, 1.0)).astype(np.float32)
    return divided
