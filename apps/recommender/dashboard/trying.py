"""What another click would change: the list as it would be, beside the one that is. Kept only when somebody says so."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.dashboard.lists import CLICK, Asked, read_list, show_list
from apps.recommender.dashboard.titles import title_of
from apps.recommender.schemas.events import Event
from apps.recommender.schemas.recommend import Recommendations
from apps.recommender.schemas.taking import TakenEvents
from ui.client import ApiProblem, Client
from ui.holding import forget
from ui.text import label
from ui.widgets import waiting

MOST = 10


def tried_items() -> list[str]:
    """Items that are tried, the oldest click first."""
    return going.places(CLICK)[-MOST:]


def show_tried(client: Client, asked: Asked, now: Recommendations, tried: list[str]) -> None:
    """Draw the list as it would be. raises: ApiProblem"""
    with waiting("Asking what would change…"):
        then = read_list(client, asked, tried)
    st.subheader("After your click" if len(tried) == 1 else f"After your {len(tried)} clicks", anchor=False)
    before = [one.id for one in now.items]
    named = ", ".join(f"“{label(title_of(client, item), most=40)}”" for item in tried[-2:])
    st.caption(
        f"On {named}{' and others' if len(tried) > 2 else ''}: {changes(before, [one.id for one in then.items])}"
    )
    with st.container(horizontal=True):
        st.button(
            "Keep as real clicks" if len(tried) > 1 else "Keep as a real click",
            type="primary",
            icon=":material/touch_app:",
            key="recommend.keep",
            help="Sends it as an event, as the shop would; the next request of anybody counts it.",
            on_click=_keep,
            args=(client, asked.path, tried, then.request),
        )
        st.button("Undo", icon=":material/undo:", key="recommend.undo", on_click=_undo, args=(tried,))
    if then.items:
        show_list(then, key="then", trying=True, before=before)
    else:
        st.info(f"The list would be empty. {label(then.note, most=300)}", icon=":material/info:")


def changes(before: Sequence[str], after: Sequence[str]) -> str:
    """What became of a list, in a sentence.

    >>> changes(["a", "b", "c"], ["b", "d", "c"]), changes(["a"], ["a"])
    ('1 item is new, 1 moved up.', 'nothing moves.')
    """
    fresh = sum(one not in before for one in after)
    up = sum(one in before and at < before.index(one) for at, one in enumerate(after))
    down = sum(one in before and at > before.index(one) for at, one in enumerate(after))
    told = [f"{fresh} item{' is' if fresh == 1 else 's are'} new" if fresh else ""]
    told += [f"{up} moved up" if up else "", f"{down} moved down" if down else ""]
    return f"{', '.join(part for part in told if part) or 'nothing moves'}."


def _undo(tried: list[str]) -> None:
    going.put(**{CLICK: tried[:-1]})


def _keep(client: Client, path: str, tried: list[str], request: str) -> None:
    kind = "user" if path.startswith("users/") else "session"
    try:
        for item in tried:
            event = Event.model_validate({kind: going.place(kind), "item": item, "type": "click", "request": request})
            client.post(f"{going.PATH}/events", event, TakenEvents)
    except ApiProblem as problem:
        going.note(problem)
        return
    forget()
    going.put(**{CLICK: None})
