"""What agents say that a customer's message was about, in SQL: labels for a training."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, Integer, String, func, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from apps.customer_service.store.conversations import Change
from apps.customer_service.store.tables import EntryRow
from core.database import Base, Database, UTCDateTime
from core.errors import NotFound


class IntentRow(Base):
    """The label of one message. intent: None for what is out of scope;  agent: who says so"""

    __tablename__ = "support_intents"
    __table_args__ = (
        ForeignKeyConstraint(
            ["conversation_id", "number"],
            ["support_entries.conversation_id", "support_entries.number"],
            ondelete="CASCADE",
        ),
        Index("ix_support_intents_intent", "intent"),
    )

    conversation_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    intent: Mapped[str | None] = mapped_column(String(120))
    agent: Mapped[str] = mapped_column(String(80))
    marked_at: Mapped[datetime] = mapped_column(UTCDateTime())


class NoSuchMessage(NotFound):
    """An entry that is no customer's message, or none at all."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"entry {number} of the conversation is not a customer's message", remedy="mark one that a customer wrote"
        )


@dataclass(frozen=True)
class Labelled:
    """A message with its label, as a training reads it."""

    conversation: str
    number: int
    text: str
    intent: str | None


class Intents:
    """All marked messages of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, chat: str) -> dict[int, str | None]:
        """What was marked in a conversation, by number of the entry."""
        asked = select(IntentRow.number, IntentRow.intent).where(IntentRow.conversation_id == chat)
        with self.database.session() as session:
            return {int(number): intent for number, intent in session.execute(asked)}

    def counts(self) -> dict[str, int]:
        """How often each intent was marked, the most frequent first."""
        counted = (
            select(IntentRow.intent, func.count())
            .where(IntentRow.intent.is_not(None))
            .group_by(IntentRow.intent)
            .order_by(func.count().desc(), IntentRow.intent)
        )
        with self.database.session() as session:
            return {str(intent): count for intent, count in session.execute(counted)}

    def page(self, after: tuple[str, int] | None, limit: int) -> list[Labelled]:
        """Marked messages in order of conversation and number. after: the last one that is known"""
        same = (EntryRow.conversation_id == IntentRow.conversation_id) & (EntryRow.number == IntentRow.number)
        place = (IntentRow.conversation_id, IntentRow.number)
        asked = select(*place, EntryRow.text, IntentRow.intent).join(EntryRow, same)
        if after is not None:
            asked = asked.where(tuple_(*place) > after)
        with self.database.session() as session:
            return [Labelled(*row) for row in session.execute(asked.order_by(*place).limit(limit))]


def mark(change: Change, number: int, intent: str | None, agent: str) -> None:
    """Say what a customer's message was about, whatever was said before. raises: NoSuchMessage"""
    entry = change.session.get(EntryRow, (change.row.id, number))
    if entry is None or (entry.kind, entry.role) != ("message", "customer"):
        raise NoSuchMessage(number)
    row = change.session.get(IntentRow, (change.row.id, number))
    if row is None:
        row = IntentRow(conversation_id=change.row.id, number=number)
        change.session.add(row)
    row.intent, row.agent, row.marked_at = intent, agent, change.now
