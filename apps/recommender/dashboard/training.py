"""A training on the page of versions: begun by a button, watched while it runs, and what came of the last one."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.dashboard.wire import Nothing
from apps.recommender.schemas.versions import Training, Trainings
from ui.client import ApiProblem, Client
from ui.holding import forget
from ui.moments import ago, duration, moment
from ui.text import label
from ui.widgets import show_problem

LOOKED_AT_EVERY_S = 2.0
_PATH = f"{going.PATH}/versions"


def show_training(client: Client, *, first: bool) -> None:
    """Draw the button, or how far the training is. first: whether no version was trained yet"""
    try:
        found = client.get(f"{_PATH}/training", Trainings)
    except ApiProblem as problem:
        show_problem(problem)
        return
    if found.last is not None and found.last.running:
        st.fragment(_watch, run_every=LOOKED_AT_EVERY_S)(client)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Train now",
            type="primary" if first else "secondary",
            icon=":material/model_training:",
            key="recommend.train",
            help="On all events, beside the server and at a low priority, so that answers keep their speed.",
            on_click=_begin,
            args=(client,),
        )
        st.caption(schedule(found))
    if found.last is not None:
        _show_outcome(found.last)


def schedule(found: Trainings) -> str:
    """When the server trains by itself, and what becomes of it.

    >>> schedule(Trainings(last=None, every_hours=24, promote="if_not_worse"))
    'The server trains by itself every 24 h. A version that does no worse on the newest events answers at once.'
    """
    hours = found.every_hours
    when = f"The server trains by itself every {hours:g} h." if hours else "The server does not train by itself."
    if found.promote == "never":
        return f"{when} A new version answers when somebody promotes it."
    return f"{when} A version that does no worse on the newest events answers at once."


def _show_outcome(last: Training) -> None:
    ended = last.ended_at or last.started_at
    told = f"Last training, {ago(ended, datetime.now(UTC))}: {label(last.outcome)}"
    if last.failed:
        st.warning(told, icon=":material/warning:")
    else:
        st.caption(told, help=moment(ended, st.context.timezone)[1])


def _watch(client: Client) -> None:
    try:
        last = client.get(f"{_PATH}/training", Trainings).last
    except ApiProblem as problem:
        show_problem(problem)
        return
    if last is None or not last.running:
        forget()
        st.rerun()
    since = duration((datetime.now(UTC) - last.started_at).total_seconds())
    st.info(f"**Training for {since}.** {label(last.line)}", icon=":material/model_training:")


def _begin(client: Client) -> None:
    try:
        client.post(f"{_PATH}/train", Nothing(), Training)
    except ApiProblem as problem:
        going.note(problem)
    forget()
