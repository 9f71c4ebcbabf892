"""The correction queue: one text, one question, one key. The least certain and most influential come first."""

from __future__ import annotations

import streamlit as st

from apps.finance_sentiment.dashboard.correcting import taken, went_wrong
from apps.finance_sentiment.dashboard.document import read_document, reading_line
from apps.finance_sentiment.dashboard.highlight import document_html
from apps.finance_sentiment.dashboard.moods import SIGNS
from apps.finance_sentiment.dashboard.outlets import outlet
from apps.finance_sentiment.schemas.corrections import Doubtful, NewCorrection
from apps.finance_sentiment.schemas.documents import DocumentRead, Reading
from apps.finance_sentiment.schemas.score import Label
from core.paging import Page
from ui.client import ApiProblem, Client
from ui.holding import forget, held
from ui.moments import moment
from ui.text import escaped, label
from ui.widgets import empty_place, show_problem, waiting, words

PATH = "/v1/finance/review"
ASKED_FOR = 20
KEPT_S = 120.0
KEYS: tuple[tuple[Label, str], ...] = (("negative", "1"), ("neutral", "2"), ("positive", "3"))

_DONE = "finance.review.done"


def show_correct(client: Client) -> None:
    """Draw the page."""
    st.caption(
        "What you decide counts in the curves at once and becomes training data. Keys: **1** negative, **2** neutral, "
        "**3** positive, **4** not about this company, **5** skip."
    )
    if problem := went_wrong():
        show_problem(problem)
    done: set[int] = st.session_state.setdefault(_DONE, set())
    try:
        with waiting("Looking for what is least certain…"):
            left = _left(client, done)
            shown = read_document(client, left[0].document) if left else None
    except ApiProblem as problem:
        show_problem(problem)
        return
    if not left or shown is None:
        empty_place("Nothing waits for a decision.", "Texts of which the model is unsure appear here as they are read.")
        return
    reading = next((one for one in shown.readings if one.id == left[0].reading), None)
    _show_text(client, shown, left[0], reading)
    st.caption(f"{len(left)} of the next {ASKED_FOR} are left.")


def _left(client: Client, done: set[int]) -> list[Doubtful]:
    def read() -> list[Doubtful]:
        return client.get(PATH, Page[Doubtful], limit=ASKED_FOR + min(len(done), 100)).items

    left = [one for one in held("finance.review", KEPT_S, read) if one.reading not in done]
    if not left and done:
        forget()
        left = [one for one in held("finance.review", KEPT_S, read) if one.reading not in done]
    return left


def _show_text(client: Client, shown: DocumentRead, asked: Doubtful, reading: Reading | None) -> None:
    text, decide = st.columns([5, 3], gap="medium")
    with text, st.container(border=True, key="mood-review"):
        local, utc = moment(shown.published_at, st.context.timezone)
        words(
            f'{escaped(outlet(client, shown.source))} · <time title="{escaped(utc)}">{escaped(local)}</time>', "stamp"
        )
        st.html(f'<div class="mood-text" tabindex="0">{document_html(shown.title, shown.text, reading)}</div>')
    with decide:
        _show_choices(client, asked, reading)


def _show_choices(client: Client, asked: Doubtful, reading: Reading | None) -> None:
    name = label(asked.name or asked.entity, most=60)
    st.markdown(f"What does this text say of **{name}**?")
    for mood, key in KEYS:
        st.button(
            f"{SIGNS[mood]} {mood.capitalize()}",
            key=f"finance.review.{mood}.{asked.reading}",
            type="primary" if mood == asked.label else "secondary",
            shortcut=key,
            width="stretch",
            on_click=_decide,
            args=(client, NewCorrection(reading=asked.reading, label=mood), asked.reading),
        )
    st.button(
        f"Not about {label(asked.name or asked.entity, most=24)}",
        key=f"finance.review.unlink.{asked.reading}",
        shortcut="4",
        width="stretch",
        on_click=_decide,
        args=(client, NewCorrection(document=asked.document, entity=asked.entity, linked=False), asked.reading),
    )
    st.button(
        "Skip",
        key=f"finance.review.skip.{asked.reading}",
        shortcut="5",
        type="tertiary",
        on_click=_skip,
        args=(asked.reading,),
    )
    if reading is not None:
        st.caption(f"The model: {reading_line(reading)}")
    told = f"; {asked.documents} texts tell this story" if asked.documents > 1 else ""
    st.caption(f"Worth a look: {asked.worth:.2f} of 1{told}", help="Unsure, relevant and often told weighs most.")


def _decide(client: Client, correction: NewCorrection, reading: int) -> None:
    if taken(client, correction):
        st.session_state[_DONE].add(reading)


def _skip(reading: int) -> None:
    st.session_state[_DONE].add(reading)
