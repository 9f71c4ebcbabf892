"""Make confidence true and find where to stay silent, from rows that were not trained on. Applies nothing itself."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.backend.encoder import Floats
from core.backend.head import familiarity, softmax

MOST_REFUSED = 0.02  # of the held-out rows that would be answered rightly
LOWEST, HIGHEST = 0.05, 20.0  # temperatures
STRANGERS_WEIGH = 0.1  # of a stranger answered against a friend refused, in rates; .25 cost .003 friends for nothing

Targets = NDArray[np.int64]


@dataclass(frozen=True)
class Fitted:
    """temperature: what logits are divided by;  refuse_below: of `core.backend.head.familiarity`"""

    temperature: float
    refuse_below: float


def fit(logits: Floats, targets: Targets, scale: float, strangers: Floats) -> Fitted:
    """logits: (n, c) of held-out rows that are in scope, with targets (n,);  strangers: (m, c) of some that are not"""
    return Fitted(fit_temperature(logits, targets), fit_threshold(logits, targets, scale, strangers))


def fit_temperature(logits: Floats, targets: Targets) -> float:
    """The temperature of least cross-entropy (Guo et al., 2017, "On Calibration of Modern Neural Networks").

    logits: (n, c);  targets: (n,)
    """
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(targets))

    def cost(log_temperature: float) -> float:
        chances = softmax(logits / np.exp(log_temperature))[rows, targets]
        return float(-np.log(np.maximum(chances, 1e-12)).mean())

    if not len(targets):
        return 1.0
    found = minimize_scalar(cost, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded")
    return float(np.exp(found.x))


def fit_threshold(logits: Floats, targets: Targets, scale: float, strangers: Floats) -> float:
    """Where to refuse. With strangers: what weighs both mistakes; without: what costs few right answers.

    returns: a familiarity in [-1, 1]
    """
    known = familiarity(logits, scale)[logits.argmax(axis=1) == targets] if len(targets) else np.zeros(0, np.float32)
    if not len(known):
        return -1.0
    if not len(strangers):
        return float(np.quantile(known, MOST_REFUSED))
    strange = familiarity(strangers, scale)
    candidates = np.unique(np.concatenate([known, strange]))
    refused = np.searchsorted(np.sort(known), candidates, side="left") / len(known)
    answered = 1 - np.searchsorted(np.sort(strange), candidates, side="left") / len(strange)
    return float(candidates[np.argmin(refused + STRANGERS_WEIGH * answered)])
