"""How far the truth may lie from what is said: split conformal prediction, from rows that were not trained on.

Vovk, Gammerman and Shafer, 2005, "Algorithmic Learning in a Random World"; Lei et al., 2018, "Distribution-Free
Predictive Inference for Regression". Of parts held out in turn the residuals are pooled (cross-conformal: Vovk, 2015),
which the theorem does not quite cover, but every model that made them saw fewer rows than the one that is used.
"""

import math

import numpy as np

from core.evaluation.intervals import Floats

COVERAGE = 0.9
FEWEST = 9  # held-out rows; of fewer, no finite interval covers that share


def half_width(truth: Floats, said: Floats, coverage: float = COVERAGE) -> float:
    """The ⌈(n + 1) coverage⌉-th smallest error: a new text's is not larger with at least that probability.

    truth, said: (n,);  n must be large enough for the coverage (see FEWEST)

    >>> half_width(np.zeros(19), np.arange(19.0))
    17.0
    """
    errors = np.sort(np.abs(truth - said))
    place = math.ceil(round((len(errors) + 1) * coverage, 9))  # 30 * .9 is a little more than 27
    return float(errors[place - 1])
