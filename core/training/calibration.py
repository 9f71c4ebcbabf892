"""Make confidence true and find where to stay silent, from rows that were not trained on. Applies nothing itself."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.backend.encoder import Floats
from core.backend.head import Measure, familiarity, softmax

LOWEST, HIGHEST = 0.05, 20.0  # temperatures
STRANGERS_WEIGH = 0.1  # of a stranger answered against a friend refused, in rates; .25 cost .003 friends for nothing

Targets = NDArray[np.int64]


FEWEST_STRANGERS = 10  # from which to learn where to refuse
MEASURES: tuple[Measure, ...] = ("cosine", "probability")


@dataclass(frozen=True)
class Fitted:
    """temperature: what logits are divided by

    refuse_by, refuse_below: of `core.backend.head.familiarity`
    """

    temperature: float
    refuse_below: float
    refuse_by: Measure


def fit(logits: Floats, targets: Targets, scale: float, strangers: Floats, answer_from: float) -> Fitted:
    """logits: (n, c) of held-out rows that are in scope, with targets (n,);  strangers: (m, c) of some that are not

    answer_from: the probability from which a label is said where there are too few strangers to learn from
    """
    temperature = fit_temperature(logits, targets)
    right = logits[logits.argmax(axis=1) == targets] if len(targets) else logits
    if len(strangers) < FEWEST_STRANGERS or not len(right):
        return Fitted(temperature, answer_from, "probability")
    choices = []
    for by in MEASURES:
        known, strange = (familiarity(rows, by, scale, temperature) for rows in (right, strangers))
        choices.append((*fit_threshold(known, strange), by))
    _, threshold, by = min(choices, key=lambda choice: choice[0])
    return Fitted(temperature, threshold, by)


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


def fit_threshold(known: Floats, strange: Floats) -> tuple[float, float]:
    """Where to refuse: what weighs a right answer that is not given against a stranger who gets one.

    known: (n > 0,) familiarity of rows answered rightly;  strange: (m > 0,) of strangers
    returns: the cost, and the threshold that has it
    """
    candidates = np.unique(np.concatenate([known, strange]))
    refused = np.searchsorted(np.sort(known), candidates, side="left") / len(known)
    answered = 1 - np.searchsorted(np.sort(strange), candidates, side="left") / len(strange)
    costs = refused + STRANGERS_WEIGH * answered
    best = int(np.argmin(costs))
    return float(costs[best]), float(candidates[best])
