"""Experiments: which run, what came of each arm with its interval, what one may say, and the next one."""

from __future__ import annotations

import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.dashboard.experiment_form import show_form
from apps.recommender.dashboard.guardrails import show_guardrails
from apps.recommender.schemas.experiments import (
    Arm,
    ArmResult,
    Experiment,
    ExperimentList,
    ExperimentPatch,
    Metric,
    Results,
)
from ui.client import ApiProblem, Client
from ui.moments import moment
from ui.text import label
from ui.widgets import empty_place, show_problem, waiting

PATH = f"{going.PATH}/experiments"
NEW, OPEN = "new", "experiment"
METRICS: dict[Metric, str] = {
    "click_rate": "Click rate",
    "conversion": "Visitors who buy",
    "revenue": "Revenue a visitor",
    "dislikes": "Visitors who dislike",
}
STATES = {"draft": "not started", "running": "running", "stopped": "stopped"}
SIGNS = {"draft": "○", "running": "●", "stopped": "■"}


def show_experiments(client: Client) -> None:
    """Draw the page."""
    try:
        with waiting("Reading the experiments…"):
            items = client.get(PATH, ExperimentList).items
        opened = going.place(OPEN) or (items[0].id if items else "")
        listed, beside = st.columns([3, 7], gap="large")
        with listed:
            _show_list(items, opened)
        with beside, st.container(key="recommend-experiment"):
            found = next((one for one in items if one.id == opened), None)
            if opened == NEW:
                show_form(client)
            elif found is not None:
                _show_one(client, found)
            elif opened:
                empty_place("There is no such experiment.", "Choose one on the left.")
    except ApiProblem as problem:
        show_problem(problem)


def _show_list(items: list[Experiment], opened: str) -> None:
    if not items:
        empty_place(
            "No experiment was made yet.",
            "Compare two ways to recommend: press *New experiment*, name what you expect, start it.",
        )
    with st.container(gap=None):
        for one in items:
            st.button(
                f"{SIGNS[one.state]} {label(one.name, most=60)} :gray[{STATES[one.state]}]",
                key=f"recommend.experiment.{one.id}",
                type="tertiary",
                on_click=going.put,
                kwargs={OPEN: one.id},
            )
    st.button(
        "New experiment",
        type="secondary" if items or opened == NEW else "primary",
        icon=":material/add:",
        key="recommend.experiment-new",
        on_click=going.put,
        kwargs={OPEN: NEW},
    )


def _show_one(client: Client, one: Experiment) -> None:
    with waiting("Counting what came of it…"):
        found = client.get(f"{PATH}/{one.id}/results", Results)
    st.subheader(label(one.name), anchor=False)
    if one.hypothesis:
        st.markdown(label(one.hypothesis, most=500))
    st.caption(_plan(one))
    _show_verdict(one, found)
    st.table([_arm_row(one, arm, at) for at, arm in enumerate(found.arms)], border="horizontal", hide_index=True)
    st.caption(
        "In brackets: 95 % intervals. That against the control, in percentage points, holds however often you look; "
        f"the others are of today. A visitor counts {one.window_hours:g} h after first being shown the arm; who saw "
        f"several arms ({found.mixed:,}) does not count."
    )
    for arm in found.arms:
        if arm.stopped_because:
            st.caption(f"{label(arm.arm)} was stopped: {label(arm.stopped_because, most=300)}")
        elif told := _unable(one, arm):
            st.warning(told, icon=":material/warning:")
    _show_others(one, found)
    show_guardrails(client, one, METRICS)
    _show_steps(client, one)


def _unable(one: Experiment, arm: ArmResult) -> str:
    """That an arm cannot answer, or could not for a while; "" where it always could."""
    without = f"{arm.lists_without:,} lists of its visitors were made as if there were no experiment."
    if arm.unable and one.state == "running":
        then = without if arm.lists_without else "Its visitors get their lists as if there were no experiment."
        return f"{label(arm.arm)} cannot answer: {label(arm.unable, most=300)}. {then}"
    return f"{label(arm.arm)} could not answer for a while: {without}" if arm.lists_without else ""


def _show_verdict(one: Experiment, found: Results) -> None:
    if found.caution:
        st.warning(label(found.caution, most=400), icon=":material/warning:")
    if one.state == "draft":
        st.info("It was not started: everybody gets the usual list.", icon=":material/info:")
    elif found.verdict:
        st.info(label(found.verdict, most=500), icon=":material/balance:")


def _plan(one: Experiment) -> str:
    begun = moment(one.started_at, st.context.timezone)[0] if one.started_at else "not started"
    ended = f" to {moment(one.stopped_at, st.context.timezone)[0]}" if one.stopped_at else ""
    rails = ", ".join(METRICS[rail.metric].lower() for rail in one.guardrails)
    told = [
        f"{100 * one.traffic:.0f} % of visitors",
        f"decides: {METRICS[one.metric].lower()}",
        f"{begun}{ended}",
        f"guarded: {rails}" if rails else "no guardrail",
    ]
    return " · ".join(told)


def _arm_row(one: Experiment, arm: ArmResult, at: int) -> dict[str, str]:
    plan = next(edit for edit in one.arms if edit.name == arm.arm)
    against = arm.against_control.get(one.metric)
    difference = "control" if not at else "too early"
    if against is not None and against.low is not None and against.high is not None:
        difference = difference_in_words(against.value, against.low, against.high, one.metric)
    return {
        "Arm": f"{arm.arm}{' (stopped)' if arm.stopped_because else ''}",
        "How": " · ".join(_ways(plan)) or "as everywhere",
        "Share": f"{100 * plan.share:.0f} %",
        "Lists": f"{arm.lists:,}",
        "Visitors": f"{arm.exposed:,}" + (f" ({arm.waiting:,} wait)" if arm.waiting else ""),
        METRICS[one.metric]: rate_in_words(arm, one.metric),
        "Against control": difference,
    }


def _ways(arm: Arm) -> list[str]:
    told = {
        "model": arm.model,
        "diversity": arm.diversity,
        "novelty": arm.novelty,
        "left to chance": None if arm.explore is None else f"{100 * arm.explore:g} %",
        "most of a category": arm.most_per_category,
        "rules": None if arm.rules is None else f"only {len(arm.rules)}" if arm.rules else "none",
    }
    return [f"{name} {value}" for name, value in told.items() if value is not None]


def rate_in_words(arm: ArmResult, metric: Metric) -> str:
    """A rate with its interval; that nothing counts yet, where it does not."""
    rate = arm.rates.get(metric)
    if rate is None:
        return "nobody counts yet"
    unit = "" if metric == "revenue" else "\N{NO-BREAK SPACE}%"
    return f"{_amount(rate.value, metric)}{unit} ({_amount(rate.low, metric)} to {_amount(rate.high, metric)})"


def difference_in_words(value: float, low: float, high: float, metric: Metric) -> str:
    """How far an arm lies from the control, with the interval that holds at all looks.

    >>> difference_in_words(0.012, -0.004, 0.028, "conversion")
    '+1.20 points (-0.40 to +2.80)'
    """
    scale, unit = (1, "") if metric == "revenue" else (100, " points")
    first, least, most = (f"{scale * one:+.2f}" for one in (value, low, high))
    return f"{first}{unit} ({least} to {most})"


def _amount(value: float, metric: Metric) -> str:
    return f"{value:.2f}" if metric == "revenue" else f"{100 * value:.2f}"


def _show_others(one: Experiment, found: Results) -> None:
    with st.expander("The other figures"):
        rows = [
            {"Figure": named} | {arm.arm: rate_in_words(arm, metric) for arm in found.arms}
            for metric, named in METRICS.items()
            if metric != one.metric
        ]
        st.table(rows, border="horizontal", hide_index=True)


def _show_steps(client: Client, one: Experiment) -> None:
    with st.container(horizontal=True):
        if one.state != "running":
            st.button(
                "Start" if one.state == "draft" else "Start again",
                type="primary" if one.state == "draft" else "secondary",
                icon=":material/play_arrow:",
                key="recommend.experiment-start",
                on_click=_change,
                args=(client, one, "running"),
            )
        else:
            st.button(
                "Stop",
                icon=":material/stop:",
                key="recommend.experiment-stop",
                help="Everybody gets the usual list again; what was measured stays.",
                on_click=_change,
                args=(client, one, "stopped"),
            )


def _change(client: Client, one: Experiment, state: str) -> None:
    try:
        patch = ExperimentPatch.model_validate({"state": state, "version": one.version})
        client.patch(f"{PATH}/{one.id}", patch, Experiment)
    except ApiProblem as problem:
        going.note(problem)
