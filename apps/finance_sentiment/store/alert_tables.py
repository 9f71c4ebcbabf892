"""The tables of rules, alerts and what remembers between two looks. No queries."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UTCDateTime

LOOK = 1  # the only row of its table
SIGNAL = "signal"
"""The subject of alerts that no rule asked for: something unforeseen."""


class RuleRow(Base):
    """What a person wants to be told. who, what: as the schemas `Who` and `What` write them

    channels: ids of the channels that are told, beside the inbox;  removed: nobody sees it, its alerts keep its name
    """

    __tablename__ = "finance_rules"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    who: Mapped[dict[str, Any]] = mapped_column(JSON)
    what: Mapped[dict[str, Any]] = mapped_column(JSON)
    severity: Mapped[str] = mapped_column(String(16))
    channels: Mapped[list[str]] = mapped_column(JSON)
    enabled: Mapped[bool] = mapped_column(Boolean)
    removed: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime())


class AlertRow(Base):
    """One event of one company, from its beginning to its end.

    subject: SIGNAL or "rule:<id>";  state: open, acknowledged, snoozed or closed
    headline: what changed, in a sentence;  facts: as the schema `Facts` writes them
    channels: that are told of it;  closed_because: in words;  lasts: whether what began it still holds
    reminders: sent so far;  remind_at: of the next one; None: nobody is to be reminded
    """

    __tablename__ = "finance_alerts"
    __table_args__ = (
        Index(
            "ix_finance_alerts_one_not_closed",
            "subject",
            "entity_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_finance_alerts_opened_at", "opened_at", "id"),
        Index("ix_finance_alerts_entity", "entity_id", "opened_at"),
        Index("ix_finance_alerts_state", "state", "opened_at"),
        Index("ix_finance_alerts_remind_at", "remind_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(64))
    rule_id: Mapped[str | None] = mapped_column(ForeignKey("finance_rules.id"))
    entity_id: Mapped[str] = mapped_column(ForeignKey("finance_entities.id"))
    severity: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    headline: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    channels: Mapped[list[str]] = mapped_column(JSON)
    lasts: Mapped[bool] = mapped_column(Boolean)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime())
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime())
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    closed_because: Mapped[str] = mapped_column(String(200))
    acknowledged_by: Mapped[str | None] = mapped_column(String(160))
    snoozed_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    reminders: Mapped[int] = mapped_column(Integer)
    remind_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class AlertStepRow(Base):
    """What became of an alert, step by step. by: a person's key, or empty for the monitor itself"""

    __tablename__ = "finance_alert_steps"

    alert_id: Mapped[str] = mapped_column(ForeignKey("finance_alerts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    step: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(160))
    note: Mapped[str] = mapped_column(Text)


class MuteRow(Base):
    """Of whom or what nothing new is told for a while: a company, a rule, or a rule for a company."""

    __tablename__ = "finance_mutes"
    __table_args__ = (Index("ix_finance_mutes_until", "until"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    entity_id: Mapped[str | None] = mapped_column(ForeignKey("finance_entities.id"))
    rule_id: Mapped[str | None] = mapped_column(ForeignKey("finance_rules.id"))
    until: Mapped[datetime] = mapped_column(UTCDateTime())
    by: Mapped[str] = mapped_column(String(160))
    reason: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class FollowedRow(Base):
    """What the detector knows of one company, or "" for all together. hour: of the last bucket that it has seen"""

    __tablename__ = "finance_followed"

    entity_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    hour: Mapped[int] = mapped_column(Integer)
    state: Mapped[dict[str, Any]] = mapped_column(JSON)


class HoldingRow(Base):
    """That a rule's condition holds for a company: what was told, or was silenced, is not told again until it ended."""

    __tablename__ = "finance_holding"

    rule_id: Mapped[str] = mapped_column(ForeignKey("finance_rules.id"), primary_key=True)
    entity_id: Mapped[str] = mapped_column(ForeignKey("finance_entities.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UTCDateTime())


class LookRow(Base):
    """One row, which every evaluation locks first, so that they come one after the other.

    hour: of the next bucket that is to be looked at, since 1970; None: none was;  bucket_hours: how long those are
    revision: counts what was written
    """

    __tablename__ = "finance_look"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    hour: Mapped[int | None] = mapped_column(Integer)
    bucket_hours: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(Integer)
