"""The archive: find texts by what they mean, or list them by company, mood, outlet and time."""

from __future__ import annotations

import streamlit as st

from apps.finance_sentiment.dashboard import going
from apps.finance_sentiment.dashboard.document import show_document
from apps.finance_sentiment.dashboard.empty import show_empty_archive
from apps.finance_sentiment.dashboard.moods import LABELS
from apps.finance_sentiment.dashboard.overview import read_overview
from apps.finance_sentiment.dashboard.stories import show_text_line
from apps.finance_sentiment.schemas.archive import DocumentShown
from core.paging import Page
from ui.client import ApiProblem, Client
from ui.paging import cursor_of, show_paging
from ui.widgets import empty_place, show_problem, waiting

PAGE_SIZE = 20
KEPT_S = 60.0
ANY_MOOD, ANY_COMPANY = "Any mood", ""


def show_search(client: Client) -> None:
    """Draw the page."""
    try:
        names = {ANY_COMPANY: "Any company"} | {one.entity: one.name for one in read_overview(client, KEPT_S)}
        words, asked = _asked(names)
        document = going.number("document")
        listed, beside = st.columns([4, 5], gap="medium") if document else (st.container(width=900), None)
        with listed:
            _show_found(client, words, asked)
        if document and beside is not None:
            with beside:
                show_document(client, document, asked["entity"] or "")
    except ApiProblem as problem:
        show_problem(problem)


def _asked(names: dict[str, str]) -> tuple[str, dict[str, str | None]]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Find texts",
            key="q",
            bind="query-params",
            icon=":material/search:",
            max_chars=300,
            width=420,
            help="By meaning, in any words; best first. Empty: the newest first.",
        )
        entity = st.selectbox(
            "About", list(names), format_func=names.__getitem__, key="about", bind="query-params", width=230
        )
        mood = st.selectbox("Mood", [ANY_MOOD, *LABELS], key="mood", bind="query-params", width=150)
    chosen = {"entity": entity or None, "mood": None if mood == ANY_MOOD else mood}
    return (words or "").strip(), chosen


def _show_found(client: Client, wanted: str, asked: dict[str, str | None]) -> None:
    name = f"archive.{wanted}.{asked}"
    with waiting("Looking in the archive…"):
        page = client.get(
            "/v1/finance/documents",
            Page[DocumentShown],
            q=wanted or None,
            **asked,
            limit=PAGE_SIZE,
            cursor=cursor_of(name),
        )
    if not page.items:
        if wanted or any(asked.values()):
            empty_place("Nothing fits.", "Try other words, or ask for any company and any mood.")
        else:
            show_empty_archive()
    with st.container(gap=None):
        for line in page.items:
            show_text_line(client, line, "found")
    show_paging(name, page.next_cursor)
