"""The queues in SQL: where chats wait, and which of them a new one goes to."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from apps.customer_service.store.editing import check_version
from apps.customer_service.store.tables import ConversationRow, QueueRow
from core.database import Database
from core.errors import Conflict, NotFound

EVERYONE = "everyone"
"""The queue that every desk has: it takes what no other takes."""


class NoSuchQueue(NotFound):
    """A queue that never was or was removed."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no queue {name!r:.70}", remedy="see `GET /v1/support/queues`")


class QueueNeeded(Conflict):
    """A queue that cannot be removed."""


@dataclass(frozen=True)
class QueueFacts:
    """What a team lead says of a queue; see QueueRow."""

    title: str
    skills: list[str]
    priority: int
    zone: str
    hours: dict[str, list[list[str]]]
    first_reply_s: float
    takes: dict[str, Any]


class Queues:
    """All queues of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def all(self) -> list[QueueRow]:
        """All queues, by name."""
        with self.database.session() as session:
            return queues_in(session)

    def get(self, name: str) -> QueueRow:
        """raises: NoSuchQueue"""
        with self.database.session() as session:
            return queue_in(session, name)

    def put(self, name: str, facts: QueueFacts, version: int | None = None) -> QueueRow:
        """Make a queue, or replace what is said of it. raises: EditedMeanwhile"""
        with self.database.session(write=True) as session:
            row = _locked(session, name)
            if row is None:
                row = QueueRow(name=name, version=0, **vars(facts))
                try:
                    with session.begin_nested():
                        session.add(row)
                except IntegrityError:  # two made it at once; the other one was first
                    row = _locked(session, name)
                    if row is None:
                        raise
            check_version(f"the queue {name!r}", version, row.version)
            for field, value in vars(facts).items():
                setattr(row, field, value)
            row.version += 1
        return row

    def remove(self, name: str) -> None:
        """raises: NoSuchQueue; QueueNeeded while chats are in it, and for the one that every desk has"""
        if name == EVERYONE:
            raise QueueNeeded("this queue takes what no other takes", remedy="keep it; change its title or its hours")
        with self.database.session(write=True) as session:
            row = _locked(session, name)
            if row is None:
                raise NoSuchQueue(name)
            waits = (ConversationRow.queue == name, ConversationRow.state.in_(("queued", "reopened", "assigned")))
            count = session.scalar(select(func.count()).select_from(ConversationRow).where(*waits)) or 0
            if count:
                raise QueueNeeded(
                    f"{count} open conversation{'s are' if count > 1 else ' is'} in the queue {row.title!r}",
                    remedy="transfer or resolve them first",
                )
            session.delete(row)


def queues_in(session: Session) -> list[QueueRow]:
    """All queues, by name, within a unit of work."""
    return list(session.scalars(select(QueueRow).order_by(QueueRow.name)))


def queue_in(session: Session, name: str) -> QueueRow:
    """raises: NoSuchQueue"""
    row = session.get(QueueRow, name)
    if row is None:
        raise NoSuchQueue(name)
    return row


def _locked(session: Session, name: str) -> QueueRow | None:
    return session.scalar(select(QueueRow).where(QueueRow.name == name).with_for_update())
