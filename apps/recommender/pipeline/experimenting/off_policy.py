"""What another way of choosing would have earned, estimated from what was shown under the present one.

Impressions must have been logged with the chance with which each was shown. Then each counts by how much likelier the
other way would have shown it: inverse propensity scoring (Horvitz and Thompson, 1952), and its self-normalised form
(Swaminathan and Joachims, 2015, "The self-normalized estimator for counterfactual learning", NeurIPS). Weights are
cut at a limit (Ionides, 2008, "Truncated importance sampling"), which trades variance for a bias towards what was
shown. The effective number of impressions is Kong's (1992). Impressions of one user are one cluster.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Z = 1.959964  # 95 %
MOST_WEIGHT = 50.0
LEAST_EFFECTIVE = 100.0


class NoPropensities(Invalid):
    """Impressions of which nobody knows how likely they were. missing: how many of them"""

    def __init__(self, missing: int, count: int) -> None:
        super().__init__(
            f"{missing:,} of {count:,} impressions have no propensity, so nothing can be said about another policy",
            remedy="log impressions with the chance with which each was shown, from 0 to 1: switch exploration on",
        )


class NothingLogged(Invalid):
    """There are no impressions to estimate from."""

    def __init__(self) -> None:
        super().__init__("there are no logged impressions", remedy="serve recommendations for a while, then try again")


@dataclass(frozen=True)
class Estimate:
    """What an impression would earn. low, high: 95 %, over users"""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class OffPolicy:
    """The same estimated in two ways, and how much it is worth.

    logged: what an impression earned as it was shown;  ips: unbiased but for clipping;  snips: steadier
    effective: how many impressions of the other policy these are worth;  clipped: share of weights that were cut
    caution: a sentence where the estimate should not be trusted, else ""
    """

    impressions: int
    users: int
    logged: Estimate
    ips: Estimate
    snips: Estimate
    effective: float
    clipped: float
    caution: str


def estimate(
    rewards: Floats, logged: Floats, target: Floats, users: Ints, most_weight: float = MOST_WEIGHT
) -> OffPolicy:
    """What an impression would earn under another policy.

    rewards: (n,), such as 1 for a click;  logged: (n,), chance with which each was shown, NaN where nobody knows
    target: (n,), chance with which the other policy would have shown it in the same place;  users: (n,), who saw it
    most_weight: at which target / logged is cut
    raises: NothingLogged, NoPropensities
    """
    if len(rewards) == 0:
        raise NothingLogged
    known = np.isfinite(logged) & (logged > 0) & (logged <= 1)
    if not known.all():
        raise NoPropensities(int((~known).sum()), len(logged))
    raw = target / logged  # (n,)
    weights = np.minimum(raw, most_weight)
    people, member = np.unique(users, return_inverse=True)
    ones = np.ones_like(rewards)
    squares = float(weights @ weights)
    effective = float(weights.sum()) ** 2 / squares if squares > 0 else 0.0
    return OffPolicy(
        impressions=len(rewards),
        users=len(people),
        logged=_ratio(rewards, ones, member, len(people)),
        ips=_ratio(weights * rewards, ones, member, len(people)),
        snips=_ratio(weights * rewards, weights, member, len(people)),
        effective=effective,
        clipped=float((raw > most_weight).mean()),
        caution=_caution(effective, float((raw > most_weight).mean()), float(weights.mean())),
    )


def _ratio(above: Floats, below: Floats, member: Ints, people: int) -> Estimate:
    """The ratio of two sums, with the delta method's variance over people. above, below: (n,);  member: (n,)"""
    total = float(below.sum())
    if total <= 0:
        return Estimate(0.0, 0.0, float("inf"))
    value = float(above.sum()) / total
    errors = np.bincount(member, above - value * below, people)  # (people,), sums to 0
    spread = people / max(people - 1, 1)  # one person tells nothing of others
    reach = Z * sqrt(spread * float(errors @ errors)) / total
    return Estimate(value, value - reach, value + reach) if people > 1 else Estimate(value, -float("inf"), float("inf"))


def _caution(effective: float, clipped: float, mean: float) -> str:
    if effective < LEAST_EFFECTIVE:
        return (
            f"The impressions are worth only {effective:.0f} of the other policy's: it would show things that were "
            "hardly ever shown. Explore more, then try again."
        )
    if clipped > 0.01:
        return f"{clipped:.1%} of the weights were cut, so the estimate leans towards what was shown."
    if not 0.8 < mean < 1.2:  # the mean weight is 1 where every choice of the other policy could have been shown
        return (
            f"The mean weight is {mean:.2f} instead of 1: the other policy shows things that could not be shown, or "
            "the logged chances are wrong."
        )
    return ""
