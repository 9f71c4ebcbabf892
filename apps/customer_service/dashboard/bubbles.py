"""One entry of a chat as its customer sees it: bubbles, sources, choices, thumbs. No text of others is ever markup."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from apps.customer_service.dashboard.markers import with_markers
from apps.customer_service.schemas.conversations import Entry, NewFeedback, State
from ui.client import ApiProblem, Client
from ui.text import label
from ui.widgets import show_problem, words

_WHO = {"customer": ("user", ":material/person:"), "bot": ("assistant", ":material/smart_toy:")}
_AGENT = ("assistant", ":material/support_agent:")
_CHANGES: dict[State, str] = {
    "bot": "The conversation goes on with the desk.",
    "queued": "A person was asked for.",
    "assigned": "A person has joined.",
    "resolved": "The conversation was closed.",
    "reopened": "The conversation was opened again.",
}


def show_entry(
    client: Client, path: str, entry: Entry, *, choices_open: bool, choose: Callable[[Client, str], None]
) -> None:
    """Draw an entry. path: of its conversation;  choices_open: whether what it offers may still be chosen"""
    if entry.kind == "state":
        st.caption(_CHANGES.get(entry.data.get("after", "bot"), ""), text_alignment="center")
        return
    name, avatar = _WHO.get(entry.role, _AGENT)
    with st.chat_message(name, avatar=avatar):
        citations = entry.data.get("citations", [])
        words(with_markers(entry.text, [citation["number"] for citation in citations]), "said")
        if choices_open:
            for offer in entry.data.get("suggestions", []):
                st.button(
                    label(offer["title"]),
                    key=f"choice-{entry.number}-{offer['document']}",
                    on_click=choose,
                    args=(client, offer["document"]),
                )
        _show_sources(citations)
        if entry.role != "customer":
            _show_thumbs(client, path, entry.number)


def _show_sources(citations: list[dict[str, Any]]) -> None:
    titles = list(dict.fromkeys(citation["title"] for citation in citations))
    if titles:
        st.caption("From: " + "; ".join(label(title) for title in titles))


def _show_thumbs(client: Client, path: str, number: int) -> None:
    key = f"thumb-{path}-{number}"
    thumb = st.feedback("thumbs", key=key)
    sent = f"support.{key}.sent"
    if thumb is None or st.session_state.get(sent) == thumb:
        return
    try:
        client.tell(f"{path}/entries/{number}/feedback", NewFeedback(thumb="up" if thumb else "down"))
    except ApiProblem as problem:
        show_problem(problem)
        return
    st.session_state[sent] = thumb
