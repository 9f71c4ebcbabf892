"""What there is, counted."""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, select
from sqlalchemy.orm import Session

from apps.recommender.schemas.events import Counted
from apps.recommender.store.event_tables import CommentRow, EventRow, EventTypeRow
from apps.recommender.store.item_tables import STATE, ItemRow, StateRow
from apps.recommender.store.visitor_tables import SESSION, USER, ErasedRow, VisitorRow
from core.database import Database


def count(database: Database) -> Counted:
    """Count items, users, sessions and events; a million events take a moment."""
    with database.session() as session:
        known, unknown, hidden = _items(session)
        users, unknown_users, sessions, merged = _visitors(session)
        by_type = dict(_by_type(session))
        first, last = session.execute(select(func.min(EventRow.at), func.max(EventRow.at))).one()
        waiting = select(func.count()).select_from(CommentRow).where(CommentRow.model.is_(None))
        state = session.get_one(StateRow, STATE)
        return Counted(
            items=known,
            unknown_items=unknown,
            hidden_items=hidden,
            users=users,
            unknown_users=unknown_users,
            sessions=sessions,
            merged_sessions=merged,
            events=sum(by_type.values()),
            by_type=by_type,
            first_event=_moment(first),
            last_event=_moment(last),
            waiting_comments=session.scalar(waiting) or 0,
            erased=session.scalar(select(func.count()).select_from(ErasedRow)) or 0,
            revisions={"items": state.items, "events": state.events, "moves": state.moves},
        )


def newest_event(session: Session) -> int:
    """The number of the event that was taken in last; 0 without any."""
    return session.scalar(select(func.max(EventRow.id))) or 0


def events_after(database: Database, number: int) -> int:
    """How many events were taken in after one."""
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(EventRow).where(EventRow.id > number)) or 0


def _tally(condition: SQLColumnExpression[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _items(session: Session) -> tuple[int, int, int]:
    asked = select(_tally(ItemRow.known), _tally(ItemRow.known.is_(False)), _tally(ItemRow.hidden)).where(
        ItemRow.removed.is_(False)
    )
    known, unknown, hidden = session.execute(asked).one()
    return known, unknown, hidden


def _visitors(session: Session) -> tuple[int, int, int, int]:
    user, anonymous = VisitorRow.kind == USER, VisitorRow.kind == SESSION
    asked = select(
        _tally(user & VisitorRow.known),
        _tally(user & VisitorRow.known.is_(False)),
        _tally(anonymous & VisitorRow.user_key.is_(None)),
        _tally(anonymous & VisitorRow.user_key.is_not(None)),
    )
    users, unknown, sessions, merged = session.execute(asked).one()
    return users, unknown, sessions, merged


def _by_type(session: Session) -> list[tuple[str, int]]:
    counted = select(EventRow.type, func.count().label("events")).group_by(EventRow.type).subquery()
    asked = select(EventTypeRow.name, counted.c.events).join(counted, counted.c.type == EventTypeRow.key)
    return [(name, events) for name, events in session.execute(asked.order_by(EventTypeRow.name))]


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
