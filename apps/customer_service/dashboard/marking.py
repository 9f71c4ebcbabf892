"""Say what a customer's message is about: an example to train on, made in two clicks."""

from __future__ import annotations

import streamlit as st

from apps.customer_service.dashboard import opened_chat
from apps.customer_service.dashboard.opened_chat import Held
from apps.customer_service.schemas.agents import Agent
from apps.customer_service.schemas.desk import DeskEntry, Intent, IntentCounts
from ui.client import ApiProblem, Client
from ui.text import shortened
from ui.widgets import show_problem

OUT_OF_SCOPE = "None of our business"
LONGEST_LINE = 60  # characters of a message in the list


def show_marking(client: Client, me: Agent, opened: Held) -> None:
    """Draw the button, and what opens from it once it is pressed."""
    popover = st.popover("Intent", help="Say what a message is about", key="desk.marking", on_change="rerun")
    if popover.open:
        with popover:
            _show_form(client, me, opened)


def _show_form(client: Client, me: Agent, opened: Held) -> None:
    messages = [entry for entry in opened.entries if _is_customers(entry)]
    if not messages:
        st.caption("The customer has not written anything yet.")
        return
    try:
        known = [one.intent for one in client.get("/v1/support/intents", IntentCounts).items]
    except ApiProblem as problem:
        show_problem(problem)
        return
    with st.form(f"desk-intent-{opened.chat.id}", border=False):
        message = st.selectbox(
            "Message", list(reversed(messages)), format_func=lambda one: shortened(one.text, LONGEST_LINE)
        )
        intent = st.selectbox(
            "is about",
            [*known, OUT_OF_SCOPE],
            index=None,
            accept_new_options=True,
            placeholder="Choose, or type a new one",
        )
        sent = st.form_submit_button("Mark", type="primary")
    if sent and intent:
        label = None if intent == OUT_OF_SCOPE else intent
        path = f"/v1/support/conversations/{opened.chat.id}/entries/{message.number}/intent"
        try:
            client.replace(path, Intent(agent=me.id, intent=label), Intent)
        except ApiProblem as problem:
            show_problem(problem)
            return
        opened_chat.forget()
        st.toast("Marked. It is an example to train on now.", icon=":material/sell:")
        st.rerun()


def _is_customers(entry: DeskEntry) -> bool:
    return (entry.kind, entry.role) == ("message", "customer")
