"""What customers thought of single answers, in SQL: one opinion an entry, the latest."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.database import Base, UTCDateTime


class FeedbackRow(Base):
    """A thumb for an entry. thumb: up or down;  created_at: when it was given, or given anew"""

    __tablename__ = "support_feedback"
    __table_args__ = (
        ForeignKeyConstraint(
            ["conversation_id", "number"],
            ["support_entries.conversation_id", "support_entries.number"],
            name="fk_support_feedback_entry",
            ondelete="CASCADE",
        ),
        Index("ix_support_feedback_created_at", "created_at"),
    )

    conversation_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    thumb: Mapped[str] = mapped_column(String(8))
    comment: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


def give(session: Session, chat: str, number: int, thumb: str, comment: str | None, now: datetime) -> None:
    """Write an opinion down, or anew. Whoever calls holds the conversation, so nobody else does at this moment."""
    row = session.get(FeedbackRow, (chat, number))
    if row is None:
        session.add(FeedbackRow(conversation_id=chat, number=number, thumb=thumb, comment=comment, created_at=now))
    else:
        row.thumb, row.comment, row.created_at = thumb, comment, now


def of_conversation(session: Session, chat: str) -> Sequence[FeedbackRow]:
    """All opinions on one conversation's entries, in order."""
    return session.scalars(
        select(FeedbackRow).where(FeedbackRow.conversation_id == chat).order_by(FeedbackRow.number)
    ).all()
