"""Whether an arm differs from another, told so that one may look at any time and stop when one likes. Keeps nothing.

An ordinary interval holds with 95 % at one look that was planned before. Whoever looks every day and stops at the first
"significant" day is wrong far more often: see the simulation in tests. The intervals here hold at all
looks together: the chance that the truth lies outside at any of them is at most `alpha` (asymptotically; see below).

Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, 2024, "Time-uniform central limit theory and asymptotic
confidence sequences", Annals of Statistics 52(6); the boundary is Robbins' normal mixture (Robbins, 1970, "Statistical
methods related to the law of the iterated logarithm"), as a test Johari, Koomen, Pekelis and Walsh, 2022, "Always valid
inference", Operations Research 70(3). Asymptotic means: not from the first user on, hence `LEAST_USERS`, `LEAST_HITS`.
"""

from dataclasses import dataclass
from math import exp, inf, log, sqrt

from apps.recommender.pipeline.experimenting.measuring import Rate

LEAST_USERS = 100  # of each arm, before anything is said
LEAST_HITS = 10  # users of both arms together for whom it happened, where it is a rare thing
TIGHT_AT = 2_000  # users of both arms at which the interval is as narrow as it gets for its validity
MOST_EVIDENCE = 700.0  # exp of more is no float


@dataclass(frozen=True)
class Difference:
    """An arm against the control. low, high: hold at all looks together;  relative: of the control's rate

    p_value: may be looked at any time; at most `alpha` exactly when 0 lies outside of the interval
    """

    value: float
    low: float
    high: float
    relative: float | None
    p_value: float
    users: int


def difference(arm: Rate, control: Rate, alpha: float = 0.05, tight_at: int = TIGHT_AT) -> Difference:
    """The difference of two arms' rates, for looking at any time.

    Users are those whose time has come: each counts once, with all that happened within the same span after the first
    exposure, so that more looks bring more users, and never change those who are counted.
    alpha: chance of a wrong word at any of all looks
    """
    users = arm.users + control.users
    value, variance = arm.value - control.value, arm.variance + control.variance
    relative = value / control.value if control.value > 0 else None
    if variance <= 0:
        return Difference(value, -inf, inf, relative, 1.0, users)
    reach = sqrt(variance) * boundary(users, alpha, tight_at)
    evidence = _log_evidence(value / sqrt(variance), users, alpha, tight_at)
    return Difference(
        value, value - reach, value + reach, relative, min(1.0, exp(-min(evidence, MOST_EVIDENCE))), users
    )


def boundary(count: int, alpha: float, tight_at: int) -> float:
    """How many standard errors an interval must reach that holds at all looks. count: observations so far

    An interval for one look needs 1.96 at alpha 0.05.

    >>> [round(boundary(count, 0.05, 2_000), 2) for count in (200, 2_000, 20_000)]
    [3.76, 3.04, 3.26]
    """
    rho = _rho_squared(alpha, tight_at) * count
    return sqrt(2 * (rho + 1) / rho * log(sqrt(rho + 1) / alpha))


def _log_evidence(z: float, count: int, alpha: float, tight_at: int) -> float:
    """Logarithm of the mixture likelihood ratio against no difference: above log(1 / alpha) outside of the interval."""
    rho = _rho_squared(alpha, tight_at) * count
    return z * z * rho / (2 * (rho + 1)) - 0.5 * log(rho + 1)


def _rho_squared(alpha: float, tight_at: int) -> float:
    """The mixture's variance with which the boundary is lowest at `tight_at`."""
    return (-2 * log(alpha) + log(-2 * log(alpha)) + 1) / tight_at


def enough(arm: Rate, control: Rate, hits: int) -> bool:
    """Whether so many users have been there that the interval means something. hits: users for whom it happened"""
    return min(arm.users, control.users) >= LEAST_USERS and hits >= LEAST_HITS
