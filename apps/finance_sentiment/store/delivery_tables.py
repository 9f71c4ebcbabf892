"""The tables of channels and of what goes out by them. No queries."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UTCDateTime


class ChannelRow(Base):
    """Where messages go. kind: webhook or email;  url, body, secret: of a webhook;  addresses: of e-mail

    body: "trivium", or "slack" for what Slack's incoming webhooks take;  signals: whether unforeseen changes go there
    """

    __tablename__ = "finance_channels"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(16))
    url: Mapped[str] = mapped_column(String(2000))
    body: Mapped[str] = mapped_column(String(16))
    secret: Mapped[str] = mapped_column(String(100))
    addresses: Mapped[list[str]] = mapped_column(JSON)
    signals: Mapped[bool] = mapped_column(Boolean)
    active: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class DeliveryRow(Base):
    """One message on its way to one channel, written in the transaction of what it tells of.

    event: opened, reminder, closed or test;  number: of the reminder, or which end it is, from 0
    message: what is told, as it was then: every attempt sends the same
    state: waiting; sending (from before an attempt until its end is known); done; dead; unsure: it may have arrived
    due_at: of the next attempt, or, while sending, until when its end is waited for
    """

    __tablename__ = "finance_deliveries"
    __table_args__ = (
        UniqueConstraint("channel_id", "alert_id", "event", "number"),
        Index("ix_finance_deliveries_due", "state", "due_at"),
        Index("ix_finance_deliveries_created_at", "created_at", "id"),
        Index("ix_finance_deliveries_alert_id", "alert_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel_id: Mapped[str] = mapped_column(ForeignKey("finance_channels.id", ondelete="CASCADE"))
    alert_id: Mapped[str | None] = mapped_column(ForeignKey("finance_alerts.id", ondelete="CASCADE"))
    event: Mapped[str] = mapped_column(String(16))
    number: Mapped[int] = mapped_column(Integer)
    message: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer)
    status: Mapped[int | None] = mapped_column(Integer)
    problem: Mapped[str | None] = mapped_column(String(200))
    due_at: Mapped[datetime] = mapped_column(UTCDateTime())
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
