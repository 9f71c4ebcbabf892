"""Experiments from their beginning to a verdict, on both databases: lanes, exposures, guardrails, words."""

from typing import Any

import numpy as np
import pytest

from apps.recommender.pipeline.experimenting.choosing import Chooser, choose
from apps.recommender.pipeline.experimenting.exposing import Exposing, Happened
from apps.recommender.pipeline.experimenting.guards import Guards
from apps.recommender.pipeline.experimenting.results import results
from apps.recommender.pipeline.experimenting.showing import open_experiments
from apps.recommender.schemas.experiments import ExperimentEdit, ExperimentPatch, Results
from apps.recommender.store.experiment_tables import ExperimentRow
from apps.recommender.store.experiments import ControlRuns, Experiments, LaneFull, NoSuchArm, NoSuchExperiment
from apps.recommender.store.exposures import Exposure, Exposures
from core.errors import Conflict
from tests.apps.recommender.conftest import Shop

HALVES = [{"name": "now", "share": 0.5}, {"name": "diverse", "share": 0.5, "diversity": 0.4}]
RUN = ExperimentPatch(state="running")


@pytest.fixture
def experiments(shop: Shop) -> Experiments:
    return open_experiments(shop.database, shop.clock)


def begun(experiments: Experiments, **told: Any) -> ExperimentRow:
    edit = ExperimentEdit.model_validate({"name": "Diversity", "arms": HALVES, **told})
    return experiments.change(experiments.add(edit).id, RUN)


def visit(shop: Shop, row: ExperimentRow, buys: dict[str, float], visitors: int, seed: int = 7) -> None:
    """Visitors who see the arm they belong to, three recommendations each, and buy with a chance of the arm's."""
    rng = np.random.default_rng(seed)
    now = shop.clock().timestamp()
    exposures, events = [], []
    for number in range(visitors):
        who = f"u-{seed}-{number}"
        arm = choose(row, f"user:{who}")
        if arm is None:
            continue
        exposures.append(Exposure(row.id, ("user", who), arm.name, now))
        shown = {"user": who, "request": f"q-{who}", "timestamp": now + 1}
        events += [{**shown, "item": f"i-{place}", "type": "impression"} for place in range(3)]
        if rng.random() < buys[arm.name]:
            events.append({**shown, "item": "i-1", "type": "click", "timestamp": now + 2})
            events.append({"user": who, "item": "i-1", "type": "purchase", "value": 20, "timestamp": now + 60})
    Exposures(shop.database).log(exposures, shop.clock())
    shop.clock.advance(seconds=120)
    shop.events(*events)


def told(shop: Shop, experiments: Experiments, row: ExperimentRow) -> Results:
    return results(experiments.get(row.id), Exposures(shop.database), shop.clock())


def test_a_better_arm_is_told_in_words_once_the_windows_are_over(shop: Shop, experiments: Experiments):
    row = begun(experiments, metric="conversion")
    visit(shop, row, {"now": 0.1, "diverse": 0.3}, 700)
    early = told(shop, experiments, row)
    assert {arm.waiting for arm in early.arms} == {arm.exposed for arm in early.arms}
    assert "Too early to tell" in early.verdict
    shop.clock.advance(seconds=86_400)
    late = told(shop, experiments, row)
    assert late.verdict.startswith("diverse is better than the control. With diverse, the share of buyers is higher")
    assert "however often you look" in late.verdict
    assert late.caution == ""
    control, diverse = late.arms
    assert control.rates["conversion"].value == pytest.approx(0.1, abs=0.04)
    assert diverse.rates["revenue"].value == pytest.approx(20 * diverse.rates["conversion"].value)
    assert diverse.rates["click_rate"].events == 3 * diverse.exposed
    assert diverse.against_control["conversion"].p_value < 0.05


def test_arms_that_are_alike_are_not_told_apart(shop: Shop, experiments: Experiments):
    row = begun(experiments, metric="conversion")
    visit(shop, row, {"now": 0.2, "diverse": 0.2}, 500)
    shop.clock.advance(seconds=86_400)
    assert told(shop, experiments, row).verdict.startswith("No difference in the share of buyers is certain yet")


def test_a_guardrail_stops_the_arm_that_does_harm_and_only_that(shop: Shop, experiments: Experiments):
    row = begun(experiments, guardrails=[{"metric": "conversion", "may_change": 0.05}])
    guards = Guards(experiments, Exposures(shop.database), shop.clock)
    visit(shop, row, {"now": 0.4, "diverse": 0.1}, 600)
    assert guards.look() == []
    shop.clock.advance(seconds=86_400)
    assert guards.look() == [(row.id, "diverse")]
    assert guards.look() == []
    after = experiments.get(row.id)
    assert after.arms[1]["stopped_because"].startswith("guardrail: the share of buyers is 0.")
    assert after.state == "running"
    assert {arm.name for n in range(200) if (arm := choose(after, f"user:{n}"))} == {"now"}
    again = experiments.change(row.id, ExperimentPatch(arms={"diverse": "running"}))
    assert {arm.name for n in range(200) if (arm := choose(again, f"user:{n}"))} == {"now", "diverse"}


def test_a_guardrail_that_is_set_while_it_runs_stops_the_arm_at_the_next_look(shop: Shop, experiments: Experiments):
    row = begun(experiments)
    guards = Guards(experiments, Exposures(shop.database), shop.clock)
    visit(shop, row, {"now": 0.4, "diverse": 0.1}, 600)
    shop.clock.advance(seconds=86_400)
    assert guards.look() == []
    loose = [{"metric": "conversion", "may_change": 1.0}]
    experiments.change(row.id, ExperimentPatch.model_validate({"guardrails": loose}))
    assert guards.look() == []
    strict = [{"metric": "conversion", "may_change": 0.05}]
    experiments.change(row.id, ExperimentPatch.model_validate({"guardrails": strict}))
    assert guards.look() == [(row.id, "diverse")]
    stopped, changed, *_ = experiments.changes(row.id)
    assert stopped.after["stopped"]["diverse"].startswith("guardrail: the share of buyers")
    assert (changed.before, changed.after) == ({"guardrails": loose}, {"guardrails": strict})


def test_a_harmless_arm_goes_on(shop: Shop, experiments: Experiments):
    row = begun(experiments, guardrails=[{"metric": "conversion"}, {"metric": "dislikes"}])
    visit(shop, row, {"now": 0.2, "diverse": 0.25}, 500)
    shop.clock.advance(seconds=86_400)
    assert Guards(experiments, Exposures(shop.database), shop.clock).look() == []


def test_experiments_of_a_lane_never_meet_and_a_full_lane_says_so(shop: Shop, experiments: Experiments):
    first, second = begun(experiments, traffic=0.6), begun(experiments, traffic=0.4)
    both = [n for n in range(500) if choose(first, f"user:{n}") and choose(second, f"user:{n}")]
    assert both == []
    assert all(choose(first, f"user:{n}") or choose(second, f"user:{n}") for n in range(500))
    with pytest.raises(LaneFull, match=r"leave 0\.0% of the lane 'main' free"):
        begun(experiments, traffic=0.1)
    begun(experiments, lane="front-page")
    experiments.change(first.id, ExperimentPatch(state="stopped"))
    begun(experiments, traffic=0.6)


def test_shares_that_change_leave_the_others_where_they_are(shop: Shop, experiments: Experiments):
    arms = [{"name": name, "share": share} for name, share in (("a", 0.5), ("b", 0.3), ("c", 0.2))]
    before = begun(experiments, arms=arms)
    after = experiments.change(before.id, ExperimentPatch(shares={"a": 0.5, "b": 0.1, "c": 0.4}))
    moves = {(choose(before, str(n)).name, choose(after, str(n)).name) for n in range(2_000)}
    assert moves == {("a", "a"), ("b", "b"), ("c", "c"), ("b", "c")}


def test_who_saw_two_arms_is_left_out(shop: Shop, experiments: Experiments):
    row = begun(experiments)
    log = Exposures(shop.database)
    at = shop.clock().timestamp()
    log.log(
        [Exposure(row.id, ("session", "s1"), "now", at), Exposure(row.id, ("user", "u1"), "diverse", at)], shop.clock()
    )
    assert told(shop, experiments, row).mixed == 0
    shop.visitors.merge("s1", "u1")
    found = told(shop, experiments, row)
    assert found.mixed == 1
    assert [arm.exposed for arm in found.arms] == [0, 0]


def test_a_session_that_signs_in_takes_its_clicks_along(shop: Shop, experiments: Experiments):
    row = begun(experiments, metric="conversion", window_hours=1)
    at = shop.clock().timestamp()
    Exposures(shop.database).log([Exposure(row.id, ("session", "s1"), "now", at)], shop.clock())
    shop.events({"session": "s1", "item": "i", "type": "purchase", "value": 5, "timestamp": at + 1})
    shop.visitors.merge("s1", "u1")
    shop.events({"user": "u1", "item": "i", "type": "purchase", "value": 7, "timestamp": at + 2})
    shop.clock.advance(seconds=3_600)
    control = told(shop, experiments, row).arms[0]
    assert (control.exposed, control.rates["conversion"].value, control.rates["revenue"].value) == (1, 1.0, 12.0)


def test_what_happens_before_or_after_the_window_does_not_count(shop: Shop, experiments: Experiments):
    row = begun(experiments, window_hours=1)
    at = shop.clock().timestamp()
    Exposures(shop.database).log([Exposure(row.id, ("user", "u1"), "now", at)], shop.clock())
    shop.clock.advance(seconds=8_000)
    for when in (at - 1, at + 3_600):
        shop.events({"user": "u1", "item": "i", "type": "purchase", "value": 5, "timestamp": when})
    assert told(shop, experiments, row).arms[0].rates["revenue"].value == 0


def test_an_exposure_is_written_once_and_goes_with_the_visitor(shop: Shop, experiments: Experiments):
    row = begun(experiments)
    chooser = Chooser(experiments, shop.clock)
    exposing = Exposing(Exposures(shop.database), shop.clock)
    shop.users({"id": "no", "consent": False})
    for turn in range(3):
        for key, who in enumerate(("u1", "u2", "no"), 1):
            chosen = chooser.choose(("user", who))
            exposing.shown(("user", who), chosen)
            at = shop.clock().timestamp()
            exposing.keep([Happened(one.experiment, one.arm.name, at, ("user", who), turn and key) for one in chosen])
        shop.clock.advance(seconds=5)
    assert sum(arm.exposed for arm in told(shop, experiments, row).arms) == 2
    shop.erasures.of_user("u1")
    assert sum(arm.exposed for arm in told(shop, experiments, row).arms) == 1


def test_a_chooser_notices_within_a_second_that_an_experiment_was_stopped(shop: Shop, experiments: Experiments):
    row = begun(experiments)
    chooser = Chooser(experiments, shop.clock)
    assert [one.experiment for one in chooser.choose(("user", "u1"))] == [row.id]
    experiments.change(row.id, ExperimentPatch(state="stopped"))
    shop.clock.advance(seconds=1.1)
    assert chooser.choose(("user", "u1")) == []


def test_lopsided_arms_are_not_trusted(shop: Shop, experiments: Experiments):
    row = begun(experiments)
    at = shop.clock().timestamp()
    seen = [Exposure(row.id, ("user", f"u{n}"), "now" if n % 3 else "diverse", at) for n in range(600)]
    Exposures(shop.database).log(seen, shop.clock())
    assert "should not be trusted" in told(shop, experiments, row).caution


def test_what_cannot_be_is_refused(shop: Shop, experiments: Experiments):
    row = begun(experiments)
    with pytest.raises(NoSuchExperiment):
        experiments.get("exp_0000000000000000")
    with pytest.raises(NoSuchArm, match="not those of the experiment"):
        experiments.change(row.id, ExperimentPatch(shares={"now": 1.0}))
    with pytest.raises(NoSuchArm):
        experiments.change(row.id, ExperimentPatch(arms={"other": "stopped"}))
    with pytest.raises(ControlRuns):
        experiments.change(row.id, ExperimentPatch(arms={"now": "stopped"}))
    with pytest.raises(Conflict, match="you read version 1"):
        experiments.change(row.id, ExperimentPatch(name="Other", version=1))
    with pytest.raises(ValueError, match="sum to 1"):
        ExperimentEdit(name="x", arms=[{"name": "a", "share": 0.5}, {"name": "b", "share": 0.6}])


def test_starting_twice_keeps_the_first_time(shop: Shop, experiments: Experiments):
    row = begun(experiments)
    shop.clock.advance(days=1)
    assert experiments.change(row.id, RUN).started_at == row.started_at
