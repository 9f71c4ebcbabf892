"""The tables of webhooks out, and which entries are which events. No queries."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import JSON, Boolean, ForeignKey, ForeignKeyConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from apps.customer_service.store.tables import EntryRow
from core.database import Base, UTCDateTime

KINDS: Mapping[str, tuple[str, str | None]] = {
    "message.customer": ("message", "customer"),
    "message.desk": ("message", "bot"),
    "message.agent": ("message", "agent"),
    "state.changed": ("state", None),
    "note.created": ("note", None),
}
"""An event's name → kind and role of the entries that it tells of."""


class WebhookRow(Base):
    """Where events go. secret: signs them;  read_to: how far the log was read;  active: false: nothing is sent"""

    __tablename__ = "support_webhooks"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    url: Mapped[str] = mapped_column(String(2000))
    events: Mapped[list[str]] = mapped_column(JSON)
    secret: Mapped[str] = mapped_column(String(100))
    active: Mapped[bool] = mapped_column(Boolean)
    read_to: Mapped[datetime] = mapped_column(UTCDateTime())
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class DeliveryRow(Base):
    """One entry on its way to one webhook.

    state: waiting, done or dead;  attempts: made so far;  due_at: when the next one may be made
    status: the HTTP status of the last attempt's answer;  problem: why it failed, in a few words of ours
    """

    __tablename__ = "support_deliveries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["conversation_id", "number"],
            ["support_entries.conversation_id", "support_entries.number"],
            name="fk_support_deliveries_entry",
            ondelete="CASCADE",
        ),
        Index("ix_support_deliveries_entry", "webhook_id", "conversation_id", "number", unique=True),
        Index("ix_support_deliveries_due", "state", "due_at"),
        Index("ix_support_deliveries_conversation", "conversation_id", "number"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("support_webhooks.id", ondelete="CASCADE"))
    conversation_id: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column(Integer)
    event: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer)
    status: Mapped[int | None] = mapped_column(Integer)
    problem: Mapped[str | None] = mapped_column(String(100))
    due_at: Mapped[datetime] = mapped_column(UTCDateTime())
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


def event_of(entry: EntryRow) -> str:
    """The name of the event that an entry is."""
    fits = (name for name, (kind, role) in KINDS.items() if kind == entry.kind and role in (None, entry.role))
    return next(fits, "")
