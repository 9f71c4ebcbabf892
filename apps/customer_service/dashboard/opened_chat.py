"""The chat that is open: the address says which; the session keeps what was read, so that only news is fetched."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from apps.customer_service.schemas.agents import Agent
from apps.customer_service.schemas.desk import DeskChat, DeskEntry, Opened
from ui.client import Client

ADDRESS = "chat"
_HELD = "desk.held"
_JUST_READ = "desk.just_read"
_TOLD = "desk.told"


@dataclass
class Held:
    """A chat as it was read last. drawn: state and agent as the steps around it show them"""

    chat: DeskChat
    entries: list[DeskEntry] = field(default_factory=list)

    @property
    def drawn(self) -> tuple[str, str | None]:
        """What decides on the buttons."""
        return self.chat.state, self.chat.agent


def chosen() -> str | None:
    """Which chat is open."""
    return st.query_params.get(ADDRESS) or None


def open_chat(chat: str) -> None:
    """Open this chat."""
    st.query_params[ADDRESS] = chat


def close() -> None:
    """Open none."""
    st.query_params.pop(ADDRESS, None)


def read(client: Client, me: Agent, chat: str) -> Held:
    """The chat with all that happened in it; only what is new is fetched. raises: ApiProblem"""
    held = _held(chat)
    known = held.entries if held is not None else []
    after = known[-1].number if known else 0
    opened = client.get(f"/v1/support/desk/{chat}", Opened, after=after, agent=me.id)
    now = Held(opened.chat, [*known, *opened.entries])
    st.session_state[_HELD] = now
    st.session_state[_JUST_READ] = chat
    return now


def latest(client: Client, me: Agent, chat: str) -> Held:
    """The same within the drawing that has just read it; a part that is drawn by itself reads anew.

    raises: ApiProblem
    """
    held = _held(chat)
    if held is not None and st.session_state.pop(_JUST_READ, None) == chat:
        return held
    now = read(client, me, chat)
    del st.session_state[_JUST_READ]
    return now


def _held(chat: str) -> Held | None:
    held: Held | None = st.session_state.get(_HELD)
    return held if held is not None and held.chat.id == chat else None


def forget() -> None:
    """Read it anew from its beginning, since something in it was changed."""
    st.session_state.pop(_HELD, None)


def tell(problem: str) -> None:
    """Say above the chat, when it is drawn next, what went wrong."""
    st.session_state[_TOLD] = problem


def told() -> str:
    """What is to be said, once."""
    return str(st.session_state.pop(_TOLD, ""))


def who(chat: DeskChat) -> str:
    """The customer, in a few words."""
    return chat.customer_name or "Visitor"
