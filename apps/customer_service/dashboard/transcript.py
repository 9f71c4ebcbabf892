"""What was said in the open chat, live: news appear by themselves, and nothing that is typed beside it is lost."""

from __future__ import annotations

import streamlit as st

from apps.customer_service.dashboard import opened_chat
from apps.customer_service.dashboard.opened_chat import Held
from apps.customer_service.schemas.agents import Agent
from apps.customer_service.schemas.desk import DeskEntry
from ui.client import ApiProblem, Client
from ui.moments import moment
from ui.text import escaped
from ui.widgets import show_problem

LOOKED_AT_EVERY_S = 2
REASONS = {
    "asked_for": "the customer asked for a person",
    "not_answered": "the desk had no answer",
    "unclear": "the desk did not understand",
    "failed": "the desk could not answer",
    "agent_silent": "the agent did not answer any more",
    "stepped_in": "an agent stepped in",
    "wrote_again": "the customer wrote again",
    "answered": "answered",
    "not_reproducible": "could not be reproduced",
    "duplicate": "duplicate",
    "spam": "spam",
    "no_reply": "the customer did not reply",
    "other": "another reason",
    "unknown": "not known",
}


def show_transcript(client: Client, me: Agent, opened: Held) -> None:
    """Draw it."""
    with st.container(height=300, border=False, autoscroll=True, key="desk-transcript"):
        _live(client, me, opened.chat.id, opened.drawn)


@st.fragment(run_every=LOOKED_AT_EVERY_S)
def _live(client: Client, me: Agent, chat: str, drawn: tuple[str, str | None]) -> None:
    try:
        held = opened_chat.latest(client, me, chat)
    except ApiProblem as problem:
        show_problem(problem)
        return
    if held.drawn != drawn:  # a colleague took it, or it was closed: the buttons around it must change, too
        st.rerun(scope="app")
    if not held.entries:
        st.caption("Nothing was said yet.")
    st.html(transcript(held.entries, me.id, opened_chat.who(held.chat), st.context.timezone))


def transcript(entries: list[DeskEntry], me: str, customer: str, timezone: str | None) -> str:
    """All entries as HTML. timezone: the browser's"""
    return (
        '<div class="transcript" role="log" aria-label="Conversation">'
        + "".join(_entry(entry, me, customer, timezone) for entry in entries)
        + "</div>"
    )


def _entry(entry: DeskEntry, me: str, customer: str, timezone: str | None) -> str:
    local, utc = moment(entry.created_at, timezone)
    when = f'<time title="{escaped(utc)}">{escaped(local.rsplit(", ", 1)[-1])}</time>'
    if entry.kind == "state":
        return f'<p class="happened">{escaped(happened(entry, customer))} {when}</p>'
    who = {"customer": customer, "bot": "Desk", "system": "Desk"}.get(entry.role, entry.author_name or "Agent")
    if entry.kind == "note":
        who += " · note, the customer does not see it"
    mark = ""
    if entry.is_marked:
        mark = f' <span class="intent">{escaped(entry.intent or "none of our business")}</span>'
    side = "note" if entry.kind == "note" else "theirs" if entry.role == "customer" else "ours"
    mine = " mine" if entry.author == me else ""
    return (
        f'<div class="turn {side}{mine}"><p class="by">{escaped(who)} {when}{mark}</p>'
        f"<p>{escaped(entry.text)}</p></div>"
    )


def happened(entry: DeskEntry, customer: str) -> str:
    """A change of state in a sentence without a full stop."""
    data, by = entry.data, entry.author_name or "The desk"
    reason = REASONS.get(str(data.get("reason", "")), "")
    because = f": {reason}" if reason else ""
    if data.get("step") == "transfer":
        return f"{by} passed it on to {data.get('queue')}"
    if data.get("before") == "resolved":
        return f"{by if entry.author else customer} opened it again"
    after = data.get("after")
    if after == "assigned":
        to = data.get("agent")
        return f"{by} took it" if to in (None, entry.author) else f"{by} passed it on to {to}"
    if after == "resolved":
        return f"{by} closed it{because}"
    if data.get("before") == "assigned":
        return f"{by} gave it back{because}" if entry.author else f"It went back to the queue{because}"
    if data.get("reason") == "asked_for":
        return f"{customer} asked for a person"
    return f"{customer} waits for a person{because}"
