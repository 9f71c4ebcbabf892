"""Hand-written fakes for fast tests. Real weights have tests of their own."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from core.backend.encoder import Floats


class LetterEncoder:
    """An encoder that counts letters: like words get like vectors, in microseconds.

    >>> a, b, c = LetterEncoder().encode(["cat", "act", "dog"])
    >>> bool(a @ b > a @ c)
    True
    """

    dim = 27

    def __init__(self, fingerprint: str = "letters-1") -> None:
        self.fingerprint = fingerprint
        self.texts_seen = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """returns: words of each text"""
        return [len(text.split()) for text in texts]

    def encode(self, texts: Sequence[str]) -> Floats:
        """texts: n;  returns: (n, 27), unit rows"""
        self.texts_seen += len(texts)
        counts = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for letter in text.lower():
                counts[row, ord(letter) - 96 if "a" <= letter <= "z" else 0] += 1
            counts[row, 0] += 1e-3  # an empty text still has a direction
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)  # type: ignore[no-any-return]


class FixedClock:
    """A clock that moves only when told to.

    >>> clock = FixedClock(); clock.advance(hours=1); clock().hour
    13
    """

    def __init__(self, start: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> None:
        """Move forward by a timedelta's keywords."""
        self.now += timedelta(**step)
