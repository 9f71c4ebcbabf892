"""What an experiment has shown so far, in figures and in a sentence. May be asked at any time, any number of times."""

from collections.abc import Sequence
from datetime import datetime
from math import isfinite

import numpy as np

from apps.recommender.pipeline.experimenting.deciding import LEAST_HITS, LEAST_USERS, Difference, difference, enough
from apps.recommender.pipeline.experimenting.measuring import Rate, ratio, share
from apps.recommender.pipeline.experimenting.metrics import MEASURES, TYPES
from apps.recommender.schemas.experiments import ArmResult, DifferenceShown, Metric, RateShown, Results
from apps.recommender.store.arm_lists import Lists, read_lists
from apps.recommender.store.experiment_tables import ExperimentRow
from apps.recommender.store.exposures import Done, Exposures, Seen

LOPSIDED = 0.0005  # p below which the arms' sizes do not look like their shares any more


class Compared:
    """One metric of one arm beside the control's. found: None while there are too few visitors"""

    def __init__(self, arm: Rate | None, control: Rate | None, found: Difference | None) -> None:
        self.arm, self.control, self.found = arm, control, found


def compare(metric: Metric, arm: Sequence[Done], control: Sequence[Done], alpha: float) -> Compared:
    """arm, control: visitors whose window is over;  alpha: of this comparison"""
    measure = MEASURES[metric]
    rates, hits = [], 0
    for side in (arm, control):
        above = np.array([measure.above(one) for one in side], dtype=np.float64)
        below = np.array([measure.below(one) for one in side], dtype=np.float64)
        rates.append(share(above, below) if measure.is_share else ratio(above, below))
        hits += int((above > 0).sum())
    mine, others = rates
    if mine is None or others is None or not enough(mine, others, hits):
        return Compared(mine, others, None)
    return Compared(mine, others, difference(mine, others, alpha))


def results(row: ExperimentRow, exposures: Exposures, now: datetime) -> Results:
    """All arms against the first, which is the control."""
    seen = exposures.read(row, TYPES, now.timestamp())
    single = [one for one in seen if len(one.arms) == 1]
    names = [arm["name"] for arm in row.arms]
    by_arm = {name: [one for one in single if one.arms[0] == name] for name in names}
    done = {name: [one.done for one in some if one.done is not None] for name, some in by_arm.items()}
    lists = read_lists(exposures.database, row.id)
    shown = [_arm(row, name, by_arm[name], done, lists.get(name, Lists())) for name in names]
    return Results(
        experiment=row.id,
        metric=row.metric,
        verdict=_verdict(row, shown),
        caution=_caution(row, [len(by_arm[name]) for name in names]),
        mixed=len(seen) - len(single),
        arms=shown,
        as_of=now,
    )


def alpha_each(row: ExperimentRow) -> float:
    """The chance of a wrong word of each arm's comparison, so that all together have `alpha` (Bonferroni)."""
    return row.alpha / (len(row.arms) - 1)


def _arm(row: ExperimentRow, name: str, seen: Sequence[Seen], done: dict[str, list[Done]], lists: Lists) -> ArmResult:
    control = row.arms[0]["name"]
    rates: dict[Metric, RateShown] = {}
    against: dict[Metric, DifferenceShown] = {}
    for metric in MEASURES:
        compared = compare(metric, done[name], done[control], alpha_each(row))
        if compared.arm is not None:
            one = compared.arm
            rates[metric] = RateShown(
                value=one.value, low=one.low, high=one.high, visitors=one.users, events=one.events
            )
        if name != control:
            against[metric] = _difference(metric, name, compared)
    return ArmResult(
        arm=name,
        exposed=len(seen),
        waiting=sum(one.done is None for one in seen),
        lists=lists.made,
        lists_without=lists.without,
        unable=lists.unable,
        rates=rates,
        against_control=against,
        stopped_because=next(arm["stopped_because"] for arm in row.arms if arm["name"] == name),
    )


def _difference(metric: Metric, name: str, compared: Compared) -> DifferenceShown:
    found, measure = compared.found, MEASURES[metric]
    if found is None:
        have = min(0 if one is None else one.users for one in (compared.arm, compared.control))
        verdict = (
            f"Too early to tell: the smaller arm has {have} visitors whose time is over, and {LEAST_USERS} are needed."
            if have < LEAST_USERS
            else f"Too early to tell: it has happened for fewer than {LEAST_HITS} visitors."
        )
        value = (compared.arm.value if compared.arm else 0.0) - (compared.control.value if compared.control else 0.0)
        return DifferenceShown(value=value, low=None, high=None, relative=None, p_value=1.0, verdict=verdict)
    return DifferenceShown(
        value=found.value,
        low=found.low if isfinite(found.low) else None,
        high=found.high if isfinite(found.high) else None,
        relative=found.relative,
        p_value=found.p_value,
        verdict=_said(name, measure.words, found, measure.is_share),
    )


def _said(name: str, words: str, found: Difference, is_share: bool) -> str:
    low, high = _amount(found.low, is_share), _amount(found.high, is_share)
    span = f"the difference lies between {low} and {high}, however often you look"
    if found.low > 0:
        return f"With {name}, {words} is higher than with the control: {span}."
    if found.high < 0:
        return f"With {name}, {words} is lower than with the control: {span}."
    return f"No difference in {words} is certain yet: {span}."


def _amount(value: float, is_share: bool) -> str:
    return f"{100 * value:+.2f} percentage points" if is_share else f"{value:+.2f}"


def _verdict(row: ExperimentRow, arms: Sequence[ArmResult]) -> str:
    metric: Metric = row.metric  # type: ignore[assignment]  # written by its schema
    sign = -1 if MEASURES[metric].rises else 1
    told = [(arm, arm.against_control[metric]) for arm in arms[1:]]
    better = [(sign * one.value, arm) for arm, one in told if _certain(one, sign)]
    if better:
        best = max(better, key=lambda pair: pair[0])[1]
        return f"{best.arm} is better than the control. {best.against_control[metric].verdict}"
    if told and all(_certain(one, -sign) for _, one in told):
        return f"The control is better than every other arm. {told[0][1].verdict}"
    return " ".join(dict.fromkeys(one.verdict for _, one in told))


def _certain(one: DifferenceShown, sign: int) -> bool:
    if one.low is None or one.high is None:
        return False
    return one.low > 0 if sign > 0 else one.high < 0


def _caution(row: ExperimentRow, exposed: Sequence[int]) -> str:
    """A sample ratio mismatch (Fabijan et al., 2019, "Diagnosing sample ratio mismatch in online controlled
    experiments", KDD): arms whose sizes are not as their shares say are not comparable."""
    from scipy.stats import chisquare  # takes half a second to import

    pairs = [
        (count, arm["share"])
        for count, arm in zip(exposed, row.arms, strict=True)
        if arm["share"] > 0 and not arm["stopped_because"]
    ]
    total, shares = sum(count for count, _ in pairs), sum(share for _, share in pairs)
    if len(pairs) < 2 or total < LEAST_USERS:
        return ""
    expected = [total * share / shares for _, share in pairs]
    if chisquare([count for count, _ in pairs], expected).pvalue >= LOPSIDED:
        return ""
    return (
        "The arms' sizes do not fit their shares. If shares were not changed while it ran, exposures are lost or "
        "doubled, and the figures should not be trusted."
    )
