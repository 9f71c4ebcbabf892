"""Customer chat: a preview of what a customer sees. The address keeps the conversation, so a reload goes on with it.

Opens only conversations that were begun here: whoever sits here must not write in a real customer's name.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import quote

import streamlit as st

from apps.customer_service.dashboard.bubbles import show_entry
from apps.customer_service.schemas.conversations import (
    MOST_COMMENT_CHARACTERS,
    MOST_MESSAGE_CHARACTERS,
    Begun,
    Conversation,
    Entries,
    Entry,
    Exchange,
    NewConversation,
    NewMessage,
    NewRating,
    Nothing,
    State,
)
from apps.customer_service.schemas.knowledge import CollectionSummary
from core.errors import Conflict
from ui.client import ApiProblem, Client
from ui.widgets import empty_place, show_problem, waiting

LOOKS_EVERY_S = 1.5
MOST_SHOWN = 1_000
CHANNEL = "preview"

_CHAT = "preview"  # in the address; the console's is another, so that changing pages opens nobody's chat here
_HELD = "support.chat.entries"
_SENDING = "support.chat.sending"
_PROBLEM = "support.chat.problem"
_STARS = "support.chat.stars"
_WHY = "support.chat.why"
_STANDS: dict[State, str] = {
    "bot": "The desk itself answers.",
    "queued": "A person was asked for and will answer here.",
    "assigned": "A person is answering.",
    "resolved": "This conversation is closed. Write again to open it.",
    "reopened": "The conversation is open again; a person will answer here.",
}


class NotAPreview(Conflict):
    """A conversation with a customer, at the place of a preview."""

    def __init__(self) -> None:
        super().__init__("this conversation is a customer's", remedy="open it in the agent console, or begin a new one")


def show_chat(client: Client, collection: CollectionSummary) -> None:
    """Draw the chat."""
    if not collection.documents:
        empty_place("The knowledge base is empty.", "Add documents under **Knowledge**, then chat about them here.")
        return
    with st.container(width=760):
        st.caption("A preview of what a customer sees: no notes, no scores.")
        _follow(client, collection.name)
    text = st.chat_input("Write as the customer", key="support.chat.box", max_chars=MOST_MESSAGE_CHARACTERS)
    if text and text.strip():
        with waiting("Looking in the knowledge base…"):
            # Not checked here: the API says what it does not take.
            _send(client, collection.name, NewMessage.model_construct(text=text, client_id=secrets.token_hex(8)))
        st.rerun()


@st.fragment(run_every=LOOKS_EVERY_S)
def _follow(client: Client, collection: str) -> None:
    """What was said so far; looks for more every now and then, without drawing the page anew."""
    if problem := st.session_state.pop(_PROBLEM, None):
        show_problem(problem)
        if (unsent := st.session_state.get(_SENDING)) is not None:
            st.button("Send again", type="primary", on_click=_send, args=(client, collection, unsent))
    chat = st.query_params.get(_CHAT)
    if not chat:
        with st.container(border=True, key="support-chat"):
            st.markdown("**Hello! What can we do for you?**")
            st.caption("Write below. The desk answers from the knowledge base, or asks a person to.")
        return
    try:
        entries = _entries(client, chat)
        conversation = _preview(client, chat)
    except (ApiProblem, NotAPreview) as error:
        show_problem(error)
        st.button("Begin a new conversation", type="primary", on_click=_begin_anew)
        return
    with st.container(key="support-chat", gap="small"):
        for entry in entries:
            is_last = entry is entries[-1]
            show_entry(client, _path(chat), entry, choices_open=is_last and conversation.state == "bot", choose=_choose)
        if conversation.pending:
            st.caption(":material/more_horiz: Looking in the knowledge base…")
    _show_foot(client, chat, conversation)


def _show_foot(client: Client, chat: str, conversation: Conversation) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(_STANDS[conversation.state], width="content")
        with st.container(horizontal=True, width="content"):
            if conversation.state in {"bot", "resolved"}:
                st.button(
                    "Talk to a person",
                    icon=":material/support_agent:",
                    key="support.chat.human",
                    on_click=_want_human,
                    args=(client, chat),
                )
            st.button("New conversation", icon=":material/add_comment:", type="tertiary", on_click=_begin_anew)
    if conversation.last_number:
        _show_rating(client, chat, conversation)


def _show_rating(client: Client, chat: str, conversation: Conversation) -> None:
    if conversation.rating is not None:
        st.caption(f"You rated this conversation {conversation.rating} of 5. Thank you.")
        return
    with st.expander("Rate this conversation", expanded=conversation.state == "resolved"):
        stars = st.feedback("stars", key=f"{_STARS}.{chat}")
        st.text_input("Anything to add? (optional)", key=f"{_WHY}.{chat}", max_chars=MOST_COMMENT_CHARACTERS)
        st.button("Send rating", disabled=stars is None, key="support.chat.rate", on_click=_rate, args=(client, chat))


def _rate(client: Client, chat: str) -> None:
    stars, why = st.session_state[f"{_STARS}.{chat}"], st.session_state[f"{_WHY}.{chat}"]
    if stars is not None:
        rating = NewRating(score=stars + 1, comment=why or None)
        _attempt(lambda: client.post(f"{_path(chat)}/rating", rating, Conversation))


def _preview(client: Client, chat: str) -> Conversation:
    """raises: ApiProblem, NotAPreview"""
    conversation = client.get(_path(chat), Conversation, view="customer")
    if conversation.channel != CHANNEL:
        raise NotAPreview
    return conversation


def _entries(client: Client, chat: str) -> list[Entry]:
    """All entries; only what is new is asked for.

    raises: ApiProblem
    """
    held_chat, held = st.session_state.get(_HELD, ("", []))
    if held_chat != chat:
        held = []
    while True:
        after = held[-1].number if held else 0
        page = client.get(f"{_path(chat)}/entries", Entries, view="customer", after=after)
        held = [*held, *page.items]
        if not page.more:
            st.session_state[_HELD] = (chat, held[-MOST_SHOWN:])
            return held


def _send(client: Client, collection: str, message: NewMessage) -> None:
    """Send; what fails can be sent again, and counts once if it had come through after all."""
    st.session_state[_SENDING] = message

    def step() -> None:
        chat = st.query_params.get(_CHAT)
        if chat:
            _preview(client, chat)
        else:
            new = NewConversation(collection=collection, channel=CHANNEL)
            chat = client.post("/v1/support/conversations", new, Begun).conversation.id
            st.query_params[_CHAT] = chat
        client.post(f"{_path(chat)}/messages", message, Exchange)
        del st.session_state[_SENDING]

    _attempt(step)


def _choose(client: Client, document: str) -> None:
    _send(client, "", NewMessage(choice=document, client_id=secrets.token_hex(8)))


def _want_human(client: Client, chat: str) -> None:
    _attempt(lambda: client.post(f"{_path(chat)}/handoff", Nothing(), Conversation))


def _attempt(step: Callable[[], object]) -> None:
    """What goes wrong is shown at the next drawing."""
    try:
        step()
    except (ApiProblem, NotAPreview) as problem:
        st.session_state[_PROBLEM] = problem


def _begin_anew() -> None:
    for name in (_HELD, _SENDING, _PROBLEM):
        st.session_state.pop(name, None)
    st.query_params.pop(_CHAT, None)


def _path(chat: str) -> str:
    return f"/v1/support/conversations/{quote(chat, safe='')}"
