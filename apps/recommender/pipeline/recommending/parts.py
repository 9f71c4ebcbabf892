"""What a version is made of: one part for each signal of its blend, as plain arrays. Opens no file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.recommending.dense import Dense
from apps.recommender.pipeline.recommending.forward import Weights

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]


@dataclass(frozen=True)
class Neighbours:
    """What each of m items says for others: sparse rows. fade: what an event counts relative to the one after it

    starts: (m + 1,);  items: (z,);  amounts: (z,);  damping: (m,), by which each item's score is divided, or None
    """

    starts: Longs
    items: NDArray[np.int32]
    amounts: Floats
    fade: float
    damping: Floats | None = None


@dataclass(frozen=True)
class TextTaste:
    """Likeness of texts. fade: what an event counts relative to the one after it"""

    fade: float


@dataclass(frozen=True)
class Wanted:
    """The same for everybody. amounts: (m,)"""

    amounts: Floats


@dataclass(frozen=True)
class Networked:
    """A network, and what it learned of each of m items. learned: rows of items (p,) -> (p, d)"""

    weights: Weights
    learned: Callable[[Longs], Floats]


Part = Sequence[Networked] | Neighbours | TextTaste | Wanted
"""What one signal of the blend is made of; several networks are averaged."""


@dataclass
class Space:
    """Vectors of networks at the catalogue's places.

    entering: as events enter each;  compared: what they are compared with, of all networks side by side, divided by
    their number; of a single network often the same as `entering`
    """

    entering: list[Dense]
    compared: Dense
