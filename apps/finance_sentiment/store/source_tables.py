"""The tables of sources. No queries."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UTCDateTime


class SourceRow(Base):
    """Where texts come from by themselves.

    kind: feed, page or folder;  address: of the web, or a path on the server's machine;  every_seconds: between looks
    state: new, ok, failing or paused;  reason: a sentence about it, empty where all is well
    failures: in a row;  next_at: when it is looked at again;  claimed_until: somebody looks at it now; None: nobody
    etag, last_modified: of what was read last;  items_seen, items_new: entries since it was added, of which kept
    """

    __tablename__ = "finance_sources"
    __table_args__ = (Index("ix_finance_sources_next_at", "next_at"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(String(200))
    every_seconds: Mapped[int] = mapped_column(Integer)
    enabled: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    last_polled_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    last_success_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    failures: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[datetime] = mapped_column(UTCDateTime())
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    etag: Mapped[str] = mapped_column(Text)
    last_modified: Mapped[str] = mapped_column(Text)
    items_seen: Mapped[int] = mapped_column(Integer)
    items_new: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class SourceFileRow(Base):
    """A file of a watched folder that was read, or could not be. digest: of its content;  stamp: nanoseconds

    reason: why it could not be read; empty where it was
    """

    __tablename__ = "finance_source_files"

    source_id: Mapped[str] = mapped_column(ForeignKey("finance_sources.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    stamp: Mapped[int] = mapped_column(BigInteger)
    documents: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text)
    read_at: Mapped[datetime] = mapped_column(UTCDateTime())
