"""The work area of an agent: one question box, the answer below it, the source beside it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from apps.customer_service.dashboard import conversation
from apps.customer_service.dashboard.answer import show_answer, show_earlier
from apps.customer_service.dashboard.conversation import Exchange
from apps.customer_service.dashboard.source import (
    close_source,
    opened_source,
    read_document,
    read_source,
    show_source,
)
from apps.customer_service.schemas.asking import MOST_QUESTION_CHARACTERS
from apps.customer_service.schemas.knowledge import CollectionSummary
from ui.client import ApiProblem, Client
from ui.widgets import empty_place, show_problem, waiting

SAMPLE_DOCUMENT = "articles/card-fees.md"  # in the knowledge base that `trivium demo` loads
EXAMPLES = (
    "How long does a refund take to reach my account?",
    "What does it cost to pay in euros with my card?",
    "My parcel says delivered but it never came",
    "Can I bring my dog into your shop in Lyon?",
)

# The next question can be typed at once, unless the reader is somewhere else on the page. Streamlit fetches the code of
# a field when it first needs it, so the field may come after this script.
_FOCUS = """<script>
(function focus(tries) {
  const box = document.querySelector(".stForm input[type=text]");
  if (!box && tries) setTimeout(focus, 100, tries - 1);
  else if (document.activeElement === document.body) box?.focus();
})(20);
</script>"""

_QUESTION = "support.question"
_SENT = "support.sent"
_ANSWERED = "support.answered"


def show_ask(client: Client, collection: CollectionSummary) -> None:
    """Draw the work area."""
    if not collection.documents:
        _explain_empty(collection.name)
        return
    source = opened_source()
    work, beside = st.columns([6, 5], gap="medium") if source else (st.container(width=880), None)
    with work:
        held = _show_work(client, collection.name)
    if source and beside is not None:
        with beside:
            if (document := read_source(client, collection.name, source)) is not None:
                show_source(document, source, held[-1].answer.citations if held else [])


def _show_work(client: Client, collection: str) -> list[Exchange]:
    """The question box, and below it the conversation, which is returned."""
    try:
        with waiting("Looking in the knowledge base…"):
            held = conversation.exchanges(client, collection)
    except ApiProblem as problem:
        show_problem(problem)
        st.button("Try again", type="primary")
        return []
    _question_box(is_first=not held)
    if question := st.session_state.pop(_SENT, ""):
        _answer(client, collection, held, question)
    if held:
        show_answer(held[-1])
        show_earlier(held[:-1])
    elif not question:
        _explain_start(client, collection)
    st.html(_FOCUS, unsafe_allow_javascript=True)
    return held


def _answer(client: Client, collection: str, held: Sequence[Exchange], question: str) -> None:
    """Ask, then draw the page anew with the answer. A question that fails stays in its box."""
    try:
        with waiting("Looking in the knowledge base…"):
            conversation.ask(client, collection, held, question)
    except ApiProblem as problem:
        show_problem(problem)
    else:
        st.session_state[_ANSWERED] = True
        st.rerun()


def _question_box(*, is_first: bool) -> None:
    if st.session_state.pop(_ANSWERED, False):
        st.session_state[_QUESTION] = ""
    with st.form("support-ask", border=False):
        field, send = st.columns([5, 1], vertical_alignment="bottom")
        field.text_input(
            "Customer's question" if is_first else "Follow-up question",
            key=_QUESTION,
            max_chars=MOST_QUESTION_CHARACTERS,
            autocomplete="off",
        )
        send.form_submit_button("Ask", type="primary", width="stretch", on_click=_send)
    if not is_first:
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption("What was said before is taken into account.", width="content")
            st.button("New conversation", icon=":material/add_comment:", type="tertiary", on_click=_begin)


def _send() -> None:
    if question := st.session_state[_QUESTION].strip():
        st.session_state[_SENT] = question
        close_source()


def _begin() -> None:
    conversation.forget()
    close_source()
    st.session_state[_QUESTION] = ""


def _explain_empty(collection: str) -> None:
    empty_place(
        "The knowledge base is empty.",
        f"Add documents under **Knowledge**, or run `trivium support import PATH --collection {collection}`.",
    )


def _explain_start(client: Client, collection: str) -> None:
    if not _is_sample(client, collection):
        st.caption("Type or paste what the customer asks. The answer comes with its sources; click one to see it.")
        return
    st.caption("Try one of these on the sample knowledge base of Pebblewick, a shop with its own card:")
    with st.container(gap="xsmall"):
        for example in EXAMPLES:
            st.button(example, key=f"support.example.{example}", on_click=_send_example, args=(example,))


def _send_example(question: str) -> None:
    st.session_state[_SENT] = question


def _is_sample(client: Client, collection: str) -> bool:
    try:
        read_document(client, collection, SAMPLE_DOCUMENT)
    except ApiProblem as problem:
        if problem.status == 404:
            return False
        raise
    return True
