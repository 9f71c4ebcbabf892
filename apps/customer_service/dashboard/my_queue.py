"""The left side: who I am, who waits, whom I have. Keeps itself up to date, and says that somebody sits here."""

from __future__ import annotations

import time

import streamlit as st

from apps.customer_service.dashboard import opened_chat
from apps.customer_service.dashboard.signing_in import change, sign_off
from apps.customer_service.schemas.agents import Agent, Status
from apps.customer_service.schemas.conversations import Nothing
from apps.customer_service.schemas.desk import DeskChat, MyQueue, Taken, TakeNext
from ui.client import ApiProblem, Client
from ui.moments import duration
from ui.text import label, plain
from ui.widgets import show_problem

LOOKED_AT_EVERY_S = 2
HEARD_OF_EVERY_S = 20.0
MOST_SHOWN = 12
STATUS: dict[Status, str] = {"online": "Online", "away": "Away", "offline": "Signed off"}

_BEAT = "desk.beat"


def show_queue(client: Client, me: Agent) -> None:
    """Draw it."""
    _show_me(client, me)
    _live_queue(client, me)


def _show_me(client: Client, me: Agent) -> None:
    sign = ":material/check_circle:" if me.status == "online" else ":material/do_not_disturb_on:"
    with st.popover(f"{label(me.name, most=24)} · {STATUS[me.status]}", icon=sign, width="stretch"):
        with st.form("desk-me", border=False):
            status = st.radio("I am", list(STATUS), index=list(STATUS).index(me.status), format_func=STATUS.__getitem__)
            most = st.number_input("Conversations at once, at most", 1, 100, me.most_chats)
            skills = st.text_input(
                "Skills, with commas between them", ", ".join(me.skills), help="As your queues name them."
            )
            if st.form_submit_button("Save", type="primary"):
                words = [word.strip().lower().replace(" ", "-") for word in skills.split(",") if word.strip()]
                try:
                    change(client, me, status=status, most_chats=most, skills=words)
                except (ApiProblem, ValueError) as problem:
                    _say(problem)
                else:
                    st.rerun()
        st.button("Somebody else sits here", on_click=sign_off, type="tertiary", icon=":material/switch_account:")


def _say(problem: ApiProblem | ValueError) -> None:
    if isinstance(problem, ApiProblem):
        show_problem(problem)
    else:
        st.error("A skill has letters, digits, dots and hyphens only.", icon=":material/error:")


@st.fragment(run_every=LOOKED_AT_EVERY_S)
def _live_queue(client: Client, me: Agent) -> None:
    try:
        _send_beat(client, me)
        mine = client.get("/v1/support/queue", MyQueue, agent=me.id)
    except ApiProblem as problem:
        show_problem(problem)
        return
    with st.container(height=400, border=False, gap="small", key="desk-queue"):
        is_open = opened_chat.chosen() is not None
        if st.button(
            "Take next",
            type="secondary" if is_open else "primary",
            icon=":material/person_add:",
            shortcut="Alt+N",
            width="stretch",
            disabled=not mine.waiting,
        ):
            _take_next(client, me)
        st.markdown(f"**Mine** ({len(mine.mine)} of at most {mine.most_chats})")
        if not mine.mine:
            st.caption("You have none. Take one from below.")
        for chat in mine.mine:
            _show_row(chat)
        st.markdown(f"**Waiting** ({mine.waiting_count})")
        if not mine.waiting:
            st.caption(
                "Nobody waits. Customers who ask for a person appear here by themselves. To see it, write something "
                "under **Customer chat**, press **Talk to a person** there and come back."
            )
        for chat in mine.waiting[:MOST_SHOWN]:
            _show_row(chat)
        if mine.waiting_count > MOST_SHOWN:
            st.caption(f"and {mine.waiting_count - MOST_SHOWN} more")


def _send_beat(client: Client, me: Agent) -> None:
    now = time.monotonic()
    if now - st.session_state.get(_BEAT, float("-inf")) >= HEARD_OF_EVERY_S:
        client.post(f"/v1/support/agents/{me.id}/heartbeat", Nothing(), Agent)
        st.session_state[_BEAT] = now


def _take_next(client: Client, me: Agent) -> None:
    try:
        taken = client.post("/v1/support/queue/take-next", TakeNext(agent=me.id), Taken).chat
    except ApiProblem as problem:
        show_problem(problem)
        return
    if taken is None:
        st.info("Nobody waits for you any more: a colleague was faster.")
        return
    opened_chat.open_chat(taken.id)
    st.rerun(scope="app")


def _show_row(chat: DeskChat) -> None:
    is_open = chat.id == opened_chat.chosen()
    with st.container(gap=None):
        if st.button(
            f"**{label(opened_chat.who(chat), most=26)}**",
            key=f"desk.row.{chat.id}",
            type="tertiary",
            icon=":material/mark_chat_read:" if is_open else ":material/chat_bubble:",
            help=plain(f"Open · {chat.channel} · {chat.queue or 'no queue'}"),
        ):
            opened_chat.open_chat(chat.id)
            st.rerun(scope="app")
        st.caption(row_line(chat))


def row_line(chat: DeskChat) -> str:
    """How long the customer waits, and the last words."""
    marks = []
    if chat.waiting_s is not None:
        marks.append(f":material/schedule: **{duration(chat.waiting_s)}**")
    else:
        marks.append("answered")
    if chat.is_late:
        marks.append(":orange-badge[late]")
    if chat.priority > 0:
        marks.append(f"priority {chat.priority}")
    if chat.had_before and chat.state != "assigned":
        marks.append("yours before")
    words = label(chat.last_words, most=56) or "no message yet"
    return " · ".join(marks) + f"  \n{words}"
