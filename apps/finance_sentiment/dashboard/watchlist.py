"""The watchlist: what needs somebody now, then every company with its mood, its change and its curve in small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from apps.finance_sentiment.dashboard import going
from apps.finance_sentiment.dashboard.alert_lines import show_open_alerts
from apps.finance_sentiment.dashboard.empty import show_empty_archive
from apps.finance_sentiment.dashboard.moods import with_number
from apps.finance_sentiment.dashboard.overview import read_overview
from apps.finance_sentiment.schemas.timeline import OverviewRow
from ui.client import ApiProblem, Client
from ui.widgets import empty_place, show_problem, waiting

LOOKED_AT_EVERY_S = 20
KEPT_S = 10.0
WATCHED, ALL = "Watchlist", "All companies"
EVERY_SECTOR = "All sectors"
ROW_PX, MOST_PX = 36, 560

_TABLE, _SHOWN = "finance.watchlist", "finance.watchlist.shown"


def show_watchlist(client: Client) -> None:
    """Draw the page."""
    _live(client)


@st.fragment(run_every=LOOKED_AT_EVERY_S)
def _live(client: Client) -> None:
    try:
        show_open_alerts(client)
        with waiting("Reading the curves…"):
            items = read_overview(client, KEPT_S, watched_only=st.session_state.get("which", WATCHED) == WATCHED)
    except ApiProblem as problem:
        show_problem(problem)
        return
    if not any(item.last_story or item.volume_24h for item in items):
        show_empty_archive()
    chosen = _filtered(items)
    if not chosen:
        _show_none(items)
        return
    _show_table(chosen)


def _filtered(items: Sequence[OverviewRow]) -> list[OverviewRow]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.segmented_control(
            "Show", [WATCHED, ALL], default=WATCHED, required=True, key="which", bind="query-params"
        )
        sectors = sorted({item.sector for item in items if item.sector})
        sector = st.selectbox(
            "Sector", [EVERY_SECTOR, *sectors], key="sector", bind="query-params", width=230, filter_mode="contains"
        )
        words = st.text_input("Find a company", key="find", bind="query-params", width=230, live=True)
    part = (words or "").strip().casefold()
    return [
        item
        for item in items
        if (which == ALL or item.watched)
        and sector in (EVERY_SECTOR, item.sector)
        and (not part or part in item.name.casefold() or part in item.entity)
    ]


def _show_none(items: Sequence[OverviewRow]) -> None:
    if not any(item.watched for item in items):
        empty_place(
            "Nothing is on the watchlist.",
            "Choose *All companies* above, open one, and press *Watch*; or run `trivium finance entities watch NAME`.",
        )
    else:
        empty_place("No company fits.", "Choose another sector, clear the search, or show *All companies*.")


def _show_table(items: Sequence[OverviewRow]) -> None:
    # What moved most stands first; without evidence there is no change, and it stands last.
    ordered = sorted(items, key=lambda item: (-abs(item.change_24h or 0), item.change_24h is None, item.name))
    st.session_state[_SHOWN] = [item.entity for item in ordered]
    event: Any = st.dataframe(
        table(ordered),
        height=min(ROW_PX * (len(ordered) + 1) + 3, MOST_PX),
        row_height=ROW_PX,
        hide_index=True,
        key=_TABLE,
        on_select=_open,
        selection_mode="single-row",
        column_config=_columns(),
    )
    st.caption(
        f"{len(ordered):,} companies, those that moved most first; a click on a row opens it. Mood: from \u22121 (all "
        "bad) to +1 (all good), recent and relevant stories weigh more. Usual: an average day of the last weeks."
    )
    if event.selection.rows:
        st.rerun()  # the whole page, not this part of it alone


def _open() -> None:
    rows = st.session_state[_TABLE].selection.rows
    shown = st.session_state.get(_SHOWN, [])
    if rows and rows[0] < len(shown):
        going.go(going.COMPANY, company=shown[rows[0]], story=None, document=None)


def table(items: Sequence[OverviewRow]) -> dict[str, list[object]]:
    """The table's columns."""
    return {
        "Company": [item.name for item in items],
        "Mood now": [with_number(item.index) for item in items],
        "Mood, 30 days": [[day for day in item.sparkline if day is not None] for item in items],
        "24 h": [item.change_24h for item in items],
        "7 days": [item.change_7d for item in items],
        "Stories, 24 h": [item.volume_24h for item in items],
        "Usual": [item.volume_usual for item in items],
        "Latest story": [item.last_story.title if item.last_story else "" for item in items],
        "Sector": [item.sector for item in items],
    }


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "Company": st.column_config.TextColumn(width=150),
        "Sector": st.column_config.TextColumn(width=190),
        "Mood now": st.column_config.TextColumn(width=175, help="In words and as a number from \u22121 to +1."),
        "24 h": number(width=62, format="%+.2f", help="Change of the mood against 24 hours ago."),
        "7 days": number(width=62, format="%+.2f", help="Change of the mood against 7 days ago."),
        "Stories, 24 h": number(width=95, format="%d", help="Stories of the last 24 hours; copies are not counted."),
        "Usual": number(width=58, format="%.1f", help="Stories on a usual day."),
        "Mood, 30 days": st.column_config.LineChartColumn(
            width=120, y_min=-1, y_max=1, help="A point for each day with evidence; days without are left out."
        ),
        "Latest story": st.column_config.TextColumn(width=360),
    }
