"""A document beside the work area, with what was cited from it marked and scrolled to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import streamlit as st

from apps.customer_service.schemas.asking import Citation
from apps.customer_service.schemas.knowledge import DocumentDetail
from ui.client import ApiProblem, Client
from ui.text import Span, escaped, marked
from ui.widgets import show_problem, waiting, words

LONGEST_HEADING = 80  # characters of a line that may stand as a heading
_BLOCK = re.compile(r"[^\n]+(?:\n[^\n]+)*")
_SENTENCE_END = (".", "!", "?", ":", ";", ",", "…")
# %s makes it another script for another passage: Streamlit runs the same one only once.
_SCROLL = """<script>/* %s */ {
const mark = document.querySelector(".document .chosen"), box = mark?.closest(".st-key-support-document");
if (box) box.scrollTop += mark.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
}</script>"""


@dataclass(frozen=True)
class Source:
    """What is open. start, end: characters in the document's text; both 0 for the whole document"""

    document: str
    start: int = 0
    end: int = 0


def open_source(document: str, start: int = 0, end: int = 0) -> None:
    """Open a document at a passage; the address remembers it."""
    st.query_params.update({"open": document, "at": f"{start}-{end}"})


def close_source() -> None:
    """Close what is open."""
    for name in ("open", "at"):
        if name in st.query_params:
            del st.query_params[name]


def opened_source() -> Source | None:
    """What the address says is open."""
    if not (document := st.query_params.get("open")):
        return None
    found = re.fullmatch(r"(\d{1,9})-(\d{1,9})", st.query_params.get("at", ""))
    return Source(document, int(found[1]), int(found[2])) if found else Source(document)


def read_source(client: Client, collection: str, source: Source) -> DocumentDetail | None:
    """The document that is open; None where it cannot be read, and why is shown."""
    try:
        with waiting("Opening the document…"):
            return read_document(client, collection, source.document)
    except ApiProblem as problem:
        show_problem(problem)
        st.button("Close", on_click=close_source)
        return None


def show_source(document: DocumentDetail, source: Source, citations: Sequence[Citation]) -> None:
    """Draw the panel. citations: of the answer beside it; those from this document are marked too"""
    with st.container(border=True, key="support-source"):
        title, close = st.columns([6, 1], vertical_alignment="top")
        with title:
            source_line = f'<div class="document-source">{escaped(document.source or document.key)}</div>'
            words(escaped(document.title) + source_line, "document-title")
        close.button("", icon=":material/close:", help="Close the document", on_click=close_source, type="tertiary")
        spans = [Span(c.start, c.end, c.number) for c in citations if c.document == document.key]
        chosen = next((span.number for span in spans if (span.start, span.end) == (source.start, source.end)), 0)
        with st.container(height=500, border=False, key="support-document"):
            st.html(document_html(document, [*spans, Span(source.start, source.end, chosen, is_chosen=True)]))
        where = f"{source.document.encode().hex()} {source.start}-{source.end}"
        st.html(_SCROLL % where, unsafe_allow_javascript=True)


def read_document(client: Client, collection: str, key: str) -> DocumentDetail:
    """Fetch a document with its text.

    raises: ApiProblem
    """
    return client.get(document_path(key), DocumentDetail, collection=collection)


def document_path(key: str) -> str:
    """Where the API keeps a document.

    >>> document_path("articles/10% off?.md")
    '/v1/support/documents/articles/10%25%20off%3F.md'
    """
    return f"/v1/support/documents/{quote(key)}"


def document_html(document: DocumentDetail, spans: Sequence[Span]) -> str:
    """Write a document as HTML: its blocks one below the other, spans marked, the block of the chosen one framed.

    A first block that only repeats the title, which stands above the panel already, is left out.
    """
    blocks = "".join(
        f'<p class="{_style(block, start, spans)}">{marked(block, spans, offset=start)}</p>'
        for start, block in _blocks(document.text)
        if start or block.strip() != document.title
    )
    return f'<div class="document" tabindex="0" role="region" aria-label="Document">{blocks}</div>'


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    for found in _BLOCK.finditer(text):
        yield found.start(), found[0]


def _style(block: str, start: int, spans: Sequence[Span]) -> str:
    """Plain text does not say what is a heading; a short line that ends like none of a sentence looks like one."""
    is_line = "\n" not in block and len(block) <= LONGEST_HEADING
    looks_like_heading = is_line and not block.lstrip().startswith(("•", "-")) and " | " not in block
    style = "heading" if looks_like_heading and not block.rstrip().endswith(_SENTENCE_END) else "block"
    holds_chosen = any(s.is_chosen and s.start < start + len(block) and start < s.end for s in spans)
    return f"{style} around" if holds_chosen else style
