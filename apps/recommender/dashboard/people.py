"""Who there is: who was here last, a user by id, all users."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.dashboard.empty import show_empty_shop
from apps.recommender.dashboard.history import did, open_person
from apps.recommender.schemas.events import EventShown
from apps.recommender.schemas.users import UserShown
from core.paging import Page
from ui.client import ApiProblem, Client
from ui.moments import ago
from ui.paging import cursor_of, show_paging
from ui.text import escaped, label, shortened
from ui.widgets import empty_place, show_problem, waiting, words

LATEST_EVENTS, MOST_LATEST = 200, 10
PAGE_SIZE = 15
MOST_ATTRIBUTES = 3

_FIND = "recommend.find"


def show_people(client: Client) -> None:
    """Draw the page."""
    try:
        with waiting("Reading who was here…"):
            latest = client.get(f"{going.PATH}/events", Page[EventShown], limit=LATEST_EVENTS).items
            users = client.get(f"{going.PATH}/users", Page[UserShown], limit=PAGE_SIZE, cursor=cursor_of("users"))
    except ApiProblem as problem:
        show_problem(problem)
        return
    if not latest and not users.items:
        show_empty_shop()
        return
    st.text_input(
        "Find a user by id",
        key=_FIND,
        icon=":material/search:",
        max_chars=200,
        width=420,
        on_change=_find,
        help="Also one of whom nothing was heard: see what a stranger gets.",
    )
    left, right = st.columns([5, 4], gap="large")
    with left:
        st.subheader("Here last", anchor=False)
        _show_latest(latest)
    with right:
        st.subheader("All users", anchor=False)
        _show_users(users)


def latest_people(events: list[EventShown]) -> list[EventShown]:
    """The last event of each person, the newest first."""
    found: dict[tuple[str | None, str | None], EventShown] = {}
    for one in sorted(events, key=lambda event: event.timestamp, reverse=True):
        found.setdefault((one.user, None if one.user else one.session), one)
    return list(found.values())[:MOST_LATEST]


def _show_latest(events: list[EventShown]) -> None:
    if not events:
        empty_place("Nothing happened yet.", "Send events to `POST /v1/recommend/events`.")
    with st.container(gap=None, key="recommend-latest"):
        for one in latest_people(events):
            who = f"User {one.user}" if one.user else f"Session {one.session}"
            st.button(
                label(who, most=60),
                key=f"recommend.latest.{one.id}",
                type="tertiary",
                icon=":material/person:" if one.user else ":material/person_off:",
                on_click=open_person,
                args=(one.user, one.session),
            )
            what = shortened(one.title or one.item, 70)
            words(escaped(f"{did(one)}: {what}, {ago(one.timestamp, datetime.now(UTC))}"), "why under-icon")


def _show_users(users: Page[UserShown]) -> None:
    if not users.items:
        empty_place("Nobody sent users.", "They are known by their events alone; send them to `/v1/recommend/users`.")
    with st.container(gap=None, key="recommend-users"):
        for one in users.items:
            told = " · ".join(told_attribute(*pair) for pair in list(one.attributes.items())[:MOST_ATTRIBUTES])
            refused = " · refused" if one.consent is False else ""
            st.button(
                f"{label(one.id, most=40)} :gray[{label(told, most=60)}{refused}]",
                key=f"recommend.user.{one.id}",
                type="tertiary",
                on_click=open_person,
                args=(one.id, None),
            )
    show_paging("users", users.next_cursor, "Previous", "Next")


def told_attribute(name: str, value: Any) -> str:
    """What is known of somebody, in two words.

    >>> told_attribute("age", "25-34"), told_attribute("newsletter", True)
    ('age 25-34', 'newsletter yes')
    """
    return f"{name} { ({True: 'yes', False: 'no'}[value] if isinstance(value, bool) else value) }"


def _find() -> None:
    if wanted := str(st.session_state.get(_FIND, "")).strip():
        open_person(wanted, None)
