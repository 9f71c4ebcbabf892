"""Webhooks in, in SQL: who may bring messages, and which conversation each of their threads is."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from apps.customer_service.store.tables import ConversationRow
from core.clock import Clock
from core.database import Base, Database, UTCDateTime
from core.errors import Conflict, NotFound


class ChannelRow(Base):
    """A program that brings customers' messages. secret: with what it signs them"""

    __tablename__ = "support_channels"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    collection: Mapped[str] = mapped_column(String(64))
    secret: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class ThreadRow(Base):
    """What belongs together at a channel is one conversation here."""

    __tablename__ = "support_threads"

    channel: Mapped[str] = mapped_column(ForeignKey("support_channels.name", ondelete="CASCADE"), primary_key=True)
    thread: Mapped[str] = mapped_column(String(80), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("support_conversations.id", ondelete="CASCADE"), index=True)


class NoSuchChannel(NotFound):
    """A channel that never was, or was removed."""

    def __init__(self) -> None:
        super().__init__("there is no such channel", remedy="list them, or make a new one")


class ChannelTaken(Conflict):
    """Two channels with one name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is a channel {name!r} already", remedy="choose another name, or remove it first")


class Channels:
    """All channels of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def add(self, name: str, collection: str, secret: str) -> ChannelRow:
        """raises: ChannelTaken"""
        row = ChannelRow(name=name, collection=collection, secret=secret, created_at=self.clock())
        with self.database.session(write=True) as session:
            if session.get(ChannelRow, name) is not None:
                raise ChannelTaken(name)
            session.add(row)
        return row

    def all(self) -> list[ChannelRow]:
        """In order of name."""
        with self.database.session() as session:
            return list(session.scalars(select(ChannelRow).order_by(ChannelRow.name)))

    def find(self, name: str) -> ChannelRow | None:
        """The channel of this name."""
        with self.database.session() as session:
            return session.get(ChannelRow, name)

    def remove(self, name: str) -> None:
        """Its conversations stay. raises: NoSuchChannel"""
        with self.database.session(write=True) as session:
            row = session.get(ChannelRow, name)
            if row is None:
                raise NoSuchChannel
            session.delete(row)

    def conversation_of(self, channel: str, thread: str, begin: Callable[[], str]) -> str:
        """The conversation of a thread; of two messages that begin one at once, both get the same.

        begin: makes a new conversation and returns its id
        """
        key = {"channel": channel, "thread": thread}
        with self.database.session() as session:
            known = session.get(ThreadRow, key)
        if known is not None:
            return known.conversation_id
        chat = begin()
        try:
            with self.database.session(write=True) as session:
                session.add(ThreadRow(**key, conversation_id=chat))
        except IntegrityError:  # somebody was faster: ours is empty, and goes
            with self.database.session(write=True) as session:
                session.execute(delete(ConversationRow).where(ConversationRow.id == chat))
                found = session.get(ThreadRow, key)
            if found is None:  # and the other one's was erased at once: the next attempt begins anew
                raise NoSuchChannel from None
            return found.conversation_id
        return chat
