"""The answer card: what to do, what to say, how sure, and where it stands. Text of documents is never markup here."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from apps.customer_service.dashboard.conversation import Exchange
from apps.customer_service.dashboard.markers import with_markers, without_markers
from apps.customer_service.dashboard.source import open_source
from apps.customer_service.schemas.asking import Action, Answer, Citation, Kind, Suggestion
from ui.text import escaped, label
from ui.widgets import confidence, copy_button, what_confidence_means, words

_EXPLAINED = "support.confidence_explained"

HEADLINES: dict[Action, str] = {
    "answer": ":material/check_circle: Answer",
    "clarify": ":material/help: Ask the customer which is meant",
    "handoff": ":material/support_agent: Hand over to a person",
}
UNSEARCHED: dict[Kind, str] = {
    "small_talk": ":material/waving_hand: Small talk, nothing to look up",
    "human": ":material/support_agent: The customer asks for a person: hand over",
    "wordless": ":material/help: Ask the customer for a question in words",
    "garbled": ":material/help: Not readable: ask the customer to type it",
}
COLOURS: dict[Action, str] = {"answer": "blue", "clarify": "orange", "handoff": "violet"}


def show_answer(exchange: Exchange) -> None:
    """Draw the card of the latest answer."""
    answer = exchange.answer
    with st.container(border=True, gap="small", key="support-answer"):
        words(escaped(exchange.question), "question")
        st.markdown(f":{COLOURS[answer.action]}[**{headline(answer)}**]")
        words(marked_answer(answer), "answer")
        with st.container(horizontal=True, vertical_alignment="center"):
            if answer.action != "handoff" or answer.citations or answer.kind == "human":
                copy_button("Copy answer", without_markers(answer.answer, _numbers(answer)), key="support-copy")
            _show_confidence(answer)
        with st.container(gap="xsmall"):
            if answer.citations:
                st.markdown("**Sources**")
                if answer.source == "model":
                    st.caption(
                        "Drafted by the chat model; every sentence was checked against the source that it cites."
                    )
            for citation in answer.citations:
                _show_citation(citation, with_words=len(answer.citations) > 1 or answer.source == "model")
            if answer.suggestions:
                st.markdown("**Near the question**" if answer.action == "handoff" else "**It could be about**")
            for at, suggestion in enumerate(answer.suggestions):
                _show_suggestion(suggestion, at)


def show_earlier(earlier: Sequence[Exchange]) -> None:
    """List the exchanges before the latest, newest first."""
    if not earlier:
        return
    with st.expander(f"Earlier in this conversation ({len(earlier)})"):
        for exchange in reversed(earlier):
            words(escaped(exchange.question), "question")
            words(marked_answer(exchange.answer), "answer")
            value = exchange.answer.confidence
            sure = f" · {label(confidence(exchange.answer.confidence_words, value))}" if value is not None else ""
            st.caption(f"{headline(exchange.answer)}{sure}")


def headline(answer: Answer) -> str:
    """What to do with an answer, in a line. Of several questions, what to do with the most doubtful one."""
    words = UNSEARCHED.get(answer.kind, HEADLINES[answer.action])
    if answer.parts:
        answered = sum(part.action == "answer" for part in answer.parts)
        words += f" ({answered} of {len(answer.parts)} questions answered)"
    return words


def marked_answer(answer: Answer) -> str:
    """The answer as HTML, its [1] as marks of its citations."""
    return with_markers(answer.answer, _numbers(answer))


def place(title: str, heading: Sequence[str]) -> str:
    """Where a passage stands, as one line."""
    return " \u203a ".join([title, *(part for part in heading if part != title)])


def _numbers(answer: Answer) -> set[int]:
    return {citation.number for citation in answer.citations}


def _show_confidence(answer: Answer) -> None:
    if answer.confidence is None:
        return
    meaning = what_confidence_means(answer.confidence)
    is_first = st.session_state.setdefault(_EXPLAINED, answer) == answer
    sure = label(confidence(answer.confidence_words, answer.confidence))
    st.markdown(f"{sure} :gray[({meaning})]" if is_first else sure, help=None if is_first else meaning, width="content")


def _show_citation(citation: Citation, *, with_words: bool) -> None:
    st.button(
        f":blue[{label(f'[{citation.number}] {place(citation.title, citation.heading)}')}]",
        key=f"citation-{citation.number}",
        type="tertiary",
        icon=":material/article:",
        on_click=open_source,
        args=(citation.document, citation.start, citation.end),
    )
    if with_words:  # of a single one, the answer above is the quotation
        words(escaped(citation.text), "quotation")


def _show_suggestion(suggestion: Suggestion, at: int) -> None:
    st.button(
        f":blue[{label(place(suggestion.title, suggestion.heading))}]",
        key=f"suggestion-{at}",
        type="tertiary",
        icon=":material/article:",
        on_click=open_source,
        args=(suggestion.document, suggestion.start, suggestion.end),
    )
