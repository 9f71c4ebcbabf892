"""One ranking out of several kinds of evidence. Pure arithmetic over candidates.

Score = weighted sum of z-normalised signals over the candidates of one query. Reciprocal-rank fusion was measured
beside it and can lose to its best part; `trivium bench retrieval` prints both (docs/decisions/0006).
"""

from dataclasses import dataclass

import numpy as np

from core.backend.encoder import Floats


@dataclass(frozen=True)
class Weights:
    """How much each signal counts, in standard deviations over the candidates; `subject` as it is, in [0, 1.2].

    The middle of the plateau found on the sample desk's tuning questions; docs/decisions/0006 has the table.
    """

    passage: float = 0.5
    sentence: float = 0.5
    alias: float = 1.0
    lexical: float = 0.6
    subject: float = 10.0


DEFAULT = Weights()


def z_scores(signal: Floats) -> Floats:
    """Mean 0, deviation 1; all zero when the signal does not tell the candidates apart.

    >>> z_scores(np.array([1, 3], dtype="f4")).tolist()
    [-1.0, 1.0]
    """
    spread = float(signal.std())
    if spread < 1e-9:
        return np.zeros_like(signal)
    scores: Floats = np.asarray((signal - signal.mean()) / spread, dtype=np.float32)
    return scores


def fuse(
    passage: Floats,
    sentence: Floats,
    alias: Floats,
    lexical: Floats,
    weights: Weights = DEFAULT,
    subject: Floats | None = None,
) -> Floats:
    """passage, sentence (the best one), alias, lexical, subject: (c,) each;  returns: (c,), higher is better"""
    fused: Floats = weights.passage * z_scores(passage)
    fused += weights.sentence * z_scores(sentence)
    fused += weights.alias * z_scores(alias)
    fused += weights.lexical * z_scores(lexical)
    if subject is not None:
        fused += weights.subject * subject
    return fused
