"""The right side: what helps to answer. The draft with its sources, canned replies, the knowledge, the customer."""

from __future__ import annotations

import streamlit as st

from apps.customer_service.dashboard import opened_chat
from apps.customer_service.dashboard.answer import place
from apps.customer_service.dashboard.composer import draft_of, insert, make_draft, use_draft
from apps.customer_service.dashboard.opened_chat import Held
from apps.customer_service.dashboard.steps import STATES
from apps.customer_service.schemas.agents import Agent
from apps.customer_service.schemas.asking import MOST_QUESTION_CHARACTERS, SearchHits, SearchQuery
from apps.customer_service.schemas.canned import CannedReplyList, Fill, Filled
from apps.customer_service.schemas.desk import DeskChat, EarlierChats
from ui.client import ApiProblem, Client
from ui.moments import moment
from ui.text import escaped, label, prose, shortened
from ui.widgets import confidence, empty_place, show_problem, waiting, what_confidence_means, words

DRAFT, REPLIES, KNOWLEDGE, CUSTOMER = "Draft", "Replies", "Knowledge", "Customer"
FOUND = 5  # passages, and canned replies
LONGEST_REPLY = 160  # characters of a canned reply in the list

_ACTIONS = {
    "answer": "The knowledge base answers this.",
    "clarify": "It may be about several things: ask which.",
    "handoff": "The knowledge base does not answer this. These are near:",
}


def show_help(client: Client, me: Agent, held: Held) -> None:
    """Draw it."""
    with st.container(key="desk-side"):
        side = st.segmented_control(
            "Help",
            [DRAFT, REPLIES, KNOWLEDGE, CUSTOMER],
            default=DRAFT,
            required=True,
            key="help",
            bind="query-params",
            label_visibility="collapsed",
        )
    with st.container(height=400, border=False, gap="small", key="desk-help"):
        _show_side(client, me, held, str(side))


def _show_side(client: Client, me: Agent, held: Held, side: str) -> None:
    chat = held.chat.id
    can_write = held.chat.state == "assigned" and held.chat.agent == me.id
    try:
        if side == REPLIES:
            _show_replies(client, me, chat, can_write=can_write)
        elif side == KNOWLEDGE:
            _show_knowledge(client, held.chat, can_write=can_write)
        elif side == CUSTOMER:
            _show_customer(client, held)
        else:
            _show_draft(client, me, chat, can_write=can_write)
    except ApiProblem as problem:
        show_problem(problem)


def _show_draft(client: Client, me: Agent, chat: str, *, can_write: bool) -> None:
    draft = draft_of(chat)
    if draft is None:
        empty_place(
            "No draft yet.",
            "**Draft an answer** proposes one in the words of your documents. You edit it and send it."
            if can_write
            else "Take the conversation to have an answer drafted.",
        )
        return
    st.markdown(f"**{_ACTIONS[draft.action]}**")
    if draft.citations:
        sure = label(confidence(draft.confidence_words, draft.confidence))
        st.caption(sure, help=what_confidence_means(draft.confidence))
        for citation in draft.citations:
            words(f"<b>{escaped(place(citation.title, citation.heading))}</b>", "stamp")
            words(escaped(citation.text), "quotation")
        if can_write:
            st.button("Insert", icon=":material/add:", on_click=use_draft, args=(chat, draft))
    for suggestion in draft.suggestions:
        words(escaped(place(suggestion.title, suggestion.heading)), "stamp")
    if draft.internal:
        st.caption(":material/lock: For you only, not for customers:")
        for suggestion in draft.internal:
            words(escaped(place(suggestion.title, suggestion.heading)), "stamp")
    if can_write and not draft.citations:
        st.button("Try again", on_click=make_draft, args=(client, me, chat), type="tertiary")


def _show_replies(client: Client, me: Agent, chat: str, *, can_write: bool) -> None:
    asked = st.text_input("Find a canned reply", key="desk.canned", icon=":material/search:")
    found = client.get("/v1/support/canned-replies", CannedReplyList, q=asked.strip(), limit=FOUND).items
    if not found and asked.strip():
        empty_place("No canned reply has these words.", "Try others, or clear the field to see all.")
    elif not found:
        empty_place(
            "There are no canned replies yet.",
            "A team lead adds them with `PUT /v1/support/canned-replies/NAME`; see the guide for agents.",
        )
    for reply in found:
        st.button(
            label(reply.title, most=40),
            key=f"desk.canned.{reply.name}",
            type="tertiary",
            icon=":material/add:",
            help="Insert it" if can_write else "Take the conversation to insert it",
            disabled=not can_write,
            on_click=_insert_canned,
            args=(client, me, chat, reply.name),
        )
        words(escaped(shortened(reply.text, LONGEST_REPLY)), "quotation")


def _insert_canned(client: Client, me: Agent, chat: str, name: str) -> None:
    try:
        filled = client.post(f"/v1/support/canned-replies/{name}/fill", Fill(agent=me.id, conversation=chat), Filled)
    except ApiProblem as problem:
        opened_chat.tell(prose(str(problem)))
        return
    insert(chat, filled.text)
    if filled.missing:
        gaps = ", ".join("`{{" + variable + "}}`" for variable in filled.missing)
        st.toast(f"Write what belongs at {gaps} before you send it.", icon=":material/edit:")


def _show_knowledge(client: Client, chat: DeskChat, *, can_write: bool) -> None:
    asked = st.text_input("Search the knowledge", key="desk.search", icon=":material/search:").strip()
    if not asked:
        st.caption("Type what you look for. What you find can be put into your reply.")
        return
    query = SearchQuery(
        query=asked[:MOST_QUESTION_CHARACTERS], collection=chat.collection, k=FOUND, audience="internal"
    )
    with waiting("Looking in the knowledge base…"):
        hits = client.post("/v1/support/search", query, SearchHits).hits
    if not hits:
        empty_place("Nothing is near these words.", "Try others.")
    for hit in hits:
        internal = hit.metadata.get("audience") == "internal"
        words(f"<b>{escaped(place(hit.title, hit.heading))}</b>", "stamp")
        words(escaped(hit.text), "quotation")
        if internal:
            st.caption(":material/lock: For you only, not for customers.")
        elif can_write:
            st.button(
                "Insert",
                key=f"desk.hit.{hit.id}",
                icon=":material/add:",
                type="tertiary",
                on_click=insert,
                args=(chat.id, hit.text),
            )


def _show_customer(client: Client, held: Held) -> None:
    chat = held.chat
    began, utc = moment(chat.created_at, st.context.timezone)
    words(
        f"<b>{escaped(opened_chat.who(chat))}</b><br>{escaped(chat.customer)}<br>"
        f"writes by {escaped(chat.channel)}, language {escaped(chat.language)}<br>"
        f'since <time title="{escaped(utc)}">{escaped(began)}</time>',
        "facts",
    )
    earlier = client.get(f"/v1/support/desk/{chat.id}/earlier", EarlierChats).items
    st.markdown(f"**Earlier conversations** ({len(earlier)})")
    if not earlier:
        st.caption("This is the first one.")
    for one in earlier:
        local, _ = moment(one.created_at, st.context.timezone)
        if st.button(label(local), key=f"desk.earlier.{one.id}", type="tertiary", icon=":material/history:"):
            opened_chat.open_chat(one.id)
            st.rerun()
        state = STATES.get(one.state, f"with {one.agent_name}")
        words(f"{escaped(state)}<br>{escaped(one.last_words)}", "quotation")
