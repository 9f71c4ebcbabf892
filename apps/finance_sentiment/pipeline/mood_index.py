"""The mood index: what readings say at the end of each bucket, the fresh ones most. Touches no database.

R(t) = sum of w 2^(-(t - t_i)/h) s_i / sum of w 2^(-(t - t_i)/h)

over all readings up to t: s the score in [-1, 1], h the half-life, w the relevance of the document to the company
(0 to 1) where the document is the first of its story and had enough evidence, else 0. The form is that of RavenPack's
sentiment indices: relevance filters, novelty counts once, age fades.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_EVIDENCE = 0.01  # a fully relevant reading that is 6.6 half-lives old; with less the index is not told
LOOKED_BACK = 20  # half-lives; what is older counts less than a millionth


@dataclass(frozen=True)
class Counted:
    """Sums at moments, ascending. hours: since 1970 (n,);  sums: (n, 8), columns as `store.hours.SUMS`"""

    hours: Floats
    sums: Floats


@dataclass(frozen=True)
class Points:
    """A curve; all (b,). index, dispersion: nan where there is too little evidence;  evidence: faded weight"""

    counts: Floats  # (b, 5): volume, echoes, negative, neutral, positive of the bucket
    index: Floats
    dispersion: Floats
    evidence: Floats


def curve(counted: Counted, edges: Floats, now: float, half_life: float) -> Points:
    """One point for each bucket.

    edges: hours since 1970, (b + 1,), ascending; sums before the first one count in the index only
    now: where the last bucket has not ended yet, its index is that of now;  half_life: hours
    """
    buckets = len(edges) - 1
    place = np.searchsorted(edges, counted.hours, side="right") - 1  # (n,), -1 before the first
    ends = np.minimum(edges[1:], max(now, edges[0]))
    inside = (place >= 0) & (place < buckets)
    counts = np.stack(
        [np.bincount(place[inside], counted.sums[inside, column], buckets) for column in (0, 1, 5, 6, 7)], axis=1
    ).astype(np.float64)  # (b, 5)
    until = np.concatenate([edges[:1], ends])[np.clip(place, -1, buckets - 1) + 1]
    ages = np.maximum(until - counted.hours, 0.0)
    faded = counted.sums[:, 2:5] * np.exp2(-ages / half_life)[:, None]  # (n, 3): weight, weighted, squared
    fresh = np.stack(
        [np.bincount(place + 1, faded[:, column], buckets + 1)[: buckets + 1] for column in range(3)], axis=1
    )  # (b + 1, 3), what was before in the first row
    steps = np.exp2(-np.diff(np.concatenate([edges[:1], ends])) / half_life)  # (b,)
    states = np.stack([_faded(steps.tolist(), fresh[:, column].tolist()) for column in range(3)], axis=1)  # (b, 3)
    evidence = states[:, 0]
    told = evidence >= LEAST_EVIDENCE
    index, square = (np.divide(states[:, at], evidence, out=np.full(buckets, np.nan), where=told) for at in (1, 2))
    return Points(
        counts=counts,
        index=np.clip(index, -1.0, 1.0),
        dispersion=np.sqrt(np.maximum(square - index**2, 0.0)),
        evidence=np.maximum(evidence, 0.0),
    )


def _faded(steps: list[float], fresh: list[float]) -> list[float]:
    """steps: b;  fresh: b + 1;  returns: b. Plain numbers: numpy takes ten times as long for one at a time."""
    state, states = fresh[0], []
    for step, new in zip(steps, fresh[1:], strict=True):
        state = state * step + new
        states.append(state)
    return states
