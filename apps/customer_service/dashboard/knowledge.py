"""The documents that answers are made of: see them, add files, remove one."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from apps.customer_service.dashboard.adding import show_adding
from apps.customer_service.dashboard.bench import show_bench
from apps.customer_service.dashboard.source import (
    Source,
    close_source,
    document_path,
    open_source,
    opened_source,
    read_source,
    show_source,
)
from apps.customer_service.dashboard.validity import show_validity, validity
from apps.customer_service.dashboard.warnings import show_warnings
from apps.customer_service.schemas.asking import MOST_QUESTION_CHARACTERS, SearchHit, SearchHits, SearchQuery
from apps.customer_service.schemas.knowledge import CollectionSummary, DocumentSummary
from core.paging import Page
from ui.client import ApiProblem, Client
from ui.moments import moment
from ui.text import escaped, label, plain
from ui.widgets import empty_place, show_problem, waiting, words

DOCUMENTS, WARNINGS, BENCH = PARTS = ("Documents", "Warnings", "Test bench")
PAGE_SIZE = 20
MOST_FOUND = 30  # passages; several may lie in one document

_GAP = "unanswered"  # in the metadata of a question that is known to have no answer here
_REMOVED = "support.removed"


def show_knowledge(client: Client, collection: CollectionSummary) -> None:
    """Draw the documents, the warnings or the test bench; an open document stands beside them."""
    part = st.segmented_control(
        "Part", PARTS, default=DOCUMENTS, required=True, key="part", bind="query-params", label_visibility="collapsed"
    )
    if part == DOCUMENTS:
        show_adding(client, collection.name)
    if removed := st.session_state.pop(_REMOVED, ""):
        st.toast(f"{plain(removed)} was removed. Answers no longer use it.", icon=":material/delete:", duration="long")
    if not collection.documents:
        empty_place(
            "The knowledge base is empty.",
            f"Add files above, or run `trivium support import PATH --collection {collection.name}`.",
        )
        return
    source = opened_source()
    shelf, beside = st.columns([5, 6], gap="medium") if source else (st.container(width=880), None)
    with shelf:
        if part == WARNINGS:
            show_warnings(client, collection.name)
        elif part == BENCH:
            show_bench(client, collection.name)
        else:
            _show_shelf(client, collection, with_details=source is None)
    if source and beside is not None:
        with beside:
            if (document := read_source(client, collection.name, source)) is not None:
                with st.container(horizontal=True):
                    show_validity(client, collection.name, document)
                    _show_removal(client, collection.name, source)
                show_source(document, source, [])


def _show_shelf(client: Client, collection: CollectionSummary, *, with_details: bool) -> None:
    wanted = st.text_input("Find a document", key="find", bind="query-params", icon=":material/search:").strip()
    if wanted:
        _show_found(client, collection.name, wanted)
        return
    with waiting("Reading the list…"):
        page = client.get(
            "/v1/support/documents",
            Page[DocumentSummary],
            collection=collection.name,
            limit=PAGE_SIZE,
            cursor=_cursors(collection.name)[-1],
        )
    st.caption(f"{collection.documents:,} documents")
    with st.container(gap="xsmall"):
        for document in page.items:
            _show_row(document, with_details=with_details)
    _show_paging(collection.name, page.next_cursor)


def _show_found(client: Client, collection: str, wanted: str) -> None:
    """Documents near what was typed, best first; each opens at its best passage."""
    query = SearchQuery(query=wanted[:MOST_QUESTION_CHARACTERS], collection=collection, k=MOST_FOUND)
    with waiting("Looking in the knowledge base…"):
        hits = client.post("/v1/support/search", query, SearchHits).hits
    best: dict[str, SearchHit] = {}
    for hit in hits:
        best.setdefault(hit.document, hit)
    if not best:
        empty_place("Nothing is near these words.", "Try others, or clear the field to see the whole list.")
    with st.container(gap="xsmall"):
        for hit in best.values():
            st.button(
                label(hit.title, most=80),
                key=f"found-{hit.document}",
                type="tertiary",
                icon=":material/article:",
                on_click=open_source,
                args=(hit.document, hit.start, hit.end),
            )


def _show_row(document: DocumentSummary, *, with_details: bool) -> None:
    name, *details = st.columns([5, 3, 2], vertical_alignment="center") if with_details else [st.container()]
    name.button(
        label(document.title, most=80),
        key=f"document-{document.key}",
        type="tertiary",
        icon=_icon(document),
        on_click=open_source,
        args=(document.key,),
    )
    local, utc = moment(document.updated_at, st.context.timezone)
    where = "Known gap: to be handed over" if document.metadata.get(_GAP) else document.source or document.key
    limits = validity(document.metadata, datetime.now(UTC))
    stamps = (
        escaped(" \u00b7 ".join([*limits, where])),
        f'<time title="{escaped(utc)}">{escaped(local)}</time>',
    )
    for column, stamp in zip(details, stamps, strict=False):
        with column:
            words(stamp, "stamp")


def _icon(document: DocumentSummary) -> str:
    if document.metadata.get(_GAP):
        return ":material/support_agent:"
    return ":material/article:" if document.kind == "file" else ":material/quiz:"


def _show_paging(collection: str, next_cursor: str | None) -> None:
    cursors = _cursors(collection)
    if len(cursors) == 1 and next_cursor is None:
        return
    back, middle, onward = st.columns([1, 2, 1], vertical_alignment="center")
    is_first, is_last = len(cursors) == 1, next_cursor is None
    back.button("Previous", icon=":material/chevron_left:", disabled=is_first, on_click=_turn_back, args=(collection,))
    middle.caption(f"Page {len(cursors)}", text_alignment="center")
    onward.button(
        "Next", icon=":material/chevron_right:", disabled=is_last, on_click=cursors.append, args=(next_cursor,)
    )


def _turn_back(collection: str) -> None:
    _cursors(collection).pop()


def _cursors(collection: str) -> list[str | None]:
    """The cursors that led here, this page's last; the first page's is None."""
    kept: list[str | None] = st.session_state.setdefault(f"support.cursors.{collection}", [None])
    return kept


def _show_removal(client: Client, collection: str, source: Source) -> None:
    with st.popover("Remove this document", icon=":material/delete:"):
        st.write("Answers will no longer use it. To have it back, add the file again.")
        if st.button("Remove it", type="primary"):
            try:
                client.delete(document_path(source.document), collection=collection)
            except ApiProblem as problem:
                show_problem(problem)
                return
            del _cursors(collection)[1:]
            st.session_state[_REMOVED] = source.document
            close_source()
            st.rerun()
