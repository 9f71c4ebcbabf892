"""All companies at a glance, read once for all views of the page and kept for a moment."""

from __future__ import annotations

from apps.finance_sentiment.schemas.timeline import OverviewRow
from core.paging import Page
from ui.client import Client
from ui.holding import held

PATH = "/v1/finance/overview"
MOST_AT_ONCE = 1_000


def read_overview(client: Client, seconds: float, *, watched_only: bool = False) -> list[OverviewRow]:
    """Every company, or those on the watchlist. seconds: how old it may be. raises: ApiProblem"""
    name = "finance.overview-watched" if watched_only else "finance.overview"
    return held(name, seconds, lambda: _all(client, watched_only=watched_only))


def _all(client: Client, *, watched_only: bool) -> list[OverviewRow]:
    found: list[OverviewRow] = []
    cursor: str | None = None
    while True:
        page = client.get(
            PATH, Page[OverviewRow], limit=MOST_AT_ONCE, cursor=cursor, watched="true" if watched_only else None
        )
        found += page.items
        if (cursor := page.next_cursor) is None:
            return found
