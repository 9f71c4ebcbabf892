"""Erasing in SQL: conversations go with all that hangs on them by foreign key. What went is counted, not named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from apps.customer_service.store.proposals import forget_conversations
from apps.customer_service.store.tables import ConversationRow, EntryRow
from core.clock import Clock
from core.database import Base, Database, UTCDateTime

MOST_AT_ONCE = 200  # conversations in one transaction, so that writers are not kept waiting


class ErasureRow(Base):
    """That something was erased, and when: processes that hold texts in memory follow by the number.

    cause: customer or retention;  conversations, entries: how many went
    """

    __tablename__ = "support_erasures"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    cause: Mapped[str] = mapped_column(String(16))
    conversations: Mapped[int] = mapped_column(Integer)
    entries: Mapped[int] = mapped_column(Integer)
    erased_at: Mapped[datetime] = mapped_column(UTCDateTime())


@dataclass(frozen=True)
class Found:
    """What there is to erase. texts: what people wrote in them; what the desk says, it says to others as well"""

    conversations: list[str]
    texts: list[str]


class Erasures:
    """What is erased from one database, and what was."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def of_customer(self, customer: str) -> Found:
        """All conversations of one customer."""
        with self.database.session() as session:
            chats = list(session.scalars(select(ConversationRow.id).where(ConversationRow.customer == customer)))
            texts: set[str] = set()
            for at in range(0, len(chats), MOST_AT_ONCE):
                own = EntryRow.conversation_id.in_(chats[at : at + MOST_AT_ONCE])
                people = EntryRow.role.in_(("customer", "agent"))
                texts.update(session.scalars(select(EntryRow.text).where(own, people)))
        return Found(chats, sorted(texts))

    def unchanged_since(self, before: datetime) -> list[str]:
        """Conversations whose last change is older, the oldest first; so many as go at once."""
        asked = select(ConversationRow.id).where(ConversationRow.updated_at < before)
        with self.database.session() as session:
            return list(session.scalars(asked.order_by(ConversationRow.updated_at).limit(MOST_AT_ONCE)))

    def erase(self, chats: Sequence[str], cause: str) -> tuple[int, int]:
        """Delete conversations and all that hangs on them, and write down how many.

        returns: how many conversations and entries went
        """
        gone, entries = 0, 0
        for at in range(0, len(chats), MOST_AT_ONCE):
            part = chats[at : at + MOST_AT_ONCE]
            with self.database.session(write=True) as session:
                forget_conversations(session, part)
                entries += session.scalar(select(func.count()).where(EntryRow.conversation_id.in_(part))) or 0
                gone += len(
                    session.scalars(
                        delete(ConversationRow).where(ConversationRow.id.in_(part)).returning(ConversationRow.id)
                    ).all()
                )
        with self.database.session(write=True) as session:
            session.add(ErasureRow(cause=cause, conversations=gone, entries=entries, erased_at=self.clock()))
        return gone, entries

    def newest(self) -> int:
        """Number of the last erasure; 0 before the first."""
        with self.database.reading() as connection:
            return connection.execute(select(func.max(ErasureRow.id))).scalar() or 0
