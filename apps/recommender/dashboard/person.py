"""One person: what they did, what they get now and why, and what another click would change. Or who there is."""

from __future__ import annotations

import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.dashboard.history import show_history
from apps.recommender.dashboard.lists import read_list, show_list
from apps.recommender.dashboard.people import show_people, told_attribute
from apps.recommender.dashboard.trying import show_tried, tried_items
from apps.recommender.dashboard.trying_others import show_other_items
from apps.recommender.dashboard.wishes import wishes
from apps.recommender.schemas.recommend import Recommendations
from apps.recommender.schemas.users import UserShown
from ui.client import ApiProblem, Client
from ui.text import label
from ui.widgets import show_problem, waiting

USER, SESSION = "user", "session"
MOST_ATTRIBUTES = 4


def show_person(client: Client) -> None:
    """Draw the page."""
    kind = SESSION if going.place(SESSION) else USER
    name = going.place(kind)
    if not name:
        show_people(client)
        return
    try:
        _show(client, kind, name)
    except ApiProblem as problem:
        show_problem(problem)
        _back()


def _show(client: Client, kind: str, name: str) -> None:
    known = _known(client, name) if kind == USER else None
    with st.container(horizontal=True, vertical_alignment="center"):
        _back()
        st.markdown(f"**{'User' if kind == USER else 'Session'} {label(name)}**", width="content")
        st.caption(_about(kind, known), width="stretch")
        asked = wishes(client, kind, name)
    with waiting("Asking for recommendations…"):
        now = read_list(client, asked)
    tried = tried_items()
    columns = st.columns([3, 4, 4] if tried else [3, 8], gap="medium")
    with columns[0]:
        st.subheader("History", anchor=False)
        show_history(client, kind, name)
    with columns[1]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader("Recommended now", anchor=False, width="content")
            show_other_items(client)
        _show_now(now)
    if tried:
        with columns[2], st.container(key="recommend-tried"):
            show_tried(client, asked, now, tried)


def _show_now(now: Recommendations) -> None:
    st.caption(f"{_told(now)} **Try a click:** press an item to see what it would change; nothing is kept yet.")
    if not now.items:
        st.info(f"The list is empty. {label(now.note, most=300)}", icon=":material/info:")
        return
    show_list(now, key="now", trying=True)
    if now.note:
        st.caption(label(now.note, most=300))
    st.caption("In brackets: how much of all that speaks for the item the reason is.")


def _told(now: Recommendations) -> str:
    if not now.known:
        return "Nothing was heard of them: what is popular."
    ranked = {"text": "likeness of texts and popularity", "popular": "popularity"}.get(now.model, label(now.model))
    events = "1 event counts" if now.events == 1 else f"{now.events:,} events count"
    arms = ", ".join(label(one.arm) for one in now.experiments)
    tried = f" In an experiment, they see the arm {arms}." if arms else ""
    return f"Ranked by {ranked}; {events}, {now.qualifying:,} items qualify.{tried}"


def _about(kind: str, known: UserShown | None) -> str:
    if kind == SESSION:
        return "Not signed in."
    if known is None:
        return "Nobody sent this user, and no event names them."
    told = [label(told_attribute(name, value), most=60) for name, value in known.attributes.items()]
    consent = {True: "agreed to recommendations", False: "refused: nothing of theirs is used", None: ""}[known.consent]
    events = f"{known.events:,} events" if known.events is not None else ""
    return " · ".join(part for part in (events, *told[:MOST_ATTRIBUTES], consent) if part)


def _known(client: Client, name: str) -> UserShown | None:
    try:
        return client.get(f"{going.PATH}/users/{going.quoted(name)}/profile", UserShown)
    except ApiProblem as problem:
        if problem.status == 404:
            return None
        raise


def _back() -> None:
    st.button(
        "All people",
        icon=":material/arrow_back:",
        key="recommend.people",
        on_click=going.put,
        kwargs={USER: None, SESSION: None, "click": None},
    )
