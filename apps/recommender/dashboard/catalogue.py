"""The catalogue: find items by what they mean, or take what is popular, trending, new; one stands open beside."""

from __future__ import annotations

import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.dashboard.empty import show_empty_shop
from apps.recommender.dashboard.item import show_item
from apps.recommender.dashboard.lists import Asked, read_list, show_list
from ui.client import ApiProblem, Client
from ui.text import label
from ui.widgets import show_problem, waiting

LENGTH = 12
LISTS = {"popular": "Popular", "trending": "Trending", "new": "New"}
DEEPEST = 600


def show_catalogue(client: Client) -> None:
    """Draw the page."""
    item = going.place("item")
    try:
        listed, beside = st.columns([4, 5], gap="large") if item else (st.container(width=900), None)
        with listed:
            _show_found(client)
        if beside is not None:
            with beside, st.container(border=True, key="recommend-item"):
                show_item(client, item)
    except ApiProblem as problem:
        show_problem(problem)


def _show_found(client: Client) -> None:
    wanted = st.text_input(
        "Find items",
        key="q",
        bind="query-params",
        icon=":material/search:",
        max_chars=300,
        help="By meaning and by words; best first. Empty: one of the lists below.",
    )
    text = (wanted or "").strip()
    which = "popular"
    if not text:
        which = (
            st.segmented_control(
                "List",
                list(LISTS),
                default="popular",
                required=True,
                format_func=LISTS.__getitem__,
                key="list",
                bind="query-params",
                label_visibility="collapsed",
            )
            or "popular"
        )
    name = f"{which}.{text}"
    offset = _offset(name)
    wish = {"k": LENGTH, "offset": offset} | ({"q": text} if text else {})
    with waiting("Looking in the catalogue…"):
        found = read_list(client, Asked("search" if text else which, wish))
    if not found.items and not text and not offset:
        show_empty_shop()
        return
    fit = "fit" if text else "can be recommended now"
    st.caption(f"{found.qualifying:,} items {fit}; press one to open it." if found.items else "No item fits.")
    if not found.items:
        st.info(label(found.note, most=300), icon=":material/info:")
    show_list(found, key=f"found.{name}", first=offset + 1)
    _show_pages(name, offset, found.qualifying)


def _offset(name: str) -> int:
    kept: tuple[str, int] = st.session_state.get("recommend.offset", ("", 0))
    return kept[1] if kept[0] == name else 0


def _show_pages(name: str, offset: int, qualifying: int) -> None:
    if qualifying <= LENGTH:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Previous",
            icon=":material/chevron_left:",
            key="recommend.before",
            disabled=not offset,
            on_click=_turn,
            args=(name, offset - LENGTH),
        )
        st.caption(f"{offset + 1} to {min(offset + LENGTH, qualifying)}")
        st.button(
            "Next",
            icon=":material/chevron_right:",
            key="recommend.more",
            disabled=offset + LENGTH >= min(qualifying, DEEPEST),
            on_click=_turn,
            args=(name, offset + LENGTH),
        )


def _turn(name: str, offset: int) -> None:
    st.session_state["recommend.offset"] = (name, max(0, offset))
