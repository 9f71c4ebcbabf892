"""The agents' console: my queue, the chat that is open, and what helps to answer it. Opens nothing itself."""

from __future__ import annotations

import streamlit as st

from apps.customer_service.dashboard import opened_chat
from apps.customer_service.dashboard.composer import show_composer
from apps.customer_service.dashboard.helping import show_help
from apps.customer_service.dashboard.my_queue import show_queue
from apps.customer_service.dashboard.opened_chat import Held
from apps.customer_service.dashboard.signing_in import signed_in
from apps.customer_service.dashboard.steps import show_steps
from apps.customer_service.dashboard.transcript import show_transcript
from apps.customer_service.schemas.agents import Agent
from ui.client import ApiProblem, Client
from ui.widgets import empty_place, show_problem, waiting


def show_console(client: Client) -> None:
    """Draw the console for whoever says who it is."""
    me = signed_in(client)
    if me is None:
        return
    queue, work, beside = st.columns([25, 45, 30], gap="small")
    with queue:
        show_queue(client, me)
    chat = opened_chat.chosen()
    with work:
        if said := opened_chat.told():
            st.error(said, icon=":material/error:")
        if not chat:
            _explain_start()
            return
        opened = _show_chat(client, me, chat)
    if opened is not None:
        with beside:
            show_help(client, me, opened)


def _show_chat(client: Client, me: Agent, chat: str) -> Held | None:
    """The chat in the middle. returns: it, where it could be read"""
    try:
        with waiting("Opening the conversation…"):
            opened = opened_chat.read(client, me, chat)
    except ApiProblem as problem:
        show_problem(problem)
        st.button("Close", on_click=opened_chat.close)
        return None
    with st.container(border=True, gap="small", key="desk-chat"):
        show_steps(client, me, opened)
        show_transcript(client, me, opened)
        show_composer(client, me, opened.chat)
    return opened


def _explain_start() -> None:
    empty_place(
        "No conversation is open.",
        "Press **Take next** to take whoever waits longest, or click one on the left to read it first.",
    )
