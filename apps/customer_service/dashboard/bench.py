"""The test bench: a question, what it finds, and why the desk answers, asks back or hands over."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from apps.customer_service.dashboard.answer import HEADLINES, marked_answer
from apps.customer_service.dashboard.source import open_source
from apps.customer_service.schemas.asking import MOST_QUESTION_CHARACTERS, AskQuery, Turn
from apps.customer_service.schemas.bench import Tried, TriedHit
from ui.client import ApiProblem, Client
from ui.text import label
from ui.widgets import empty_place, figure, show_problem, waiting, words

_TRIED = "support.tried"
_FEATURES = {
    "closest": "Closest of all vectors",
    "passage": "Vector of the passage",
    "sentence": "Vector of its best sentence",
    "alias": "Vector of its best other wording",
    "coverage": "Share of the question's words in it",
    "gap": "How much nearer a known gap is",
    "gap_coverage": "Share of the words in that gap",
    "margin": "Lead over the next document",
}


def show_bench(client: Client, collection: str) -> None:
    """Draw the form, and what the last question found."""
    st.caption("Decides as a live answer does, and shows by what. Nothing is kept.")
    with st.form("support.bench", border=False):
        question = st.text_input("Question", key="try", bind="query-params", max_chars=MOST_QUESTION_CHARACTERS)
        before = st.text_area("What the customer said before, a line each (optional)", height=68)
        internal = st.checkbox("Read internal documents too")
        sent = st.form_submit_button("Try", type="primary")
    if sent and question.strip():
        turns = [Turn(role="user", text=line) for line in before.splitlines() if line.strip()]
        audience = "internal" if internal else "public"
        query = AskQuery(question=question, collection=collection, turns=turns[-100:], audience=audience)
        try:
            with waiting("Looking in the knowledge base…"):
                st.session_state[_TRIED] = client.post("/v1/support/knowledge/try", query, Tried)
        except ApiProblem as problem:
            st.session_state.pop(_TRIED, None)
            show_problem(problem)
    elif sent:
        st.warning("Type a question first.")
    if (tried := st.session_state.get(_TRIED)) is not None:
        _show_tried(tried)


def verdict(tried: Tried) -> str:
    """Why this action, in a sentence.

    >>> from apps.customer_service.schemas.asking import Answer
    >>> said = Answer(answer="", action="handoff", confidence=0.1, confidence_words="", citations=[], suggestions=[],
    ...     collection="support")
    >>> verdict(Tried(answer=said, answered=0.2, right=0.1, refuse_below=0.5, answer_above=0.6, features={}, hits=[],
    ...     gaps=[]))
    'That the base answers this at all: 0.20, below 0.50, so a person is asked.'
    """
    if tried.answered is None or tried.right is None:
        return "Nothing was searched: this is no question."
    if tried.answer.action == "handoff":
        answered = f"{figure(tried.answered)}, below {tried.refuse_below:.2f}"
        return f"That the base answers this at all: {answered}, so a person is asked."
    answers = tried.answer.action == "answer"
    least = f"{figure(tried.right)}, {'at least' if answers else 'below'} {tried.answer_above:.2f}"
    then = "so it answers" if answers else "so the desk asks back"
    return (
        f"That the base answers this at all: {figure(tried.answered)}. "
        f"That the first document is the right one: {least}, {then}."
    )


def _show_tried(tried: Tried) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(f"**{HEADLINES[tried.answer.action]}**")
        st.caption(verdict(tried))
        words(marked_answer(tried.answer), "answer")
    if tried.answered is None:
        return
    if not tried.hits:
        empty_place("Nothing was found.", "The base may be empty, or hold nothing that this reader may see today.")
        return
    st.markdown("**What was found**")
    _show_hits(tried.hits)
    if tried.gaps:
        st.markdown("**Known gaps nearby**")
        _show_hits(tried.gaps)
    with st.expander("The evidence that decides"):
        rows = [{"Evidence": _FEATURES.get(name, name), "Value": value} for name, value in tried.features.items()]
        st.dataframe(rows, hide_index=True, column_config={"Value": st.column_config.NumberColumn(format="%.3f")})


def _show_hits(hits: Sequence[TriedHit]) -> None:
    for at, hit in enumerate(hits):
        st.button(
            f":blue[{label(hit.title, most=70)}]",
            key=f"tried-{hit.id}-{at}",
            type="tertiary",
            icon=":material/article:",
            on_click=open_source,
            args=(hit.document, hit.start, hit.end),
        )
        st.caption(signals(hit))


def signals(hit: TriedHit) -> str:
    """All signals of a hit in a line."""
    best = f"{max(hit.sentences):.2f}" if hit.sentences else "none"
    wording = f"{hit.alias:.2f}" if hit.alias is not None else "none"
    return (
        f"score {hit.score:.2f} \u00b7 passage {hit.passage:.2f} \u00b7 sentence {best} \u00b7 wording {wording}"
        f" \u00b7 words {hit.bm25:.1f} \u00b7 {hit.coverage:.0%} of the question's words"
    )
