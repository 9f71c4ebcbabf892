"""The tables of the archive: what was captured, what was read from it, and what curves add up from. No queries."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UTCDateTime

Key = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database gives; SQLite counts only columns of type INTEGER up by itself."""

MOST_ID = 512  # characters of a source's own id; longer ones are kept as their digest


class StoryRow(Base):
    """What several documents tell alike. documents: how many, of which one is new and the others are its echo"""

    __tablename__ = "finance_stories"
    __table_args__ = (Index("ix_finance_stories_last_at", "last_at"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    first_at: Mapped[datetime] = mapped_column(UTCDateTime())
    last_at: Mapped[datetime] = mapped_column(UTCDateTime())
    documents: Mapped[int] = mapped_column(Integer)


class DocumentRow(Base):
    """A captured text, kept before anything is read from it, so that nothing is lost.

    source: id of the source;  external_id: what the source calls it, unique there
    published_at: what the source said, or `fetched_at` where it said nothing or something impossible (`dated` tells)
    fetched_at: when it became known here;  digest: of the normalised words, equal for exact copies
    echo: not the first of its story;  read_at: when its readings were written; None: it waits
    """

    __tablename__ = "finance_documents"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index("ix_finance_documents_published_at", "published_at", "id"),
        Index("ix_finance_documents_story_id", "story_id"),
        Index("ix_finance_documents_digest", "digest"),
        Index(
            "ix_finance_documents_waiting",
            "id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    external_id: Mapped[str] = mapped_column(String(MOST_ID))
    url: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(UTCDateTime())
    dated: Mapped[bool] = mapped_column(Boolean)
    fetched_at: Mapped[datetime] = mapped_column(UTCDateTime())
    digest: Mapped[str] = mapped_column(String(64))
    story_id: Mapped[int | None] = mapped_column(ForeignKey("finance_stories.id"))
    echo: Mapped[bool] = mapped_column(Boolean)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class ReadingRow(Base):
    """What one document says of one company, as known from `known_at` until `until`; None: still.

    Nothing is overwritten: a correction ends one row and begins the next, so any day's knowledge can be told later.
    at: when the document was published;  relevance: of the document to the company, 0 to 100
    enough: False where there was too little evidence for a mood; then it counts in the volume only
    score: P(positive) - P(negative), in [-1, 1];  confidence: of the likeliest mood
    echo: of a document that is not the first of its story;  sentence: the one that decided
    start, end: of the mention that decided, characters of the document as read (`title`, newline, `text`)
    """

    __tablename__ = "finance_readings"
    __table_args__ = (
        Index("ix_finance_readings_entity", "entity_id", "at"),
        Index("ix_finance_readings_document", "document_id"),
        Index("ix_finance_readings_at", "at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("finance_documents.id", ondelete="CASCADE"))
    entity_id: Mapped[str] = mapped_column(ForeignKey("finance_entities.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    known_at: Mapped[datetime] = mapped_column(UTCDateTime())
    until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    relevance: Mapped[int] = mapped_column(Integer)
    echo: Mapped[bool] = mapped_column(Boolean)
    enough: Mapped[bool] = mapped_column(Boolean)
    negative: Mapped[float] = mapped_column(Float)
    neutral: Mapped[float] = mapped_column(Float)
    positive: Mapped[float] = mapped_column(Float)
    score: Mapped[float] = mapped_column(Float)
    confidence: Mapped[float] = mapped_column(Float)
    sentence: Mapped[str] = mapped_column(Text)
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    model: Mapped[str] = mapped_column(String(160))
    corrected_by: Mapped[str | None] = mapped_column(String(160))


class HourRow(Base):
    """What is known now of one company in one hour: sums, so that a year's curve is read from a few thousand rows.

    hour: its beginning, UTC;  volume: documents that are no echo;  echoes: those that are
    weight: sum of weights of readings with enough evidence;  weighted, squared: sums of weight x score, x score squared
    negative, neutral, positive: documents by their likeliest mood, echoes not counted
    """

    __tablename__ = "finance_hours"
    __table_args__ = (Index("ix_finance_hours_hour", "hour"),)

    entity_id: Mapped[str] = mapped_column(ForeignKey("finance_entities.id"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(UTCDateTime(), primary_key=True)
    volume: Mapped[int] = mapped_column(Integer)
    echoes: Mapped[int] = mapped_column(Integer)
    weight: Mapped[float] = mapped_column(Float)
    weighted: Mapped[float] = mapped_column(Float)
    squared: Mapped[float] = mapped_column(Float)
    negative: Mapped[int] = mapped_column(Integer)
    neutral: Mapped[int] = mapped_column(Integer)
    positive: Mapped[int] = mapped_column(Integer)
