"""Events in SQL: put in once each, whoever brings them and however often. What is acknowledged is committed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from apps.recommender.store import items, visitors
from apps.recommender.store.erased import erased_at
from apps.recommender.store.event_tables import CommentRow, EventRow, EventTypeRow, FeedbackRow
from apps.recommender.store.state import locked, parts, table_of
from apps.recommender.store.visitors import Visitor
from core.clock import Clock
from core.database import Database


class NewEvent(NamedTuple):
    """An event as it is written; see `EventRow`. who: kind and id of the visitor;  waits: a comment to be read"""

    digest: bytes
    who: tuple[str, str]
    item: str
    type: str
    value: float | None
    at: float
    text: str = ""
    request: str = ""
    waits: bool = False


@dataclass
class Added:
    """What became of events; see `TakenEvents`."""

    added: int = 0
    known: int = 0
    erased: int = 0
    without_consent: int = 0
    new_users: int = 0
    new_sessions: int = 0
    new_items: int = 0

    def plus(self, other: "Added") -> "Added":
        """Both together."""
        return Added(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


class Events:
    """All events of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def add(self, events: Sequence[NewEvent]) -> Added:
        """Put events in, all in one transaction; those that are known are left as they are."""
        done = Added()
        with self.database.session(write=True) as session:
            state, now = locked(session), self.clock()
            wanted = _unknown(session, events)
            done.known = len(events) - len(wanted)
            held = visitors.find(session, {event.who for event in wanted})
            wanted = _allowed(session, state.secret, wanted, held, done)
            strangers = sorted({event.who for event in wanted} - held.keys())
            if strangers:
                visitors.add_unknown(session, strangers, now)
                held |= visitors.find(session, strangers)
                done.new_users = sum(kind == "user" for kind, _ in strangers)
                done.new_sessions = len(strangers) - done.new_users
            keys, done.new_items = _item_keys(session, {event.item for event in wanted}, state.items + 1, now)
            if done.new_items:
                state.items += 1
            _write(session, wanted, held, keys)
            done.added = len(wanted)
            state.events += done.added
        return done

    def remove(self, digest: bytes) -> bool:
        """Delete an event. returns: whether there was one"""
        with self.database.session(write=True) as session:
            state = locked(session)
            gone = session.scalars(delete(EventRow).where(EventRow.digest == digest).returning(EventRow.id)).all()
            if gone:
                state.events += 1
                state.moves += 1
        return bool(gone)


_KNOWN = select(EventRow.digest).where(EventRow.digest.in_(bindparam("digests", expanding=True)))


def _unknown(session: Session, events: Sequence[NewEvent]) -> list[NewEvent]:
    """Each once, of those that are not kept yet; of two with the same id, the first that is brought counts."""
    wanted = {event.digest: event for event in reversed(events)}
    for part in parts(wanted):
        for digest in session.scalars(_KNOWN, {"digests": part}):
            wanted.pop(digest, None)
    return list(reversed(wanted.values()))


def _allowed(
    session: Session,
    secret: bytes,
    events: Sequence[NewEvent],
    held: dict[tuple[str, str], Visitor],
    done: Added,
) -> list[NewEvent]:
    """Without what is older than an erasure, and what a user does not consent to."""
    gone = {who: at.timestamp() for who, at in erased_at(session, secret, {event.who for event in events}).items()}
    refusing = {who for who, visitor in held.items() if visitor.consent is False}
    if not gone and not refusing:
        return list(events)
    kept = []
    for event in events:
        if event.at <= gone.get(event.who, -1.0):
            done.erased += 1
        elif event.who in refusing:
            done.without_consent += 1
        else:
            kept.append(event)
    return kept


def _item_keys(session: Session, ids: Collection[str], revision: int, now: datetime) -> tuple[dict[str, int], int]:
    """Numbers of items, and how many of them are new."""
    keys = items.keys_of(session, list(ids))
    missing = sorted(ids - keys.keys())
    if missing:
        items.add_unknown(session, missing, revision, now)
        keys |= items.keys_of(session, missing)
    return keys, len(missing)


def _types(session: Session, names: Collection[str]) -> dict[str, int]:
    held = {name: key for key, name in session.execute(select(EventTypeRow.key, EventTypeRow.name))}
    for name in sorted(names - held.keys()):
        held[name] = max(held.values(), default=0) + 1
        session.add(EventTypeRow(key=held[name], name=name))
    session.flush()
    return held


def _write(
    session: Session, events: Sequence[NewEvent], held: dict[tuple[str, str], Visitor], keys: dict[str, int]
) -> None:
    if not events:
        return
    types = _types(session, {event.type for event in events})
    rows = [
        {
            "digest": event.digest,
            "visitor_key": held[event.who].key,
            "item_key": keys[event.item],
            "type": types[event.type],
            "value": event.value,
            "at": event.at,
        }
        for event in events
    ]
    session.connection().execute(insert(table_of(EventRow)), rows)
    _write_besides(session, events)


def _write_besides(session: Session, events: Sequence[NewEvent]) -> None:
    """Texts of comments, and the requests that events came of."""
    more = {event.digest: event for event in events if event.text or event.request}
    asked = select(EventRow.digest, EventRow.id).where(EventRow.digest.in_(bindparam("digests", expanding=True)))
    comments, feedback = [], []
    for part in parts(more):
        for digest, number in session.execute(asked, {"digests": part}):
            event = more[digest]
            if event.text:
                comments.append({"event_id": number, "text": event.text, "model": None if event.waits else ""})
            if event.request:
                feedback.append({"event_id": number, "request": event.request})
    for row, values in ((CommentRow, comments), (FeedbackRow, feedback)):
        if values:
            session.connection().execute(insert(table_of(row)), values)
