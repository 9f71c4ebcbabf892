"""Where an agent writes: a message to the customer or a note to colleagues. What is typed stays until it is sent."""

from __future__ import annotations

import secrets

import streamlit as st

from apps.customer_service.dashboard import opened_chat
from apps.customer_service.schemas.agents import Agent
from apps.customer_service.schemas.conversations import MOST_MESSAGE_CHARACTERS
from apps.customer_service.schemas.desk import DeskChat, DeskEntry, Draft, NewDraft, NewNote, Reply
from ui.client import ApiProblem, Client
from ui.text import plain, prose

REPLY, NOTE = "Reply", "Note"
DRAFT_SENT = "draft-sent"  # as the API names the problem


def show_composer(client: Client, me: Agent, chat: DeskChat) -> None:
    """Draw the field and its buttons."""
    mine = chat.state == "assigned" and chat.agent == me.id
    kinds = [REPLY, NOTE] if mine else [NOTE]
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        kind = st.segmented_control(
            "What to write",
            kinds,
            default=kinds[0],
            required=True,
            key=f"desk.kind.{chat.id}.{mine}",
            label_visibility="collapsed",
        )
        st.caption(_explained(kind, chat, me))
    box = box_of(chat.id) if kind == REPLY else f"desk.note.{chat.id}"
    st.text_area(
        "Your message to the customer" if kind == REPLY else "Your note to colleagues",
        key=box,
        height=104,
        max_chars=MOST_MESSAGE_CHARACTERS,
        on_change="ignore",
        persist_state="session",
        label_visibility="collapsed",
    )
    with st.container(horizontal=True, gap="small", key="desk-write"):
        st.button(
            "Send" if kind == REPLY else "Keep note",
            type="primary",
            icon=":material/send:" if kind == REPLY else ":material/sticky_note_2:",
            shortcut="Ctrl+Enter",
            on_click=_send if kind == REPLY else _keep_note,
            args=(client, me, chat.id),
        )
        if kind == REPLY:
            st.button(
                "Draft an answer",
                icon=":material/edit_note:",
                shortcut="Alt+D",
                on_click=make_draft,
                args=(client, me, chat.id),
            )


def box_of(chat: str) -> str:
    """Where the text of a reply is kept."""
    return f"desk.reply.{chat}"


def insert(chat: str, text: str) -> None:
    """Put text behind what is written already."""
    written = str(st.session_state.get(box_of(chat)) or "").rstrip()
    st.session_state[box_of(chat)] = f"{written}\n\n{text}" if written else text


def draft_of(chat: str) -> Draft | None:
    """The draft that was asked for last."""
    draft: Draft | None = st.session_state.get(f"desk.draft.{chat}")
    return draft


def make_draft(client: Client, me: Agent, chat: str) -> None:
    """Ask for a draft; where nothing is written yet, it stands in the field at once."""
    try:
        draft = client.post(f"/v1/support/conversations/{chat}/draft", NewDraft(agent=me.id), Draft)
    except ApiProblem as problem:
        opened_chat.tell(prose(str(problem)))
        return
    st.session_state[f"desk.draft.{chat}"] = draft
    st.session_state["help"] = "Draft"
    if draft.text and not str(st.session_state.get(box_of(chat)) or "").strip():
        use_draft(chat, draft)


def use_draft(chat: str, draft: Draft) -> None:
    """Put a draft into the field, to be edited; how far it was edited is kept when it is sent."""
    insert(chat, draft.text)
    st.session_state[f"desk.used.{chat}"] = draft.id


def _send(client: Client, me: Agent, chat: str) -> None:
    text = str(st.session_state.get(box_of(chat)) or "").strip()
    if not text:
        opened_chat.tell("There is nothing to send: write a message first.")
        return
    # The same for the same words, so that a second press, or another try after a lost answer, sends nothing twice.
    tried: dict[str, str] = st.session_state.setdefault(f"desk.client_ids.{chat}", {})
    client_id = tried.setdefault(text, secrets.token_hex(12))
    used = st.session_state.get(f"desk.used.{chat}")
    # Not checked here: the API says what it does not take.
    said = Reply.model_construct(agent=me.id, text=text, client_id=client_id, draft_id=used)
    try:
        client.post(f"/v1/support/conversations/{chat}/reply", said, DeskEntry)
    except ApiProblem as problem:
        if problem.name == DRAFT_SENT:  # by a try whose answer was lost; other words go without it
            st.session_state.pop(f"desk.used.{chat}", None)
        opened_chat.tell(prose(str(problem)))
        return
    st.session_state[box_of(chat)] = ""
    for name in ("client_ids", "used", "draft"):
        st.session_state.pop(f"desk.{name}.{chat}", None)


def _keep_note(client: Client, me: Agent, chat: str) -> None:
    box = f"desk.note.{chat}"
    text = str(st.session_state.get(box) or "").strip()
    if not text:
        opened_chat.tell("There is nothing to keep: write a note first.")
        return
    try:
        client.post(
            f"/v1/support/conversations/{chat}/notes", NewNote.model_construct(agent=me.id, text=text), DeskEntry
        )
    except ApiProblem as problem:
        opened_chat.tell(prose(str(problem)))
        return
    st.session_state[box] = ""


def _explained(kind: str | None, chat: DeskChat, me: Agent) -> str:
    if kind == REPLY:
        return f"{plain(opened_chat.who(chat))} reads this."
    if chat.state == "resolved":
        return "Only colleagues read this; open it again to reply."
    if chat.state == "assigned" and chat.agent != me.id:
        return f"Only colleagues read this; {plain(chat.agent_name or '')} answers."
    return "Only colleagues read this."
