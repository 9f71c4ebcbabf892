"""Which agent sits here: chosen once, kept in the session and in the address, so that a reload knows it."""

from __future__ import annotations

import re
import unicodedata

import streamlit as st

from apps.customer_service.dashboard import opened_chat
from apps.customer_service.schemas.agents import Agent, AgentEdit, AgentList
from ui.client import ApiProblem, Client
from ui.text import plain
from ui.widgets import show_problem

ADDRESS = "agent"
_CHOSEN = "desk.name"


def signed_in(client: Client) -> Agent | None:
    """The agent; the form that asks for one, where nobody has said so yet."""
    if agent := st.query_params.get(ADDRESS):
        try:
            return client.get(f"/v1/support/agents/{agent_id(agent)}", Agent)
        except ApiProblem as problem:
            if problem.status != 404:
                show_problem(problem)
                return None
    try:
        known = client.get("/v1/support/agents", AgentList).items
    except ApiProblem as problem:
        show_problem(problem)
        return None
    _ask_for_name(client, known)
    return None


def change(client: Client, me: Agent, **changes: object) -> Agent:
    """Change what is said of an agent. raises: ApiProblem"""
    said = {name: getattr(me, name) for name in ("name", "skills", "most_chats", "status")}
    return client.replace(f"/v1/support/agents/{me.id}", AgentEdit.model_validate({**said, **changes}), Agent)


def sign_off() -> None:
    """Ask who sits here again."""
    st.query_params.pop(ADDRESS, None)
    opened_chat.close()


def agent_id(name: str) -> str:
    """A name as an id.

    >>> agent_id("Zoë O'Hara"), agent_id("ada@example.org")
    ('zoe-o-hara', 'ada@example.org')
    """
    ascii_letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_.@]+", "-", ascii_letters).strip("-._@")[:80]


def _ask_for_name(client: Client, known: list[Agent]) -> None:
    names = {agent.name: agent for agent in known}
    with st.container(width=560), st.form("desk-sign-in"):
        st.markdown("**Who are you?** Customers and colleagues see this name.")
        name = st.selectbox(
            "Your name",
            list(names),
            index=None,
            key=_CHOSEN,
            placeholder="Choose your name, or type a new one",
            accept_new_options=True,
        )
        sent = st.form_submit_button("Begin", type="primary")
    if not sent:
        return
    if not name or not agent_id(name):
        st.warning("Type your name first: at least one letter or digit.")
        return
    try:
        if name in names:
            me = change(client, names[name], status="online")
        else:
            me = client.replace(f"/v1/support/agents/{agent_id(name)}", AgentEdit(name=name), Agent)
    except ApiProblem as problem:
        show_problem(problem)
        return
    st.query_params[ADDRESS] = me.id
    st.toast(f"You are online, {plain(me.name)}.", icon=":material/check_circle:")
    st.rerun()
