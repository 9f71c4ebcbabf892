"""Texts' vectors made shorter, so that the network projects 128 numbers instead of 384. Encodes no text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from apps.recommender.pipeline.model.histories import Floats

WIDTH = 128


@dataclass(frozen=True)
class TextSpace:
    """The main directions of a catalogue's texts. middle: (d,);  directions: (w, d);  scale: numbers have variance 1"""

    middle: Floats
    directions: Floats
    scale: float

    @classmethod
    def of(cls, vectors: Floats, width: int = WIDTH) -> TextSpace:
        """Learn the directions of the rows of (n, d) that hold anything."""
        held = vectors[np.any(vectors != 0, axis=1)]
        if not len(held):
            held = vectors[:1]
        middle = held.mean(0)
        _, values, directions = np.linalg.svd(held - middle, full_matrices=False)
        kept = directions[: min(width, len(values))]
        spread = float(np.sqrt(np.mean(((held - middle) @ kept.T) ** 2)))
        return cls(middle.astype(np.float32), kept.astype(np.float32), max(spread, 1e-6))

    def project(self, vectors: Floats) -> Floats:
        """(n, d) -> (n, w); rows of zeros, which are items without a text, stay zeros."""
        short = (vectors - self.middle) @ self.directions.T / self.scale
        short[~np.any(vectors != 0, axis=1)] = 0
        return np.asarray(short, dtype=np.float32)
