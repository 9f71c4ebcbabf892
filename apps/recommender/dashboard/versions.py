"""Trained versions side by side: which one answers, which is better, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import altair as alt
import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.dashboard.comparing import compared, of_100, plain
from apps.recommender.dashboard.promoting import show_steps
from apps.recommender.dashboard.training import show_training
from apps.recommender.schemas.versions import BY_POPULARITY, FOUND, NEAR, Figure, Versions, VersionShown
from ui.client import ApiProblem, Client
from ui.moments import duration, moment
from ui.text import label
from ui.widgets import empty_place, show_problem, waiting

MOST_SIDE_BY_SIDE = 4
BLUE, GREY = "#0072b2", "#8a8f98"
SIGNS = {"better": ":material/arrow_upward:", "worse": ":material/arrow_downward:", "open": ":material/drag_handle:"}


def show_versions(client: Client) -> None:
    """Draw the page."""
    try:
        with waiting("Reading the cards…"):
            found = client.get(f"{going.PATH}/versions", Versions)
    except ApiProblem as problem:
        show_problem(problem)
        return
    if not found.items:
        empty_place(
            "No version was trained yet.",
            "Lists work without one: likeness of texts and popularity answer. *Train now*, or `trivium recommend "
            "train`, learns from the events and measures the version on events that it kept aside; the first one "
            "answers as soon as it is there.",
        )
        show_training(client, first=True)
        return
    active = next((one for one in found.items if one.active), None)
    chosen = _chosen(found.items, active)
    _show_verdicts(chosen, active)
    show_steps(client, found, active)
    _show_chart(chosen)
    st.table(table(chosen), border="horizontal", hide_index=True)
    st.caption(
        "In brackets: the 95 % interval, in which the true figure probably lies. Each version was measured on people "
        "whose last event, or last weeks, it had not seen; all items were ranked, without those they had before."
    )
    show_training(client, first=False)


def _chosen(items: list[VersionShown], active: VersionShown | None) -> list[VersionShown]:
    """Those that stand side by side: the active one first."""
    ordered = sorted(items, key=lambda one: (not one.active, -one.version))
    if len(items) <= 2:
        return ordered
    refs = {one.ref: one for one in ordered}
    picked = st.multiselect(
        "Side by side", list(refs), default=list(refs)[:3], max_selections=MOST_SIDE_BY_SIDE, key="recommend.compared"
    )
    kept = [refs[one] for one in picked]
    return kept or [active or items[0]]


def _show_verdicts(chosen: Sequence[VersionShown], active: VersionShown | None) -> None:
    if active is not None:
        st.markdown(f"**{label(active.ref)}** answers now.")
    for one in chosen:
        if active is None or one.active:
            continue
        verdict, headline, stands_on = compared(one, active)
        told = f"**{label(headline, most=200)}.** {label(stands_on, most=400)}"
        if verdict == "open":
            st.markdown(f"{SIGNS[verdict]} {told}")
        else:
            st.info(told, icon=SIGNS[verdict])


def _show_chart(chosen: Sequence[VersionShown]) -> None:
    measured = [one for one in chosen if FOUND in one.figures]
    if not measured:
        return
    grey = (
        " The grey mark: one list for all, by popularity." if any(BY_POPULARITY in o.figures for o in measured) else ""
    )
    st.caption(f"Of 100 people, how many find what they want next among their first ten items (hit@10).{grey}")
    st.altair_chart(chart(measured), width="stretch", alt="hit@10 of each version with its 95 % interval")


def chart(versions: Sequence[VersionShown]) -> Any:
    """A dot a version with its interval as a line, and a tick where popularity alone would stand."""
    values = [
        {
            "version": f"{one.ref}{' (answers now)' if one.active else ''}",
            "value": 100 * one.figures[FOUND].value,
            "low": 100 * one.figures[FOUND].low,
            "high": 100 * one.figures[FOUND].high,
            "popular": 100 * one.figures[BY_POPULARITY].value if BY_POPULARITY in one.figures else None,
        }
        for one in versions
    ]
    base = alt.Chart(alt.Data(values=values))  # type: ignore[no-untyped-call]
    order = [str(one["version"]) for one in values]
    axis = alt.Axis(labelLimit=260, ticks=False, domain=False)
    y = alt.Y("version:N", title=None, sort=order, axis=axis)
    scale = alt.Scale(domainMin=0, nice=True)
    tips = [
        alt.Tooltip("version:N", title="Version"),
        alt.Tooltip("value:Q", title="Of 100 people", format=".1f"),
        alt.Tooltip("low:Q", title="At least", format=".1f"),
        alt.Tooltip("high:Q", title="At most", format=".1f"),
        alt.Tooltip("popular:Q", title="Popularity alone", format=".1f"),
    ]
    line = base.mark_rule(color=BLUE, strokeWidth=3).encode(
        y=y, x=alt.X("low:Q", title="Of 100 people", scale=scale), x2="high:Q", tooltip=tips
    )
    dot = base.mark_point(color=BLUE, filled=True, size=110, opacity=1).encode(
        y=y, x=alt.X("value:Q", scale=scale), tooltip=tips
    )
    tick = base.mark_tick(color=GREY, thickness=3, size=18).encode(y=y, x=alt.X("popular:Q", scale=scale), tooltip=tips)
    return (line + dot + tick).properties(height=60 + 34 * len(values))


def table(versions: Sequence[VersionShown]) -> list[dict[str, str]]:
    """Figures as rows, versions as columns."""
    rows = [
        _row("Answers now", versions, lambda one: "yes" if one.active else "no"),
        _row("Find what they want (hit@10)", versions, lambda one: _said(one, FOUND, of_100)),
        _row("The same by popularity alone", versions, lambda one: _said(one, BY_POPULARITY, of_100)),
        _row("How near the top, 0 to 1 (nDCG@10)", versions, lambda one: _said(one, NEAR, plain)),
        _row("People measured", versions, lambda one: f"{one.figures[FOUND].n:,}" if FOUND in one.figures else "none"),
        _row("Learned from", versions, lambda one: one.data),
        _row("Trained", versions, lambda one: moment(one.trained_at, st.context.timezone)[0]),
        _row("It took", versions, lambda one: duration(one.seconds)),
    ]
    named = {FOUND, NEAR, BY_POPULARITY}
    others = dict.fromkeys(name for one in versions for name in one.figures if name not in named)
    return rows + [_row(name, versions, lambda one, at=name: _said(one, at, plain)) for name in others]  # type: ignore[misc]


def _said(one: VersionShown, name: str, say: Callable[[Figure], str]) -> str:
    figure = one.figures.get(name)
    return "not measured" if figure is None else say(figure)


def _row(what: str, versions: Sequence[VersionShown], say: Callable[[VersionShown], str]) -> dict[str, str]:
    return {"": what} | {one.ref: say(one) for one in versions}
