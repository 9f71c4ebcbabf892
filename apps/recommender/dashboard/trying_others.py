"""A click on an item that is not in the list: found by what it is, then tried like the others."""

from __future__ import annotations

import streamlit as st

from apps.recommender.dashboard.lists import Asked, read_list, try_click
from ui.client import Client
from ui.text import label

MOST = 6


def show_other_items(client: Client) -> None:
    """Draw the search behind a button. raises: ApiProblem"""
    with st.popover("Try another item", icon=":material/touch_app:", key="recommend.others"):
        wanted = st.text_input(
            "A click on",
            key="recommend.other",
            max_chars=300,
            help="Any item of the catalogue, by meaning and by words; press one to see what a click would change.",
        )
        text = (wanted or "").strip()
        if not text:
            st.caption("Write what it is, such as a title; nothing is kept until you say so.")
            return
        found = read_list(client, Asked("search", {"q": text, "k": MOST}))
        if not found.items:
            st.caption("No item fits.")
        for one in found.items:
            st.button(
                label(one.title or one.id, most=80),
                key=f"recommend.other.{one.id}",
                type="tertiary",
                on_click=try_click,
                args=(one.id,),
            )
