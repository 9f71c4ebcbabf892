"""One text beside the work area: each company's mood in it, the words that decided, and a way to correct all three."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from apps.finance_sentiment.dashboard import going
from apps.finance_sentiment.dashboard.correcting import show_correcting
from apps.finance_sentiment.dashboard.highlight import document_html
from apps.finance_sentiment.dashboard.moods import SIGNS, signed, sureness
from apps.finance_sentiment.dashboard.outlets import outlet
from apps.finance_sentiment.schemas.documents import DocumentRead, Reading
from ui.client import ApiProblem, Client
from ui.holding import held
from ui.moments import moment
from ui.text import escaped, label
from ui.widgets import confidence, show_problem, waiting, what_confidence_means, words

KEPT_S = 60.0


def close_document() -> None:
    """Close what is open, as the callback of a button."""
    going.put(document=None)


def read_document(client: Client, document: int) -> DocumentRead:
    """The text with its readings and the words that decided. raises: ApiProblem"""
    path = f"/v1/finance/documents/{document}"
    return held(f"finance.document-{document}", KEPT_S, lambda: client.get(path, DocumentRead, explain="true"))


def show_document(client: Client, document: int, entity: str = "") -> None:
    """Draw the panel. entity: whose mood is shown first"""
    with st.container(border=True, key="mood-document"):
        try:
            with waiting("Opening the text…"):
                shown = read_document(client, document)
        except ApiProblem as problem:
            show_problem(problem)
            st.button("Close", on_click=close_document)
            return
        _show_head(client, shown)
        reading = _chosen(shown.readings, entity)
        st.html(f'<div class="mood-text" tabindex="0">{document_html(shown.title, shown.text, reading)}</div>')
        if reading is None:
            st.caption("No company of the list is named here, or it has not been read yet.")
        else:
            _show_reading(reading)
        show_correcting(client, shown, reading)


def _show_head(client: Client, shown: DocumentRead) -> None:
    about, close = st.columns([8, 1], vertical_alignment="center")
    local, utc = moment(shown.published_at, st.context.timezone)
    copy = " · copy of a known story" if shown.echo else ""
    with about:
        line = f'{escaped(outlet(client, shown.source))} · <time title="{escaped(utc)}">{escaped(local)}</time>{copy}'
        words(line, "stamp")
    close.button("", icon=":material/close:", help="Close the text", on_click=close_document, type="tertiary")


def _chosen(readings: Sequence[Reading], entity: str) -> Reading | None:
    if not readings:
        return None
    by_entity = {one.entity: one for one in readings}
    first = entity if entity in by_entity else readings[0].entity
    if len(readings) == 1:
        return readings[0]
    chosen = st.segmented_control(
        "Read for",
        list(by_entity),
        default=first,
        required=True,
        format_func=lambda one: f"{SIGNS[by_entity[one].label]} {label(by_entity[one].name or one, most=24)}",
        key=f"finance.reading.{readings[0].id}",
    )
    return by_entity[chosen or first]


def reading_line(reading: Reading) -> str:
    """What was read, in a line of ours with no words of others.

    >>> shares = {"negative": 0.1, "neutral": 0.1, "positive": 0.8}
    >>> reading_line(Reading(id=1, entity="a", name="A", relevance=80, enough=True, label="positive", score=0.6,
    ...     confidence=0.8, probabilities=shares, sentence="", start=0, end=1, model="m", corrected_by=None, tokens=[]))
    '▲ positive, +0.60 · Fairly sure, 0.80 · relevance 80 of 100'
    """
    about = f"relevance {reading.relevance} of 100"
    if reading.corrected_by:
        return f"{SIGNS[reading.label]} {reading.label}, corrected by a person · {about}"
    if not reading.enough:
        return f"Too little evidence for a mood · {about}"
    sure = confidence(sureness(reading.confidence), reading.confidence)
    return f"{SIGNS[reading.label]} {reading.label}, {signed(reading.score)} · {sure} · {about}"


def _show_reading(reading: Reading) -> None:
    name = label(reading.name or reading.entity, most=60)
    st.markdown(f"**{name}:** {reading_line(reading)}", help=_meaning(reading))
    legend = []
    if reading.tokens:
        legend.append('<span class="for-3">words for it</span> <span class="against-3">words against it</span>')
    if reading.sentence:
        legend.append('<span class="sentence">the sentence that decided</span>')
    if legend:
        words(" · ".join(legend), "mood-legend")


def _meaning(reading: Reading) -> str:
    parts = [f"{name} {value:.2f}" for name, value in reading.probabilities.items()]
    return f"{', '.join(parts)}; {what_confidence_means(reading.confidence)}. Model: {label(reading.model)}."
