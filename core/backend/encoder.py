"""What everybody asks of the backbone: texts in, unit vectors out. Holds no weights."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Encoder(Protocol):
    """Turn texts into unit vectors.

    dim: d, the length of a vector
    fingerprint: names the vector space (weights, pooling, length limit). Runtimes and precisions of one checkpoint
        share it: their vectors agree to a cosine of at least 0.99
    """

    @property
    def dim(self) -> int: ...

    @property
    def fingerprint(self) -> str: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """returns: how many tokens each text costs, after cutting"""
        ...

    def encode(self, texts: Sequence[str]) -> Floats:
        """texts: n of any length (cut at the model's limit);  returns: (n, d) float32, unit rows, in order"""
        ...


def forget(memory: object) -> None:
    """Let an encoder, or what holds encoders, drop the texts that it remembers. One without a memory has none."""
    forgets = getattr(memory, "forget", None)
    if forgets is not None:
        forgets()
