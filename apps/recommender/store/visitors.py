"""Users and sessions in SQL: heard of through events, completed later, merged when somebody signs in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from apps.recommender.errors import NoSuchUser, OtherUser
from apps.recommender.schemas.users import User
from apps.recommender.store.erased import erased_at
from apps.recommender.store.event_tables import EventRow
from apps.recommender.store.item_tables import StateRow
from apps.recommender.store.items import Put
from apps.recommender.store.state import add_missing, locked, parts
from apps.recommender.store.visitor_tables import SESSION, USER, VisitorRow
from core.clock import Clock
from core.database import Database

Name = tuple[str, str]
"""Kind and id."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where events of a visitor go. key: of the user, where a session was merged;  consent: the user's"""

    key: int
    consent: bool | None


@dataclass(frozen=True)
class KnownUser:
    """A user with what hangs on it."""

    row: VisitorRow
    sessions: list[str]
    events: int


class Visitors:
    """All users and sessions of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def put_all(self, users: Sequence[User]) -> tuple[Put, set[str]]:
        """Make users or replace them. Of two with the same id, the last counts.

        returns: what became of them, and the ids of those who were erased and stay out
        """
        wanted = {user.id: user for user in users}
        done = Put(unchanged=len(users) - len(wanted))
        with self.database.session(write=True) as session:
            state, now = locked(session), self.clock()
            erased = erased_at(session, state.secret, [(USER, name) for name in wanted])
            out = {name for kind, name in erased if not wanted[name].after_erasure}
            held = _rows(session, USER, list(wanted))
            new = []
            for name, user in wanted.items():
                row = held.get(name)
                if name in out:
                    continue
                if row is None:
                    new.append(_new(USER, name, now, known=True, attributes=user.attributes, consent=user.consent))
                elif row.known and (row.attributes, row.consent) == (user.attributes, user.consent):
                    done.unchanged += 1
                else:
                    done.changed, done.completed = done.changed + row.known, done.completed + (not row.known)
                    row.attributes, row.consent, row.known, row.updated_at = user.attributes, user.consent, True, now
            add_missing(session, VisitorRow, new)
            done.added = len(new)
        return done, out

    def patch(self, user: str, values: Mapping[str, Any]) -> VisitorRow:
        """Change some of what is known of a user. raises: NoSuchUser"""
        with self.database.session(write=True) as session:
            locked(session)
            row = _one(session, user)
            for name, value in values.items():
                setattr(row, name, value)
            row.known, row.updated_at = True, self.clock()
        return row

    def get(self, user: str) -> KnownUser:
        """raises: NoSuchUser"""
        with self.database.session() as session:
            row = _one(session, user)
            own = select(VisitorRow.id).where(VisitorRow.user_key == row.key).order_by(VisitorRow.id)
            events = select(func.count()).select_from(EventRow).where(EventRow.visitor_key == row.key)
            return KnownUser(row, list(session.scalars(own)), session.scalar(events) or 0)

    def page(self, after: str, most: int) -> list[VisitorRow]:
        """Users by id."""
        asked = select(VisitorRow).where(VisitorRow.kind == USER, VisitorRow.id > after).order_by(VisitorRow.id)
        with self.database.session() as session:
            return list(session.scalars(asked.limit(most)))

    def merge(self, session_id: str, user: str) -> int:
        """Give a session's events to the user who signed in; both may be unknown so far. Twice changes nothing.

        returns: how many events moved; of a user who does not consent, they are deleted instead
        raises: OtherUser
        """
        with self.database.session(write=True) as session:
            state, now = locked(session), self.clock()
            names: list[Name] = [(SESSION, session_id), (USER, user)]
            add_missing(session, VisitorRow, [_new(kind, name, now) for kind, name in names])
            session_row = _rows(session, SESSION, [session_id])[session_id]
            user_row = _rows(session, USER, [user])[user]
            if session_row.user_key == user_row.key:
                return 0
            if session_row.user_key is not None:
                raise OtherUser(session_id)
            session_row.user_key, session_row.updated_at = user_row.key, now
            return _move(session, state, session_row.key, user_row)


def _move(session: Session, state: StateRow, old: int, user: VisitorRow) -> int:
    own = EventRow.visitor_key == old
    count = session.scalar(select(func.count()).select_from(EventRow).where(own)) or 0
    if user.consent is False:
        session.execute(delete(EventRow).where(own))
    else:
        session.execute(update(EventRow).where(own).values(visitor_key=user.key))
    if count:
        state.events += count
        state.moves += 1
    return 0 if user.consent is False else count


def find(session: Session, names: Collection[Name]) -> dict[Name, Visitor]:
    """Where events of visitors go who are known; of a merged session, to the user."""
    found: dict[Name, Visitor] = {}
    merged: dict[Name, int] = {}
    for kind in (USER, SESSION):
        for part in parts(name for its, name in names if its == kind):
            for name, key, consent, user_key in session.execute(_NAMED, {"kind": kind, "ids": part}):
                if user_key is not None:
                    merged[kind, name] = user_key
                else:
                    found[kind, name] = Visitor(key, consent)
    consents: dict[int, bool | None] = {}
    for keys in parts(set(merged.values())):
        asked = select(VisitorRow.key, VisitorRow.consent).where(VisitorRow.key.in_(keys))
        consents.update((key, consent) for key, consent in session.execute(asked))
    return found | {name: Visitor(key, consents[key]) for name, key in merged.items()}


def add_unknown(session: Session, names: Collection[Name], now: datetime) -> None:
    """Keep users and sessions that events name, so that more can follow."""
    add_missing(session, VisitorRow, [_new(kind, name, now) for kind, name in names])


_NAMED = select(VisitorRow.id, VisitorRow.key, VisitorRow.consent, VisitorRow.user_key).where(
    VisitorRow.kind == bindparam("kind"), VisitorRow.id.in_(bindparam("ids", expanding=True))
)


def _new(
    kind: str,
    name: str,
    now: datetime,
    *,
    known: bool = False,
    attributes: Mapping[str, Any] | None = None,
    consent: bool | None = None,
) -> dict[str, Any]:
    said = {"known": known, "attributes": dict(attributes or {}), "consent": consent, "user_key": None}
    return {"kind": kind, "id": name, **said, "created_at": now, "updated_at": now}


def _rows(session: Session, kind: str, ids: Sequence[str]) -> dict[str, VisitorRow]:
    found: dict[str, VisitorRow] = {}
    for part in parts(ids):
        asked = select(VisitorRow).where(VisitorRow.kind == kind, VisitorRow.id.in_(part))
        found.update((row.id, row) for row in session.scalars(asked))
    return found


def _one(session: Session, user: str) -> VisitorRow:
    row = _rows(session, USER, [user]).get(user)
    if row is None:
        raise NoSuchUser(user)
    return row
