"""Conversations and their entries, page by page."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from apps.customer_service.pipeline import showing
from apps.customer_service.schemas.conversations import ConversationDetail, Entries
from apps.customer_service.store.conversations import Conversations
from apps.customer_service.store.finding import wanted
from apps.customer_service.store.proposals import ProposalRow
from apps.customer_service.store.tables import ConversationRow
from apps.customer_service.store.webhook_tables import DeliveryRow
from core.paging import BadCursor, Page, decode_cursor, encode_cursor

Row = TypeVar("Row", ConversationRow, DeliveryRow, ProposalRow)
Shown = TypeVar("Shown")


def page(
    conversations: Conversations, asked: Mapping[str, str | None], cursor: str | None, limit: int
) -> Page[ConversationDetail]:
    """Conversations, the newest first. asked: what they must have in common, by the names that `wanted` has

    raises: BadCursor
    """
    return page_of(conversations, wanted(**asked), cursor, limit)


def page_of(
    conversations: Conversations, conditions: Sequence[Any], cursor: str | None, limit: int
) -> Page[ConversationDetail]:
    """Conversations for which the store's conditions all hold, the newest first.

    raises: BadCursor
    """
    rows = conversations.page(*conditions, after=place_of(cursor), limit=limit + 1)
    return newest_first(rows, limit, showing.detail)


def newest_first(rows: Sequence[Row], limit: int, show: Callable[[Row], Shown]) -> Page[Shown]:
    """A page of what goes by creation, then id. rows: one more than the page may hold, where there is one"""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(
        items=[show(row) for row in shown],
        next_cursor=encode_cursor(at=shown[-1].created_at.isoformat(), id=shown[-1].id) if more else None,
    )


def place_of(cursor: str | None) -> tuple[datetime, str] | None:
    """Where a list that goes by creation, then id, is to go on. raises: BadCursor"""
    place = decode_cursor(cursor, at=str, id=str)
    return (_moment(str(place["at"])), str(place["id"])) if place else None


def entries(conversations: Conversations, chat: str, after: int, limit: int, *, whole: bool) -> Entries:
    """Entries behind `after`. whole: as agents see them

    raises: NoSuchConversation
    """
    found = conversations.entries(chat, after=after, limit=limit + 1, kinds=() if whole else showing.FOR_CUSTOMERS)
    row = conversations.get(chat)  # read afterwards: what it tells is never older than the entries
    return Entries(
        items=[showing.entry(entry, whole=whole) for entry in found[:limit]],
        state=row.state,
        pending=showing.is_pending(row),
        last_number=row.last_number,
        more=len(found) > limit,
    )


def _moment(text: str) -> datetime:
    """raises: BadCursor"""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadCursor from None
    if moment.tzinfo is None:
        raise BadCursor
    return moment
