"""What sources are called, by their ids: texts name where they come from by what people call it."""

from __future__ import annotations

from apps.finance_sentiment.schemas.sources import Source
from core.paging import Page
from ui.client import Client
from ui.holding import held

PATH = "/v1/finance/sources"
MOST_AT_ONCE = 200
KEPT_S = 120.0


def read_sources(client: Client) -> list[Source]:
    """Every source, by id. raises: ApiProblem"""
    page = client.get(PATH, Page[Source], limit=MOST_AT_ONCE)
    found = page.items
    while page.next_cursor:
        page = client.get(PATH, Page[Source], limit=MOST_AT_ONCE, cursor=page.next_cursor)
        found += page.items
    return found


def outlet(client: Client, source: str) -> str:
    """A source's name; its id where it has none, was removed, or is no source: "push", "import". raises: ApiProblem"""
    titles = held("finance.outlets", KEPT_S, lambda: {one.id: one.title for one in read_sources(client)})
    return titles.get(source) or source
