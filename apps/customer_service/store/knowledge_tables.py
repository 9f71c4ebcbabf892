"""The tables of the knowledge base besides the index: sources, and warnings that were put aside. No queries."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UTCDateTime


class SourceRow(Base):
    """Where documents come from, so that they can be imported again.

    kind: folder, upload or rows;  places: of a folder, the paths that were given
    counts: what the last import did, {"added": 3, …};  imported_at: when it ended, None before the first
    """

    __tablename__ = "support_sources"
    __table_args__ = (UniqueConstraint("collection", "name"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    collection: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    places: Mapped[list[str]] = mapped_column(JSON)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    imported_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class SourceDocumentRow(Base):
    """A document that a source brought. key: its key in the collection;  file: the file that it stood in"""

    __tablename__ = "support_source_documents"
    __table_args__ = (Index("ix_support_source_documents_key", "key"),)

    source_id: Mapped[str] = mapped_column(ForeignKey("support_sources.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(512), primary_key=True)
    file: Mapped[str] = mapped_column(Text)


class DismissalRow(Base):
    """A warning that a person put aside. warning: its id, which changes with the statements that it is about"""

    __tablename__ = "support_dismissed_warnings"

    collection: Mapped[str] = mapped_column(String(64), primary_key=True)
    warning: Mapped[str] = mapped_column(String(40), primary_key=True)
    key_name: Mapped[str] = mapped_column(String(200))
    dismissed_at: Mapped[datetime] = mapped_column(UTCDateTime())
