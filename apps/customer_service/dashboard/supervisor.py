"""Supervisor: how the desk does, the chats behind each figure, what it could not answer, and answering that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import altair as alt
import streamlit as st

from apps.customer_service.dashboard.figures import Shown, percent, shown
from apps.customer_service.dashboard.gaps import show_gaps
from apps.customer_service.dashboard.opened_chat import who
from apps.customer_service.dashboard.proposals import show_proposals
from apps.customer_service.dashboard.transcript import REASONS, transcript
from apps.customer_service.schemas.conversations import ConversationDetail
from apps.customer_service.schemas.desk import Opened
from apps.customer_service.schemas.insights import Reason, Summary
from apps.customer_service.schemas.knowledge import CollectionSummary
from core.paging import Page
from ui.client import ApiProblem, Client
from ui.moments import duration, moment
from ui.widgets import empty_place, show_problem, waiting

PERIODS = {"7 days": 7, "28 days": 28, "90 days": 90}
IN_A_ROW = 4
PAGE_SIZE = 10
MOST_ENTRIES = 200

_FIGURE, _CHAT = "figure", "behind"  # in the address
_CURSORS = "support.insights.cursors"


def show_supervisor(client: Client, collection: CollectionSummary) -> None:
    """Draw the page."""
    with st.container(horizontal=True, vertical_alignment="center"):
        period = st.segmented_control(
            "Period", list(PERIODS), default="28 days", required=True, key="period", bind="query-params"
        )
        previews = st.toggle("Count previews", key="previews", help="Chats that were made under *Customer chat* here.")
    now = datetime.now(UTC)
    # From the beginning of an hour, so that the list behind a figure does not move while it is read.
    start = (now - timedelta(days=PERIODS[period or "28 days"])).replace(minute=0, second=0, microsecond=0)
    asked = {"from": start.isoformat(), "collection": collection.name, "previews": "true" if previews else None}
    try:
        with waiting("Counting…"):
            summary = client.get("/v1/support/insights/summary", Summary, **asked)
        _show_figures(client, summary, asked)
        show_gaps(client, asked)
        show_proposals(client, collection.name)
    except ApiProblem as problem:
        show_problem(problem)


def _show_figures(client: Client, summary: Summary, asked: dict[str, str | None]) -> None:
    zone = st.context.timezone
    st.caption(
        f"{summary.chats:,} chats that began from {moment(summary.period.start, zone)[0]} on, with at least one "
        f"question of a customer; {summary.chats_before:,} in the period before. Ranges are 95 % intervals. Until "
        f"{moment(summary.settles_at, zone)[0]} chats may still be opened again."
    )
    if not summary.chats:
        empty_place("No chats in this period.", "Choose a longer one, or count previews.")
        return
    figures = shown(summary)
    for first in range(0, len(figures), IN_A_ROW):
        row = figures[first : first + IN_A_ROW]
        for column, figure in zip(st.columns(IN_A_ROW), row, strict=False):
            with column:
                _show_figure(figure)
    if summary.reasons:
        _show_reasons(summary.reasons)
    chosen = next((figure for figure in figures if figure.name == st.query_params.get(_FIGURE)), None)
    if chosen is not None:
        _show_chats(client, chosen, asked)


def _show_figure(figure: Shown) -> None:
    with st.container(border=True, gap="xsmall", height="stretch"):
        st.metric(
            figure.title,
            figure.value,
            figure.change,
            delta_color="off" if figure.better is None else "blue",
            help=figure.explained,
        )
        st.caption(figure.of)
        st.button(
            "Show the chats",
            key=f"support.figure.{figure.name}",
            type="tertiary",
            on_click=_choose,
            args=(figure.name,),
        )


def _choose(figure: str) -> None:
    st.query_params[_FIGURE] = figure
    st.query_params.pop(_CHAT, None)
    st.session_state[_CURSORS] = [None]


def _show_reasons(reasons: list[Reason]) -> None:
    st.subheader("Why a person was asked for", anchor=False)
    rows = [
        {
            "reason": REASONS.get(reason.reason, reason.reason),
            "chats": reason.n,
            "share": percent(reason.n / reason.denominator if reason.denominator else None),
            "before": reason.before,
        }
        for reason in reasons
    ]
    chart = (
        alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]  # altair's own types lack it
        .mark_bar(color="#0072B2")
        .encode(
            x=alt.X("chats:Q", title="Chats", axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("reason:N", title=None, sort="-x", axis=alt.Axis(labelLimit=260)),
            tooltip=[
                alt.Tooltip("reason:N", title="Reason"),
                alt.Tooltip("chats:Q", title="Chats"),
                alt.Tooltip("share:N", title="Of all with a person"),
                alt.Tooltip("before:Q", title="In the period before"),
            ],
        )
        .properties(height=alt.Step(30))
    )
    st.altair_chart(chart, width=760)


def _show_chats(client: Client, figure: Shown, asked: dict[str, str | None]) -> None:
    st.subheader(f"The chats behind “{figure.title}”", anchor=False)
    cursors: list[str | None] = st.session_state.setdefault(_CURSORS, [None])
    page = client.get(
        "/v1/support/insights/chats",
        Page[ConversationDetail],
        **asked,
        figure=figure.name,
        limit=PAGE_SIZE,
        cursor=cursors[-1],
    )
    listed, beside = st.columns([2, 3], gap="medium")
    with listed:
        if not page.items:
            st.caption("None.")
        for chat in page.items:
            st.button(_line(chat), key=f"support.behind.{chat.id}", type="tertiary", on_click=_open, args=(chat.id,))
        with st.container(horizontal=True):
            if len(cursors) > 1:
                st.button("Newer", key="support.behind.newer", on_click=_go_back, args=(cursors,))
            if page.next_cursor:
                st.button("Older", key="support.behind.older", on_click=cursors.append, args=(page.next_cursor,))
    with beside:
        if chat_id := st.query_params.get(_CHAT):
            _show_transcript(client, chat_id)


def _go_back(cursors: list[str | None]) -> None:
    cursors.pop()


def _open(chat: str) -> None:
    st.query_params[_CHAT] = chat


def _line(chat: ConversationDetail) -> str:
    parts = [moment(chat.created_at, st.context.timezone)[0]]
    if chat.handed_over_at is not None:
        parts.append(REASONS.get(chat.reason or "unknown", chat.reason or ""))
    if chat.handed_over_at is not None and chat.first_reply_at is not None:
        parts.append(f"first reply after {duration((chat.first_reply_at - chat.handed_over_at).total_seconds())}")
    if chat.rating is not None:
        parts.append(f"rated {chat.rating} of 5")
    return " · ".join(parts)


def _show_transcript(client: Client, chat: str) -> None:
    opened = client.get(f"/v1/support/desk/{quote(chat, safe='')}", Opened)
    with st.container(border=True, key="support-transcript"):
        st.html(transcript(opened.entries[:MOST_ENTRIES], "", who(opened.chat), st.context.timezone))
        if len(opened.entries) > MOST_ENTRIES:
            st.caption("And more.")
