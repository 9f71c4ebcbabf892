"""What no arm of an experiment may make worse: shown, changed while it runs, with what it was before."""

from __future__ import annotations

from typing import Any

import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.schemas.experiments import (
    Experiment,
    ExperimentChange,
    ExperimentChanges,
    ExperimentPatch,
    GuardrailEdit,
    Metric,
)
from ui.client import ApiProblem, Client
from ui.moments import moment
from ui.text import label

USUAL_PERCENT = 5


def show_guardrails(client: Client, one: Experiment, names: dict[Metric, str]) -> None:
    """Draw the form and what was changed so far. names: of the metrics. raises: ApiProblem"""
    held = {rail.metric: rail.may_change for rail in one.guardrails}
    with st.expander("Guardrails: what no arm may make worse"):
        with st.form(f"recommend.guardrails.{one.id}.{one.version}"):
            st.caption("An arm that is surely worse than the control by more than this is stopped within a minute.")
            columns = st.columns(len(names), gap="medium")
            said: list[tuple[Metric, bool, int]] = []
            for column, (metric, named) in zip(columns, names.items(), strict=True):
                guarded = column.checkbox(named, metric in held, key=f"recommend.rail.{one.id}.{metric}")
                percent = column.number_input(
                    "May change, %",
                    0,
                    100,
                    round(100 * held.get(metric, USUAL_PERCENT / 100)),
                    key=f"recommend.rail-percent.{one.id}.{metric}",
                    help="Of the control's rate.",
                )
                said.append((metric, guarded, int(percent)))
            saved = st.form_submit_button("Change the guardrails")
        if saved:
            _change(client, one, said)
        for line in _history(client, one, names):
            st.caption(line)


def _change(client: Client, one: Experiment, said: list[tuple[Metric, bool, int]]) -> None:
    rails = [GuardrailEdit(metric=metric, may_change=percent / 100) for metric, guarded, percent in said if guarded]
    try:
        patch = ExperimentPatch(guardrails=rails, version=one.version)
        client.patch(f"{going.PATH}/experiments/{one.id}", patch, Experiment)
    except ApiProblem as problem:
        going.note(problem)
    st.rerun()


def _history(client: Client, one: Experiment, names: dict[Metric, str]) -> list[str]:
    found = client.get(f"{going.PATH}/experiments/{one.id}/changes", ExperimentChanges).items
    return [_in_words(change, names) for change in found if "guardrails" in change.after]


def _in_words(change: ExperimentChange, names: dict[Metric, str]) -> str:
    at, _ = moment(change.at, st.context.timezone)
    return f"{at}: {_rails(change.before['guardrails'], names)} → {_rails(change.after['guardrails'], names)}"


def _rails(told: list[dict[str, Any]], names: dict[Metric, str]) -> str:
    rails = [GuardrailEdit.model_validate(one) for one in told]
    return label(", ".join(f"{names[one.metric].lower()} {one.may_change:.0%}" for one in rails) or "none", most=200)
