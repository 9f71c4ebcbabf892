"""A new experiment: what is expected, two arms, what decides, what must not become worse."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pydantic import ValidationError

from apps.recommender.dashboard import going
from apps.recommender.dashboard.arm_form import choices_of, filled_arm
from apps.recommender.schemas.experiments import Experiment, ExperimentEdit
from ui.client import ApiProblem, Client
from ui.text import label
from ui.widgets import show_problem

DECIDES = {
    "click_rate": "Click rate",
    "conversion": "Visitors who buy",
    "revenue": "Revenue a visitor",
}
NONE, DISLIKES, CONVERSION = "Nothing", "dislikes", "conversion"
RAILS = {NONE: NONE, DISLIKES: "Dislikes", CONVERSION: "Visitors who buy"}


def show_form(client: Client) -> None:
    """Draw the form. raises: ApiProblem"""
    st.subheader("A new experiment", anchor=False)
    choices = choices_of(client)
    with st.form("recommend.experiment-form"):
        left, right = st.columns([2, 3], gap="medium")
        name = left.text_input("Name", max_chars=120)
        hypothesis = right.text_input("What do you expect?", max_chars=500)
        left, right = st.columns(2, gap="medium")
        with left:
            control = filled_arm("Control", choices, 0)
        with right:
            variant = filled_arm("Variant", choices, 1)
        first, second, third, fourth = st.columns(4, vertical_alignment="bottom")
        metric = first.selectbox(
            "What decides",
            list(DECIDES),
            format_func=DECIDES.__getitem__,
            help="Click rate: clicks by items shown, of recommendations only.",
        )
        rail = second.selectbox(
            "Must not worsen",
            list(RAILS),
            format_func=RAILS.__getitem__,
            help="An arm that surely does more harm here than the control is stopped by itself.",
        )
        traffic = third.number_input("Taking part, %", 1, 100, 100, help="Share of all visitors that take part.")
        window = fourth.number_input(
            "Counted for, hours",
            1,
            8_760,
            24,
            help="What a visitor does within so long after the first exposure counts.",
        )
        with st.container(horizontal=True):
            saved = st.form_submit_button("Save", type="primary")
    st.button("Close", key="recommend.experiment-close", on_click=going.put, kwargs={"experiment": None})
    if not saved:
        return
    made: dict[str, Any] = {
        "name": name,
        "hypothesis": hypothesis,
        "arms": [{"name": "control", "share": 0.5, **control}, {"name": "variant", "share": 0.5, **variant}],
        "metric": metric,
        "guardrails": [] if rail == NONE else [{"metric": rail}],
        "traffic": traffic / 100,
        "window_hours": window,
    }
    try:
        added = client.post(f"{going.PATH}/experiments", ExperimentEdit.model_validate(made), Experiment)
    except ValidationError as error:
        st.warning(first_fault(error))
    except ApiProblem as problem:
        show_problem(problem)
    else:
        going.put(experiment=added.id)
        st.rerun()


def first_fault(error: ValidationError) -> str:
    """What is wrong first, as a sentence for the screen."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = " ".join(str(part) for part in first["loc"]) or "It"
    return f"{label(where)}: {label(str(first['msg']).removeprefix('Value error, '), most=300)}."
