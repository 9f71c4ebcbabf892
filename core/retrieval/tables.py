"""The rows of the index: the truth that every view is built from. Holds no query."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UTCDateTime

# SQLite only numbers rows by itself in an INTEGER column; PostgreSQL wants 64 bits.
Id = BigInteger().with_variant(Integer, "sqlite")


class CollectionRow(Base):
    """A named set of documents, searched with one encoder.

    revision: grows by one with every committed change; views follow it
    floor: views older than this revision must be rebuilt (older removals are forgotten)
    encoder: fingerprint of the encoder whose vectors are searched;  dim: their length, 0 before the first document
    """

    __tablename__ = "collections"
    __table_args__ = ({"sqlite_autoincrement": True},)  # a dropped collection's snapshots must never fit a new one

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    revision: Mapped[int] = mapped_column(BigInteger, default=0)
    floor: Mapped[int] = mapped_column(BigInteger, default=0)
    encoder: Mapped[str] = mapped_column(String(128))
    dim: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class DocumentRow(Base):
    """One source. content_hash: SHA-256 of all that is embedded or cited; equal means nothing to embed again."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("collection_id", "key"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    collection_id: Mapped[int] = mapped_column(Id, ForeignKey("collections.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(512))
    kind: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    meta: Mapped[dict[str, Any]] = mapped_column(JSON)
    content_hash: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime())


class PassageRow(Base):
    """A findable stretch of a document. Ids are never used twice; revision: the change that brought it."""

    __tablename__ = "passages"
    __table_args__ = (
        Index("ix_passages_collection_revision", "collection_id", "revision"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    collection_id: Mapped[int] = mapped_column(Id, ForeignKey("collections.id", ondelete="CASCADE"))
    document_id: Mapped[int] = mapped_column(Id, ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    revision: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(String(520))
    text: Mapped[str] = mapped_column(Text)
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    heading: Mapped[list[str]] = mapped_column(JSON)
    sentences: Mapped[list[list[int]]] = mapped_column(JSON)
    aliases: Mapped[list[str]] = mapped_column(JSON)


class VectorRow(Base):
    """The vectors of a passage under one encoder; several encoders may stand side by side during a change of model.

    passage: (d,) float32, little-endian;  details: (sentences + aliases, d) float16, little-endian
    """

    __tablename__ = "vectors"

    passage_id: Mapped[int] = mapped_column(Id, ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True)
    encoder: Mapped[str] = mapped_column(String(128), primary_key=True)
    passage: Mapped[bytes] = mapped_column(LargeBinary)
    details: Mapped[bytes] = mapped_column(LargeBinary)


class RemovalRow(Base):
    """A passage that is gone, kept so that views can follow."""

    __tablename__ = "removals"
    __table_args__ = (Index("ix_removals_collection_revision", "collection_id", "revision"),)

    passage_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    collection_id: Mapped[int] = mapped_column(Id, ForeignKey("collections.id", ondelete="CASCADE"))
    revision: Mapped[int] = mapped_column(BigInteger)


class NoteRow(Base):
    """What is known about a collection under a name (how sure a search may be, say): JSON, replaced as a whole."""

    __tablename__ = "collection_notes"

    collection_id: Mapped[int] = mapped_column(Id, ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


ALL = [
    Base.metadata.tables[row.__tablename__]
    for row in (CollectionRow, DocumentRow, PassageRow, VectorRow, RemovalRow, NoteRow)
]
