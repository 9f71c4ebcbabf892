"""Lists that go by time, the newest first, in pages."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from core.errors import Invalid
from core.paging import BadCursor, Page, decode_cursor, encode_cursor

Row = TypeVar("Row")
Shown = TypeVar("Shown")


class BadSpan(Invalid):
    """A stretch of time that ends before it begins."""

    def __init__(self) -> None:
        super().__init__("`from` lies behind `to`", remedy="exchange them")


def page(
    rows: Sequence[Row], limit: int, show: Callable[[Row], Shown], place: Callable[[Row], tuple[datetime, str]]
) -> Page[Shown]:
    """A page. rows: one more than it may hold, where there is one;  place: when and by which id a row stands"""
    shown = rows[:limit]
    more = None
    if len(rows) > limit:
        at, last = place(shown[-1])
        more = encode_cursor(at=at.isoformat(), id=last)
    return Page(items=[show(row) for row in shown], next_cursor=more)


def place_of(cursor: str | None) -> tuple[datetime, str] | None:
    """Where a list is to go on. raises: BadCursor"""
    found = decode_cursor(cursor, at=str, id=str)
    if found is None:
        return None
    try:
        at = datetime.fromisoformat(str(found["at"]))
    except ValueError:
        raise BadCursor from None
    if at.tzinfo is None:
        raise BadCursor
    return at, str(found["id"])


def span(since: datetime | None, until: datetime | None) -> tuple[datetime | None, datetime | None]:
    """Two moments as they were asked for; without a zone they are UTC. raises: BadSpan"""
    since, until = _aware(since), _aware(until)
    if since is not None and until is not None and since > until:
        raise BadSpan
    return since, until


def _aware(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
