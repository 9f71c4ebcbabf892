"""The monitor's page: what turned, which company, why, and what to do about it. Speaks HTTP only."""

from __future__ import annotations

import streamlit as st

from apps.finance_sentiment.dashboard import going
from apps.finance_sentiment.dashboard.alerts import show_alerts
from apps.finance_sentiment.dashboard.backlog import show_backlog
from apps.finance_sentiment.dashboard.company import show_company
from apps.finance_sentiment.dashboard.correct import show_correct
from apps.finance_sentiment.dashboard.model import show_model
from apps.finance_sentiment.dashboard.search import show_search
from apps.finance_sentiment.dashboard.sources import show_sources
from apps.finance_sentiment.dashboard.watchlist import show_watchlist
from ui.client import Client

_SHOW = {
    going.WATCHLIST: show_watchlist,
    going.COMPANY: show_company,
    going.SEARCH: show_search,
    going.ALERTS: show_alerts,
    going.CORRECT: show_correct,
    going.SOURCES: show_sources,
    going.MODEL: show_model,
}


def render(client: Client) -> None:
    """Draw the page."""
    heading, chooser = st.columns([3, 5], vertical_alignment="bottom")
    with heading:
        st.title("Market mood", anchor=False)
        st.caption("When the mood about a company turns, and why.")
    with chooser:
        view = st.segmented_control(
            "View",
            going.VIEWS,
            default=going.WATCHLIST,
            required=True,
            key=going.VIEW,
            bind="query-params",
            label_visibility="collapsed",
        )
    show_backlog(client)
    _SHOW[view or going.WATCHLIST](client)
