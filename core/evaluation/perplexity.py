"""How surprised a language model is, with intervals by the bootstrap over texts. Knows no model."""

import math

import numpy as np
from numpy.typing import NDArray

from core.evaluation.intervals import Figure, bootstrapped, drawn_counts

RESAMPLES = 1_000

Floats = NDArray[np.float64]


def measure_perplexity(nats: Floats, tokens: Floats, sizes: Floats, seed: int = 7) -> dict[str, Figure]:
    """Perplexity a token, which only models with the same tokens share, and bits per byte, which all can share.

    nats: cross-entropy of each text;  tokens: how many it has;  sizes: its bytes in UTF-8; (n,)

    >>> even = np.full(3, math.log(4))
    >>> {name: round(figure.value, 6) for name, figure in measure_perplexity(even, np.ones(3), np.ones(3)).items()}
    {'perplexity': 4.0, 'bits_per_byte': 2.0}
    """
    bits, ones = nats / math.log(2), np.ones(len(nats), dtype=np.int64)
    draws = [
        ((counts @ nats) / (counts @ tokens), (counts @ bits) / (counts @ sizes))  # (r,), (r,)
        for counts in drawn_counts(ones, RESAMPLES, seed)
    ]
    by_token, by_byte = (np.concatenate(parts) for parts in zip(*draws, strict=True))
    token = bootstrapped(float(nats.sum() / tokens.sum()), by_token, len(nats))
    byte = bootstrapped(float(bits.sum() / sizes.sum()), by_byte, len(nats))
    perplexity = Figure(math.exp(token.value), math.exp(token.low), math.exp(token.high), token.n)
    return {"perplexity": perplexity, "bits_per_byte": byte}
