"""The model in use: how good it is, with intervals; whether its numbers mean what they say; its versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import streamlit as st

from apps.finance_sentiment.dashboard.moods import BLUE, GREY
from apps.finance_sentiment.schemas.model import CalibrationStep, Measured, ModelInUse
from ui.client import ApiProblem, Client
from ui.holding import held
from ui.moments import moment
from ui.text import label
from ui.widgets import empty_place, show_problem, waiting

KEPT_S = 60.0
NAMES = {
    "macro f1": "Macro-F1",
    "weighted f1": "Weighted F1",
    "mcc": "Matthews correlation",
    "in scope accuracy": "Accuracy, in scope",
    "closed set accuracy": "Accuracy, if it must choose",
}


def show_model(client: Client) -> None:
    """Draw the page."""
    try:
        with waiting("Reading the model's card…"):
            model = held("finance.model", KEPT_S, lambda: client.get("/v1/finance/model", ModelInUse))
    except ApiProblem as problem:
        show_problem(problem)
        return
    shipped = any(one.active and one.origin == "shipped" for one in model.versions)
    st.markdown(f"**{label(model.name)}**, version {model.version}{', as it was shipped' if shipped else ''}")
    told = [label(part, most=300) for part in (model.base, model.trained_on) if part]
    if told:
        st.caption(" · ".join(told))
    figures, curve = st.columns([1, 1], gap="medium")
    with figures:
        st.subheader("How good it is", anchor=False)
        _show_figures(model.figures)
    with curve:
        st.subheader("Whether its numbers mean what they say", anchor=False)
        _show_calibration(model)
    _show_versions(model)


def figure_row(figure: Measured) -> dict[str, str]:
    """A figure with its interval and size.

    >>> list(figure_row(Measured(name="accuracy", value=0.91, low=0.9, high=0.92, n=1200, of="x")).values())
    ['Accuracy', '0.910', '0.900 to 0.920', '1,200']
    """
    return {
        "Figure": NAMES.get(figure.name, figure.name.capitalize()),
        "Value": f"{figure.value:.3f}",
        "95 % interval": f"{figure.low:.3f} to {figure.high:.3f}",
        "Texts": f"{figure.n:,}",
    }


def _show_figures(figures: Sequence[Measured]) -> None:
    if not figures:
        empty_place("No figures come with it.", "They come with the next training.")
        return
    for of in dict.fromkeys(one.of for one in figures):
        st.caption(f"Measured on {label(of, most=300)}.")
        st.table([figure_row(one) for one in figures if one.of == of], border="horizontal", hide_index=True)


def _show_calibration(model: ModelInUse) -> None:
    if not model.calibration:
        empty_place("Its calibration was not measured.", "It is, with the next training.")
        return
    st.altair_chart(
        calibration(model.calibration), width="stretch", alt="Said confidence against how often it was right"
    )
    error = f"Calibration error {model.error:.3f}. " if model.error is not None else ""
    on = f"Measured on {label(model.on)}. " if model.on else ""
    st.caption(
        f"{error}{on}On the dashed line, of 100 texts with 0.80 just 80 are right; larger dots stand for more texts."
    )


def calibration(bins: Sequence[CalibrationStep]) -> Any:
    """The curve: said against found."""
    values = [{"said": one.confidence, "found": one.accuracy, "n": one.n} for one in bins]
    scale = alt.Scale(domain=[0.3, 1])
    line = (
        alt.Chart(alt.Data(values=[{"x": 0.3, "y": 0.3}, {"x": 1, "y": 1}]))  # type: ignore[no-untyped-call]
        .mark_line(color=GREY, strokeDash=[4, 4])
        .encode(x=alt.X("x:Q", scale=scale), y=alt.Y("y:Q", scale=scale))
    )
    base = alt.Chart(alt.Data(values=values))  # type: ignore[no-untyped-call]
    x = alt.X("said:Q", title="Confidence that it states", scale=scale)
    y = alt.Y("found:Q", title="Share that was right", scale=scale)
    path = base.mark_line(color=BLUE).encode(x=x, y=y)
    dots = base.mark_circle(color=BLUE, opacity=0.9).encode(
        x=x,
        y=y,
        size=alt.Size("n:Q", legend=None, scale=alt.Scale(range=[30, 130])),
        tooltip=[
            alt.Tooltip("said:Q", title="Stated", format=".2f"),
            alt.Tooltip("found:Q", title="Right", format=".2f"),
            alt.Tooltip("n:Q", title="Texts", format=","),
        ],
    )
    return (line + path + dots).properties(height=260)


def _show_versions(model: ModelInUse) -> None:
    if not model.versions:
        return
    with st.expander("Versions"):
        rows = [
            {
                "Version": one.version,
                "In use": "yes" if one.active else "",
                "Made": moment(one.created_at, st.context.timezone)[0],
                "From": one.origin,
                "Note": one.note,
            }
            for one in model.versions
        ]
        st.dataframe(rows, hide_index=True)
        st.caption("`trivium finance improve` trains a new one from corrections, compares it and proposes it.")
