"""Trained versions side by side: figures with their intervals, which one answers, promote and roll back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.dashboard.wire import Nothing
from apps.recommender.schemas.versions import Figure, Versions, VersionShown
from ui.client import ApiProblem, Client
from ui.holding import forget
from ui.moments import duration, moment
from ui.text import label
from ui.widgets import show_problem, waiting

MOST_SIDE_BY_SIDE = 4


def show_versions(client: Client) -> None:
    """Draw the page."""
    try:
        with waiting("Reading the cards…"):
            found = client.get(f"{going.PATH}/versions", Versions)
    except ApiProblem as problem:
        show_problem(problem)
        return
    if not found.items:
        _show_untrained()
        return
    active = next((one for one in found.items if one.active), None)
    if active is not None:
        st.markdown(f"**{label(active.ref)}** answers now.")
    chosen = _chosen(found.items)
    st.table(table(chosen), border="horizontal", hide_index=True)
    st.caption(
        "In brackets the 95 % interval. Where intervals overlap widely, the difference may be chance. Figures were "
        "measured on events that the training did not see."
    )
    _show_steps(client, found.items, active)


def _show_untrained() -> None:
    with st.container(border=True):
        st.markdown("**No version was trained yet.**", text_alignment="center")
        st.markdown(
            "Lists work without: likeness of texts and popularity answer. `trivium recommend train` learns from the "
            "events, measures the version on events held out, and it answers from the next request on.",
            text_alignment="center",
        )


def _chosen(items: list[VersionShown]) -> list[VersionShown]:
    if len(items) <= 2:
        return items
    refs = {one.ref: one for one in items}
    picked = st.multiselect(
        "Side by side", list(refs), default=list(refs)[:3], max_selections=MOST_SIDE_BY_SIDE, key="recommend.compared"
    )
    return [refs[one] for one in picked] or items[:1]


def table(versions: list[VersionShown]) -> list[dict[str, str]]:
    """Figures as rows, versions as columns."""
    rows: list[dict[str, str]] = [
        _row("Answers now", versions, lambda one: "yes" if one.active else ""),
        _row("Trained", versions, lambda one: moment(one.trained_at, st.context.timezone)[0]),
        _row("It took", versions, lambda one: duration(one.seconds)),
        _row("From", versions, lambda one: one.data),
    ]
    names = dict.fromkeys(name for one in versions for name in one.figures)
    for name in names:
        rows.append(_row(name.replace("_", " "), versions, lambda one, at=name: in_words(one.figures.get(at))))  # type: ignore[misc]
    return rows


def in_words(figure: Figure | None) -> str:
    """A figure with its interval and size.

    >>> in_words(Figure(value=0.1234, low=0.11, high=0.135, n=610))
    '0.123 [0.110, 0.135], n = 610'
    """
    if figure is None:
        return "not measured"
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}], n = {figure.n:,}"


def _row(what: str, versions: list[VersionShown], say: Callable[[VersionShown], str]) -> dict[str, str]:
    return {"": what} | {one.ref: say(one) for one in versions}


def _show_steps(client: Client, items: list[VersionShown], active: VersionShown | None) -> None:
    others = [one for one in items if not one.active]
    if not others:
        st.caption("Train another with `trivium recommend train`; it stands here beside this one.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        refs = {one.ref: one.version for one in others}
        picked = st.selectbox("Let another version answer", list(refs), key="recommend.promoted", width=260)
        st.button(
            "Promote",
            type="primary",
            icon=":material/upgrade:",
            key="recommend.promote",
            on_click=_step,
            args=(client, f"{refs[picked]}/promote"),
        )
        if active is not None:
            st.button(
                "Roll back",
                icon=":material/undo:",
                key="recommend.roll-back",
                help="To the version that answered before.",
                on_click=_step,
                args=(client, "roll-back"),
            )


def _step(client: Client, step: str) -> None:
    try:
        client.post(f"{going.PATH}/versions/{step}", Nothing(), VersionShown)
    except ApiProblem as problem:
        going.note(problem)
    forget()
