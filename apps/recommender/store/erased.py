"""Who was erased, told by keyed hashes only; and erasing itself.

What an old bulk brings again of somebody stays out: events that are not younger than the erasure, and rows of users
that do not say `after_erasure`. What somebody does afterwards begins a new, empty history.
"""

import hashlib
import hmac
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from apps.recommender.store.event_tables import EventRow
from apps.recommender.store.state import add_missing, locked, parts
from apps.recommender.store.visitor_tables import SESSION, USER, ErasedRow, VisitorRow
from core.clock import Clock
from core.database import Database


def erased_at(session: Session, secret: bytes, names: Collection[tuple[str, str]]) -> dict[tuple[str, str], datetime]:
    """When each of these was erased who was. names: kind and id"""
    if session.scalar(select(ErasedRow.digest).limit(1)) is None:
        return {}
    digests = {_digest(secret, kind, name): (kind, name) for kind, name in names}
    found: dict[tuple[str, str], datetime] = {}
    for part in parts(digests):
        asked = select(ErasedRow.digest, ErasedRow.erased_at).where(ErasedRow.digest.in_(part))
        found.update((digests[digest], at) for digest, at in session.execute(asked))
    return found


class Erasures:
    """What is erased from one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def of_user(self, user: str) -> tuple[int, list[str]]:
        """Delete a user with all events, attributes and sessions. Nobody needs to be known under the id.

        returns: how many events went, and the ids of the sessions
        """
        return self._erase(USER, user)

    def of_session(self, name: str) -> int:
        """Delete an anonymous session with its events; of one that was merged, the link only. returns: how many went"""
        return self._erase(SESSION, name)[0]

    def _erase(self, kind: str, name: str) -> tuple[int, list[str]]:
        with self.database.session(write=True) as session:
            state, now = locked(session), self.clock()
            key = session.scalar(select(VisitorRow.key).where(VisitorRow.kind == kind, VisitorRow.id == name))
            sessions: list[str] = []
            events = 0
            if key is not None:
                sessions = list(session.scalars(select(VisitorRow.id).where(VisitorRow.user_key == key)))
                own = EventRow.visitor_key == key
                events = session.scalar(select(func.count()).select_from(EventRow).where(own)) or 0
                session.execute(delete(EventRow).where(own))
                session.execute(delete(VisitorRow).where(VisitorRow.user_key == key))
                session.execute(delete(VisitorRow).where(VisitorRow.key == key))
            digests = [_digest(state.secret, kind, name), *(_digest(state.secret, SESSION, one) for one in sessions)]
            for part in parts(digests):
                session.execute(update(ErasedRow).where(ErasedRow.digest.in_(part)).values(erased_at=now))
            add_missing(session, ErasedRow, [{"digest": digest, "erased_at": now} for digest in digests])
            state.moves += 1
            state.events += events
        return events, sessions


def _digest(secret: bytes, kind: str, name: str) -> bytes:
    return hmac.digest(secret, f"{kind}\x00{name}".encode(), hashlib.sha256)
