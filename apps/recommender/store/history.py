"""One visitor's last events, and events in pages; each is one small query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, bindparam, or_, select
from sqlalchemy.orm import aliased

from apps.recommender.store.event_tables import CommentRow, EventRow, EventTypeRow, FeedbackRow
from apps.recommender.store.following import REVISIONS, Revisions
from apps.recommender.store.item_tables import ItemRow, StateRow
from apps.recommender.store.visitor_tables import SESSION, USER, VisitorRow
from core.database import Database


class PastEvent(NamedTuple):
    """An event of a history. seconds: Unix, UTC"""

    item: str
    type: str
    value: float | None
    seconds: float


@dataclass(frozen=True)
class History:
    """What is known of a visitor. known: False where nothing was ever heard;  consent: None where nobody said

    key: the visitor's own number, of the user where a session was merged; 0 where unknown
    events: the newest of them, the oldest first; empty where the user refused consent
    user: the id of the user whom a session was merged into, "" where none
    """

    known: bool
    key: int
    consent: bool | None
    events: list[PastEvent]
    user: str = ""


NOBODY = History(False, 0, None, [])


class Listed(NamedTuple):
    """An event with all that is kept of it."""

    id: int
    kind: str
    visitor: str
    item: str
    title: str
    type: str
    value: float | None
    seconds: float
    text: str | None
    request: str | None


_Merged = aliased(VisitorRow)
_WHO = (VisitorRow.key, VisitorRow.consent, _Merged.key, _Merged.consent, _Merged.id)
_NAMED = and_(VisitorRow.kind == bindparam("kind"), VisitorRow.id == bindparam("name"))
_MERGED = _Merged.key == VisitorRow.user_key
_VISITOR = select(*_WHO).outerjoin(_Merged, _MERGED).where(_NAMED)
_VISITOR_AND_REVISIONS = (
    REVISIONS.add_columns(*_WHO).select_from(StateRow).outerjoin(VisitorRow, _NAMED).outerjoin(_Merged, _MERGED)
)
_NEWEST = (
    select(EventRow.item_key, EventRow.type, EventRow.value, EventRow.at)
    .where(EventRow.visitor_key == bindparam("visitor"))
    .order_by(EventRow.at.desc(), EventRow.id.desc())
    .limit(bindparam("most"))
    .subquery()
)
_EVENTS = (
    select(ItemRow.id, EventTypeRow.name, _NEWEST.c.value, _NEWEST.c.at)
    .join(ItemRow, ItemRow.key == _NEWEST.c.item_key)
    .join(EventTypeRow, EventTypeRow.key == _NEWEST.c.type)
)
_EVENTS_BEFORE = (
    select(ItemRow.id, EventTypeRow.name, EventRow.value, EventRow.at)
    .join(ItemRow, ItemRow.key == EventRow.item_key)
    .join(EventTypeRow, EventTypeRow.key == EventRow.type)
    .where(EventRow.visitor_key == bindparam("visitor"), EventRow.at < bindparam("before"))
    .order_by(EventRow.at.desc(), EventRow.id.desc())
    .limit(bindparam("most"))
)


def read_history(connection: Connection, kind: str, name: str, most: int) -> History:
    """The newest events of a user or session, as committed this moment. kind: user or session

    Ties in time are broken by item id, as numbers where ids are numbers.
    """
    found = connection.execute(_VISITOR, {"kind": kind, "name": name}).one_or_none()
    return NOBODY if found is None else _history(connection, found, most)


def read_moment(connection: Connection, kind: str, name: str, most: int) -> tuple[Revisions, History]:
    """Where the database stands, and what somebody did last: what each request for a visitor asks."""
    found = connection.execute(_VISITOR_AND_REVISIONS, {"kind": kind, "name": name}).one()
    history = NOBODY if found[4] is None else _history(connection, found[4:], most)
    return Revisions(*found[:4]), history


def _history(connection: Connection, found: Sequence[Any], most: int) -> History:
    own, own_consent, merged, merged_consent, user = found
    key, consent = (own, own_consent) if merged is None else (merged, merged_consent)
    if consent is False:
        return History(True, key, False, [], user or "")
    rows = connection.execute(_EVENTS, {"visitor": key, "most": most})
    events = [PastEvent(item, kind_, value, at) for item, kind_, value, at in rows]
    return History(True, key, consent, sorted(events, key=_place), user or "")


def read_past(connection: Connection, visitor: int, before: float, most: int) -> list[PastEvent]:
    """What somebody did before a moment (Unix seconds), the oldest first. visitor: number of a user or session"""
    rows = connection.execute(_EVENTS_BEFORE, {"visitor": visitor, "most": most, "before": before})
    return sorted((PastEvent(*row) for row in rows), key=_place)


def _place(event: PastEvent) -> tuple[float, bool, int, str]:
    number = event.item.isascii() and event.item.isdigit()
    return event.seconds, not number, int(event.item) if number else 0, event.item


def list_events(
    database: Database,
    *,
    user: str | None = None,
    session: str | None = None,
    item: str | None = None,
    before: tuple[float, int] | None = None,
    most: int,
) -> list[Listed]:
    """The newest first. before: time and number of the last one that was shown"""
    asked = _listing()
    if user is not None:
        asked = asked.where(EventRow.visitor_key == _key_of(USER, user))
    if session is not None:
        asked = asked.where(EventRow.visitor_key == _key_of(SESSION, session))
    if item is not None:
        key = select(ItemRow.key).where(ItemRow.id == item).scalar_subquery()
        asked = asked.where(EventRow.item_key == key)
    by_time = user is not None or session is not None or item is not None
    if before is not None:
        at, number = before
        older = or_(EventRow.at < at, and_(EventRow.at == at, EventRow.id < number))
        asked = asked.where(older if by_time else EventRow.id < number)
    order = (EventRow.at.desc(), EventRow.id.desc()) if by_time else (EventRow.id.desc(),)
    with database.reading() as connection:
        return [Listed._make(row) for row in connection.execute(asked.order_by(*order).limit(most))]


def _listing() -> Select[*tuple[Any, ...]]:
    return (
        select(
            EventRow.id,
            VisitorRow.kind,
            VisitorRow.id,
            ItemRow.id,
            ItemRow.title,
            EventTypeRow.name,
            EventRow.value,
            EventRow.at,
            CommentRow.text,
            FeedbackRow.request,
        )
        .join(VisitorRow, VisitorRow.key == EventRow.visitor_key)
        .join(ItemRow, ItemRow.key == EventRow.item_key)
        .join(EventTypeRow, EventTypeRow.key == EventRow.type)
        .outerjoin(CommentRow, CommentRow.event_id == EventRow.id)
        .outerjoin(FeedbackRow, FeedbackRow.event_id == EventRow.id)
    )


def _key_of(kind: str, name: str) -> object:
    merged = aliased(VisitorRow)
    return select(merged.key).where(merged.kind == kind, merged.id == name).scalar_subquery()
