"""The correction queue: one text, one question, one key. The least certain and most influential come first."""

from __future__ import annotations

import streamlit as st

from apps.finance_sentiment.dashboard import going
from apps.finance_sentiment.dashboard.correcting import correct
from apps.finance_sentiment.dashboard.document import reading_line
from apps.finance_sentiment.dashboard.highlight import document_html
from apps.finance_sentiment.dashboard.moods import SIGNS
from apps.finance_sentiment.dashboard.wire import Correction, Queue, ReviewItem
from ui.client import ApiProblem, Client
from ui.moments import moment
from ui.text import escaped, label
from ui.widgets import empty_place, show_problem, waiting, words

PATH = "/v1/finance/review"
ASKED_FOR = 20
KEYS = (("negative", "1"), ("neutral", "2"), ("positive", "3"))

_DONE, _PROBLEM = "finance.review.done", "finance.correction-problem"


def show_correct(client: Client) -> None:
    """Draw the page."""
    st.caption(
        "What you decide counts in the curves at once and becomes training data. Keys: **1** negative, **2** neutral, "
        "**3** positive, **4** not about this company, **5** skip."
    )
    if problem := st.session_state.pop(_PROBLEM, None):
        show_problem(problem)
    done: list[int] = st.session_state.setdefault(_DONE, [])
    try:
        with waiting("Looking for what is least certain…"):
            queue = going.held("review", 120, lambda: client.get(PATH, Queue, limit=ASKED_FOR))
            left = [item for item in queue.items if item.reading.id not in done]
            if not left and queue.items:
                going.forget()
                queue = client.get(PATH, Queue, limit=ASKED_FOR)
                left = [item for item in queue.items if item.reading.id not in done]
    except ApiProblem as problem:
        show_problem(problem)
        return
    if not left:
        empty_place("Nothing waits for a decision.", "Texts of which the model is unsure appear here as they are read.")
        return
    _show_item(client, left[0], done)


def _show_item(client: Client, item: ReviewItem, done: list[int]) -> None:
    reading, document = item.reading, item.document
    name = label(reading.name or reading.entity, most=60)
    text, decide = st.columns([5, 3], gap="medium")
    with text, st.container(border=True, key="mood-review"):
        local, utc = moment(document.published_at, st.context.timezone)
        words(f'{escaped(document.source)} · <time title="{escaped(utc)}">{escaped(local)}</time>', "stamp")
        st.html(f'<div class="mood-text" tabindex="0">{document_html(document.title, document.text, reading)}</div>')
    with decide:
        st.markdown(f"What does this text say of **{name}**?")
        for number, (mood, key) in enumerate(KEYS):
            st.button(
                f"{SIGNS[mood]} {mood.capitalize()}",
                key=f"finance.review.{mood}.{reading.id}",
                type="primary" if mood == reading.label else "secondary",
                shortcut=key,
                width="stretch",
                on_click=_decide,
                args=(client, Correction(reading=reading.id, label=KEYS[number][0]), reading.id),
            )
        st.button(
            f"Not about {label(reading.name or reading.entity, most=24)}",
            key=f"finance.review.unlink.{reading.id}",
            shortcut="4",
            width="stretch",
            on_click=_decide,
            args=(client, Correction(document=document.id, entity=reading.entity, linked=False), reading.id),
        )
        st.button(
            "Skip",
            key=f"finance.review.skip.{reading.id}",
            shortcut="5",
            type="tertiary",
            on_click=done.append,
            args=(reading.id,),
        )
        st.caption(f"The model: {reading_line(reading)}")
        if item.reason:
            st.caption(f"Why it is asked: {label(item.reason)}")


def _decide(client: Client, correction: Correction, reading: int) -> None:
    correct(client, correction)
    if _PROBLEM not in st.session_state:
        st.session_state[_DONE].append(reading)
