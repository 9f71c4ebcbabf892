"""The tables of conversations and of the people who answer them. The columns' meaning; no queries."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UTCDateTime


class ConversationRow(Base):
    """One chat with one customer.

    customer: the company's own name for the customer; whatever it sends
    state: see `pipeline.handoff`;  version: rises with every change, and whoever changes names the one that was read
    last_number: of the newest entry;  pending: number of the customer's message that the desk still has to answer
    queue, skills, priority, agent: who is to answer, and who does;  preferred: the agent who answered before
    reason: why a person was asked for;  resolution: why it was closed
    *_at: when that last happened, but `handed_over_at` and `first_reply_at`, which are when it first did
    """

    __tablename__ = "support_conversations"
    __table_args__ = (
        Index("ix_support_conversations_queue", "state", "queue", "priority", "queued_at"),
        Index("ix_support_conversations_customer", "customer", "created_at"),
        Index("ix_support_conversations_agent", "agent", "state"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    customer: Mapped[str] = mapped_column(String(200))
    collection: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Integer)
    last_number: Mapped[int] = mapped_column(Integer)
    pending: Mapped[int | None] = mapped_column(Integer)
    queue: Mapped[str | None] = mapped_column(String(64))
    skills: Mapped[list[str]] = mapped_column(JSON)
    priority: Mapped[int] = mapped_column(Integer)
    agent: Mapped[str | None] = mapped_column(String(80))
    preferred: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(40))
    resolution: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)
    handed_over_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    queued_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    assigned_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    first_reply_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    customer_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    agent_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    reopened_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    csat: Mapped[int | None] = mapped_column(Integer)
    csat_comment: Mapped[str | None] = mapped_column(Text)
    meta: Mapped[dict[str, Any]] = mapped_column(JSON)


class EntryRow(Base):
    """What happened in a chat, in order: nothing is changed or taken away, save when a customer is erased.

    number: 1, 2, 3, … within the conversation, without gaps
    kind: message, note (agents only) or state;  role: customer, bot, agent or system;  author: an agent's id
    data: what belongs to it, such as the answer's action, confidence and citations
    client_id: the sender's own id of it: the same sent twice is stored once
    """

    __tablename__ = "support_entries"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id"),
        Index("ix_support_entries_created_at", "created_at"),
    )

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("support_conversations.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    role: Mapped[str] = mapped_column(String(16))
    author: Mapped[str | None] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    client_id: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class AgentRow(Base):
    """A person who answers. most_chats: at once;  seen_at: when the console was last heard of"""

    __tablename__ = "support_agents"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    skills: Mapped[list[str]] = mapped_column(JSON)
    most_chats: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(16))
    seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column(Integer)


class QueueRow(Base):
    """Where chats wait for a person.

    skills: what an agent must know;  priority: of its chats unless they have their own, higher first
    zone, hours: an IANA time zone and, by weekday ("mon" … "sun"), pairs of "09:00" and "17:30"; none: always open
    first_reply_s: within how many seconds a person should have answered
    takes: which chats go here at hand-over: any of `collections`, `languages`, `skills`, from `least_priority` on;
        each that is given must hold, and of several queues the one with most of them is chosen
    """

    __tablename__ = "support_queues"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    skills: Mapped[list[str]] = mapped_column(JSON)
    priority: Mapped[int] = mapped_column(Integer)
    zone: Mapped[str] = mapped_column(String(64))
    hours: Mapped[dict[str, list[list[str]]]] = mapped_column(JSON)
    first_reply_s: Mapped[float] = mapped_column(Float)
    version: Mapped[int] = mapped_column(Integer)
    takes: Mapped[dict[str, Any]] = mapped_column(JSON)
