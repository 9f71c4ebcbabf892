"""The line above a chat: whose it is, and what can be done with it as a whole."""

from __future__ import annotations

import streamlit as st
from pydantic import BaseModel

from apps.customer_service.dashboard import opened_chat
from apps.customer_service.dashboard.marking import show_marking
from apps.customer_service.dashboard.opened_chat import Held
from apps.customer_service.dashboard.transcript import REASONS
from apps.customer_service.schemas.agents import Agent, AgentList
from apps.customer_service.schemas.desk import Assign, DeskChat, Release, Reopen, Resolution, Resolve, Transfer
from apps.customer_service.schemas.queues import QueueList
from ui.client import ApiProblem, Client
from ui.text import escaped, prose
from ui.widgets import words

RESOLUTIONS: tuple[Resolution, ...] = ("answered", "not_reproducible", "duplicate", "spam", "no_reply", "other")
STATES = {
    "bot": "the desk itself answers",
    "queued": "waits for a person",
    "reopened": "opened again, waits for a person",
    "resolved": "closed",
}


def show_steps(client: Client, me: Agent, opened: Held) -> None:
    """Draw it."""
    chat = opened.chat
    mine = chat.state == "assigned" and chat.agent == me.id
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall", key="desk-steps"):
        words(f"<b>{escaped(opened_chat.who(chat))}</b> <span>{escaped(state_line(chat, me.id))}</span>", "chat-title")
        if chat.state in ("bot", "queued", "reopened"):
            st.button(
                "Take",
                type="primary",
                shortcut="Alt+T",
                on_click=_step,
                args=(client, chat, "assign", Assign(agent=me.id)),
            )
        if chat.state == "resolved":
            st.button(
                "Open again",
                icon=":material/undo:",
                on_click=_step,
                args=(client, chat, "reopen", Reopen(agent=me.id)),
            )
        if mine:
            passing_on = st.popover("Pass on", key="desk.passing_on", on_change="rerun")
            if passing_on.open:
                with passing_on:
                    _show_passing_on(client, me, chat)
        if mine or chat.state in ("queued", "reopened"):
            with st.popover("Close"):
                _show_closing(client, me, chat)
        show_marking(client, me, opened)


def state_line(chat: DeskChat, me: str) -> str:
    """Whose the chat is, in words."""
    if chat.state == "assigned":
        return "with you" if chat.agent == me else f"with {chat.agent_name}"
    return STATES[chat.state]


def _show_passing_on(client: Client, me: Agent, chat: DeskChat) -> None:
    try:
        queues = client.get("/v1/support/queues", QueueList).items
        team = client.get("/v1/support/agents", AgentList).items
    except ApiProblem as problem:
        st.error(prose(str(problem)))
        return
    colleagues = [one for one in team if one.id != me.id and one.is_there and one.status == "online"]
    places = {f"queue {queue.title}": ("queue", queue.name) for queue in queues}
    places |= {one.name: ("to", one.id) for one in colleagues}
    with st.form(f"desk-pass-{chat.id}", border=False):
        place = st.selectbox("To", list(places))
        note = st.text_area("What they should know", height=80)
        if st.form_submit_button("Pass on", type="primary"):
            kind, name = places[place]
            queue, to = (name, None) if kind == "queue" else (None, name)
            _step(client, chat, "transfer", Transfer.model_construct(agent=me.id, queue=queue, to=to, note=note))
            st.rerun()
    st.button(
        "Give it back to its queue",
        type="tertiary",
        on_click=_step,
        args=(client, chat, "release", Release(agent=me.id)),
    )


def _show_closing(client: Client, me: Agent, chat: DeskChat) -> None:
    with st.form(f"desk-close-{chat.id}", border=False):
        reason = st.selectbox("Why", RESOLUTIONS, format_func=lambda one: REASONS[one].capitalize())
        note = st.text_area("Note for colleagues (optional)", height=80)
        if st.form_submit_button("Close the conversation", type="primary"):
            _step(client, chat, "resolve", Resolve.model_construct(agent=me.id, reason=reason, note=note))
            st.rerun()


def _step(client: Client, chat: DeskChat, step: str, body: BaseModel) -> None:
    try:
        client.post(f"/v1/support/conversations/{chat.id}/{step}", body, DeskChat)
    except ApiProblem as problem:
        opened_chat.tell(prose(str(problem)))
