"""Health of the data: what comes in by day, what is unknown, how much of the catalogue can be recommended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import altair as alt
import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.dashboard.empty import show_empty_shop
from apps.recommender.dashboard.lists import open_item
from apps.recommender.schemas.events import Counted
from apps.recommender.schemas.health import Coverage, DayCount, Days
from apps.recommender.schemas.items import ItemShown
from core.paging import Page
from ui.client import ApiProblem, Client
from ui.holding import held
from ui.moments import ago
from ui.text import label
from ui.widgets import show_problem, waiting

KEPT_S = 30.0
PERIODS = {"14 days": 14, "30 days": 30, "90 days": 90, "1 year": 365}
MOST_UNKNOWN = 8
COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999"]
MOST_TYPES = len(COLOURS) - 1  # the others together are the last colour
OTHERS = "others"


def show_health(client: Client) -> None:
    """Draw the page."""
    try:
        with waiting("Counting…"):
            counted = held("recommend.counted", KEPT_S, lambda: client.get(f"{going.PATH}/data", Counted))
            coverage = held("recommend.coverage", KEPT_S, lambda: client.get(f"{going.PATH}/data/coverage", Coverage))
        if not counted.events and not counted.items:
            show_empty_shop()
            return
        _show_numbers(counted)
        left, right = st.columns([5, 4], gap="large")
        with left:
            _show_days(client)
        with right:
            _show_coverage(coverage)
            _show_unknown(client, counted)
    except ApiProblem as problem:
        show_problem(problem)


def _show_numbers(counted: Counted) -> None:
    last = ago(counted.last_event, datetime.now(UTC)) if counted.last_event else "none yet"
    with st.container(horizontal=True, key="recommend-numbers"):
        st.metric("Events", f"{counted.events:,}")
        st.metric("Last event", last)
        st.metric("Items", f"{counted.items:,}")
        st.metric("Users", f"{counted.users:,}")
        st.metric("Sessions not signed in", f"{counted.sessions:,}")
    if counted.waiting_comments:
        st.caption(f"{counted.waiting_comments:,} comments wait for their mood to be read.")


def _show_days(client: Client) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader("Events a day", anchor=False)
        chosen = st.segmented_control(
            "Period",
            list(PERIODS),
            default="30 days",
            required=True,
            key="period",
            bind="query-params",
            label_visibility="collapsed",
        )
    days = PERIODS[chosen or "30 days"]
    with waiting("Counting by day…"):
        found = held(
            f"recommend.days.{days}", KEPT_S, lambda: client.get(f"{going.PATH}/data/days", Days, days=days)
        ).items
    if not found:
        st.info(f"No event lies in the last {days} days.", icon=":material/info:")
        return
    st.altair_chart(chart(found), width="stretch", alt="Events a day by type")
    st.caption("Days in UTC. Today is not over yet.")


def chart(found: list[DayCount]) -> Any:
    """Bars a day, one colour a type, the most frequent below."""
    totals: dict[str, int] = {}
    for one in found:
        totals[one.type] = totals.get(one.type, 0) + one.events
    named = sorted(totals, key=lambda name: -totals[name])[:MOST_TYPES]
    order = [*named, *([OTHERS] if len(totals) > len(named) else [])]
    values = [
        {
            "day": one.day.isoformat(),
            "type": one.type if one.type in named else OTHERS,
            "events": one.events,
            "rank": order.index(one.type if one.type in named else OTHERS),
        }
        for one in found
    ]
    return (
        alt.Chart(alt.Data(values=values))  # type: ignore[no-untyped-call]
        .mark_bar()
        .encode(
            x=alt.X("yearmonthdate(day):T", title="Day", axis=alt.Axis(format="%d %b")),
            y=alt.Y("sum(events):Q", title="Events"),
            color=alt.Color(
                "type:N",
                title=None,
                sort=order,
                scale=alt.Scale(domain=order, range=COLOURS[: len(order)]),
                legend=alt.Legend(orient="top", columns=3),
            ),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("yearmonthdate(day):T", title="Day"),
                alt.Tooltip("type:N", title="Type"),
                alt.Tooltip("sum(events):Q", title="Events", format=","),
            ],
        )
        .properties(height=380)
    )


def _show_coverage(coverage: Coverage) -> None:
    st.subheader("How much of it can be recommended", anchor=False)
    rows = [coverage_row(what, count, of) for what, count, of in _covered(coverage)]
    st.table(rows, border="horizontal", hide_index=True)
    if coverage.encoded < coverage.items:
        st.caption("A running server reads the texts of new items in the background, and at once where few are new.")


def _covered(coverage: Coverage) -> list[tuple[str, int, int]]:
    items = coverage.items
    return [
        ("Items with a description", coverage.described, items),
        ("Items with a category", coverage.sorted, items),
        ("Items with a price", coverage.priced, items),
        ("Items whose text was read", coverage.encoded, items),
        ("Items that an event names", coverage.warm, items),
        ("Items hidden or out of stock", coverage.unavailable, items),
        ("Users with events", coverage.users_with_events, coverage.users),
    ]


def coverage_row(what: str, count: int, of: int) -> dict[str, str]:
    """A line of the table.

    >>> coverage_row("Items with a price", 3, 4)
    {'What': 'Items with a price', 'How many': '3 of 4', 'Share': '75 %'}
    """
    share = f"{100 * count / of:.0f} %" if of else "none"
    return {"What": what, "How many": f"{count:,} of {of:,}", "Share": share}


def _show_unknown(client: Client, counted: Counted) -> None:
    if not counted.unknown_items and not counted.unknown_users:
        st.caption("Every event names an item and a user that somebody sent.")
        return
    if counted.unknown_users:
        st.markdown(
            f"Events name **{many(counted.unknown_users, 'user')}** that nobody sent; they get lists all the same."
        )
    if not counted.unknown_items:
        return
    st.markdown(
        f"Events name **{many(counted.unknown_items, 'item')}** that nobody sent: not recommended until somebody does."
    )
    unknown = client.get(f"{going.PATH}/items", Page[ItemShown], known="false", limit=MOST_UNKNOWN).items
    with st.container(horizontal=True):
        for one in unknown:
            st.button(
                label(one.id, most=30), key=f"recommend.unknown.{one.id}", type="tertiary", on_click=open_item,
                args=(one.id,),
            )  # fmt: skip


def many(count: int, what: str) -> str:
    """A count with its noun.

    >>> many(1, "item"), many(1_200, "item")
    ('1 item', '1,200 items')
    """
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
