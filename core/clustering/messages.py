"""Messages and their vectors in, groups with a label, a size and typical messages out. The door of this room."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.backend.encoder import Floats
from core.clustering.grouping import Ints, centres, group
from core.clustering.wording import name_groups
from core.errors import Invalid

ALIKE = 0.58  # mean cosine from which all messages want the same; docs/decisions/0010
FEWEST = 8  # different messages from which groups are looked for; fewer are only told apart from one another
EXAMPLES = 5
SEED = 7  # of the samples


@dataclass(frozen=True)
class Cluster:
    """One group. label: 2 to 5 words of its messages;  examples: positions of its most typical ones, best first"""

    label: str
    size: int
    examples: tuple[int, ...]


@dataclass(frozen=True)
class Clustering:
    """groups: (n,), the place in `clusters` of each message;  clusters: the largest first"""

    groups: Ints
    clusters: tuple[Cluster, ...]


NOTHING = Clustering(np.zeros(0, np.int64), ())


def cluster(texts: Sequence[str], vectors: Floats, seed: int = SEED, examples: int = EXAMPLES) -> Clustering:
    """Group messages by what they want. Every message gets a group; their order does not matter.

    texts: n, 0 or more;  vectors: (n, d), unit rows, one a text;  examples: at most so many a group
    raises: Invalid when there is not one vector a text
    """
    if len(texts) != len(vectors):
        raise Invalid(f"{len(texts)} messages but {len(vectors)} vectors", remedy="give one vector for each message")
    places = alike(texts)
    firsts = [at[0] for at in places]
    said = [texts[at] for at in firsts]
    if not said:
        return NOTHING
    distinct = np.asarray(vectors, np.float32)[firsts]
    found = _grouped(distinct, seed)
    repeated = [len(at) for at in places]
    order = _largest_first(found, repeated)
    found = order[found]
    typical = _typical(distinct, found)
    labels = name_groups(said, found.tolist(), typical)
    groups = np.zeros(len(texts), np.int64)
    sizes = np.zeros(len(typical), np.int64)
    for place, at in zip(found.tolist(), places, strict=True):
        groups[at] = place
        sizes[place] += len(at)
    clusters = tuple(
        Cluster(label, size, tuple(firsts[at] for at in shown[:examples]))
        for label, size, shown in zip(labels, sizes.tolist(), typical, strict=True)
    )
    return Clustering(groups, clusters)


def alike(texts: Sequence[str]) -> list[list[int]]:
    """Positions of texts that differ in case and white space only, in the order of what they say.

    >>> alike(["Lost card", "hello", "lost  card"])
    [[1], [0, 2]]
    """
    places: dict[str, list[int]] = defaultdict(list)
    for at, text in enumerate(texts):
        places[" ".join(text.casefold().split())].append(at)
    return [places[text] for text in sorted(places)]


def _grouped(vectors: Floats, seed: int) -> Ints:
    """vectors: (n, d), n ≥ 1;  returns: (n,), groups 0 … g-1"""
    n = len(vectors)
    total = vectors.sum(axis=0, dtype=np.float64)
    if n == 1 or (total @ total - n) / (n * (n - 1)) >= ALIKE:  # the mean over all pairs, since rows have length 1
        return np.zeros(n, np.int64)
    if n < FEWEST:
        return _few(vectors)
    return group(vectors, seed)


def _few(vectors: Floats) -> Ints:
    """So few that an average over them says nothing: those are one group that are as alike as one want's messages."""
    from sklearn.cluster import AgglomerativeClustering

    cut = AgglomerativeClustering(None, metric="cosine", linkage="average", distance_threshold=1 - ALIKE)
    return np.asarray(cut.fit_predict(vectors), np.int64)


def _largest_first(groups: Ints, repeated: Sequence[int]) -> Ints:
    """returns: (g,), the new number of each group: the largest is 0; of equals, that of the first text in order"""
    sizes = np.bincount(groups, weights=repeated)
    firsts = np.unique(groups, return_index=True)[1]
    ranked = np.lexsort((firsts, -sizes))
    numbers = np.empty(len(ranked), np.int64)
    numbers[ranked] = np.arange(len(ranked))
    return numbers


def _typical(vectors: Floats, groups: Ints) -> list[list[int]]:
    """Positions of each group's texts, the nearest to its middle first."""
    closeness = (vectors * centres(vectors, groups)[groups]).sum(axis=1)
    order = np.lexsort((np.arange(len(groups)), -closeness.round(6)))
    typical: list[list[int]] = [[] for _ in range(int(groups.max()) + 1)]
    for at in order.tolist():
        typical[groups[at]].append(at)
    return typical
