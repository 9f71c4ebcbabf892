"""Drafts in SQL: what the desk proposed to an agent, and what the agent made of it. Training pairs later."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Integer, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.clock import Clock
from core.database import Base, Database, UTCDateTime
from core.errors import Conflict, NotFound


class DraftRow(Base):
    """One proposed answer.

    number: of the customer's message that it answers;  action, confidence: as in an answer to a customer
    text: as proposed; empty where nothing could be quoted;  citations: the quotations that it is made of
    sent_number, sent_text, sent_at: the message that was sent instead, once it was
    distance: of the sent text from the proposed one, in [0, 1]: edits per character of the longer one
    """

    __tablename__ = "support_drafts"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("support_conversations.id", ondelete="CASCADE"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    agent: Mapped[str] = mapped_column(String(80))
    question: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(16))
    confidence: Mapped[float] = mapped_column(Float)
    text: Mapped[str] = mapped_column(Text)
    citations: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    sent_number: Mapped[int | None] = mapped_column(Integer)
    sent_text: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    distance: Mapped[float | None] = mapped_column(Float)


class NoSuchDraft(NotFound):
    """A draft that never was, or of another conversation."""

    def __init__(self, draft: str) -> None:
        super().__init__(f"this conversation has no draft {draft!r:.60}", remedy="ask for a new draft")


class DraftSent(Conflict):
    """A draft that became a message already."""

    def __init__(self) -> None:
        super().__init__("this draft was sent already", remedy="ask for a new draft, or send without one")


class Drafts:
    """All drafts of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def keep(
        self,
        chat: str,
        number: int,
        agent: str,
        *,
        question: str,
        action: str,
        confidence: float,
        text: str,
        citations: list[dict[str, Any]],
    ) -> DraftRow:
        """Store a new draft."""
        row = DraftRow(
            id=f"draft_{secrets.token_hex(12)}",
            conversation_id=chat,
            number=number,
            agent=agent,
            question=question,
            action=action,
            confidence=confidence,
            text=text,
            citations=citations,
            created_at=self.clock(),
        )
        with self.database.session(write=True) as session:
            session.add(row)
        return row

    def of(self, chat: str) -> list[DraftRow]:
        """A conversation's drafts, oldest first."""
        asked = select(DraftRow).where(DraftRow.conversation_id == chat)
        with self.database.session() as session:
            return list(session.scalars(asked.order_by(DraftRow.created_at, DraftRow.id)))


def unsent_draft(session: Session, chat: str, draft: str) -> DraftRow:
    """raises: NoSuchDraft, DraftSent"""
    row = session.get(DraftRow, draft)
    if row is None or row.conversation_id != chat:
        raise NoSuchDraft(draft)
    if row.sent_number is not None:
        raise DraftSent
    return row
