"""Warnings about the knowledge: what contradicts itself, what stands there twice; both places one click away."""

from __future__ import annotations

import streamlit as st

from apps.customer_service.dashboard.source import open_source
from apps.customer_service.schemas.warnings import Side, Warning_
from core.paging import Page
from ui.client import ApiProblem, Client
from ui.text import escaped, label, shortened
from ui.widgets import empty_place, show_problem, waiting, words

PAGE_SIZE = 20
LONGEST_QUOTE = 400  # characters
PATH = "/v1/support/knowledge/warnings"
ABOUT = {
    "duration": "different times",
    "money": "different amounts",
    "percent": "different shares",
    "date": "different dates",
    "time": "different hours",
    "weekday": "different days",
    "size": "different sizes",
    "phone": "different numbers",
    "negation": "one denies it",
}


def show_warnings(client: Client, collection: str) -> None:
    """Draw the list."""
    aside = st.toggle("Show those put aside", key="aside")
    try:
        with waiting("Comparing the documents…"):
            page = client.get(
                PATH, Page[Warning_], collection=collection, limit=PAGE_SIZE, dismissed=str(aside).lower()
            )
    except ApiProblem as problem:
        show_problem(problem)
        return
    if not page.items:
        fact = "Nothing was put aside." if aside else "No document contradicts another, and nothing stands there twice."
        empty_place(fact, "New documents are compared with all others when they are imported.")
    for warning in page.items:
        _show_warning(client, collection, warning, aside=aside)
    if page.next_cursor:
        st.caption(f"The first {PAGE_SIZE}. More appear as these are settled.")


def headline(warning: Warning_) -> str:
    """What is wrong, in a line."""
    if warning.kind == "duplicate":
        return ":material/content_copy: The same twice"
    return f":material/compare_arrows: Contradiction: {ABOUT.get(warning.about, 'different numbers')}"


def _show_warning(client: Client, collection: str, warning: Warning_, *, aside: bool) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(f"**{headline(warning)}**")
        for name, side in (("one", warning.one), ("other", warning.other)):
            _show_side(f"{warning.id}-{name}", side)
        caption, act = ("Show again", client.delete) if aside else ("Put aside", client.put)
        if st.button(caption, key=f"settle-{warning.id}", help=None if aside else "Until one of the two changes."):
            try:
                act(f"{PATH}/{warning.id}/dismissal", collection=collection)
            except ApiProblem as problem:
                show_problem(problem)
                return
            st.rerun()


def _show_side(key: str, side: Side) -> None:
    st.button(
        f":blue[{label(side.title, most=80)}]" + (" :gray[internal]" if side.audience == "internal" else ""),
        key=key,
        type="tertiary",
        icon=":material/article:",
        on_click=open_source,
        args=(side.document, side.start, side.end),
    )
    words(escaped(shortened(side.text, LONGEST_QUOTE)), "quotation")
