"""What happened, newest first: of a person, or of an item."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.dashboard.lists import open_item
from apps.recommender.schemas.events import EventShown
from core.paging import Page
from ui.client import Client
from ui.moments import ago, moment
from ui.paging import cursor_of, show_paging
from ui.text import escaped, label, shortened
from ui.widgets import empty_place, waiting, words

PAGE_SIZE = 12
DID = {
    "impression": "was shown",
    "view": "viewed",
    "click": "clicked",
    "cart": "put into the basket",
    "purchase": "bought",
    "rating": "rated",
    "like": "liked",
    "dislike": "disliked",
    "comment": "commented",
}


def show_history(client: Client, kind: str, name: str) -> None:
    """Draw the list. kind: user, session or item. raises: ApiProblem"""
    list_name = f"history.{kind}.{name}"
    with waiting("Reading what happened…"):
        page = client.get(
            f"{going.PATH}/events", Page[EventShown], **{kind: name}, limit=PAGE_SIZE, cursor=cursor_of(list_name)
        )
    if not page.items:
        empty_place("Nothing happened yet.", "Try a click on the right: the next list already knows it.")
    with st.container(gap=None, key="recommend-history"):
        for one in page.items:
            _show_event(one, about_item=kind == "item")
    show_paging(list_name, page.next_cursor)


def did(event: EventShown) -> str:
    """What somebody did, with its value.

    >>> from datetime import datetime
    >>> did(EventShown(id=1, user="u", session=None, item="i", title="", type="rating", timestamp=datetime(2026, 1, 1),
    ...     value=4.5, text=None, request=None))
    'rated 4.5'
    """
    said = DID.get(event.type, event.type)
    return f"{said} {event.value:g}" if event.type == "rating" and event.value is not None else said


def _show_event(event: EventShown, *, about_item: bool) -> None:
    who = event.user or event.session or ""
    if about_item:
        st.button(
            label(who, most=40),
            key=f"recommend.event.{event.id}",
            type="tertiary",
            on_click=open_person,
            args=(event.user, event.session),
        )
    else:
        st.button(
            label(event.title or event.item, most=70),
            key=f"recommend.event.{event.id}",
            type="tertiary",
            on_click=open_item,
            args=(event.item,),
        )
    local, utc = moment(event.timestamp, st.context.timezone)
    when = f'<time title="{escaped(local)} / {escaped(utc)}">{escaped(ago(event.timestamp, datetime.now(UTC)))}</time>'
    said = f": “{escaped(shortened(event.text, 90))}”" if event.text else ""
    words(f"{escaped(did(event))}, {when}{said}", "why")


def open_person(user: str | None, session: str | None) -> None:
    """Show a person: a callback."""
    going.go(going.PERSON, user=user, session=None if user else session, click=None)
