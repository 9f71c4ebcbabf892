"""Readings in SQL: documents that wait to be read, and what was read of them. Reads nothing itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from apps.finance_sentiment.store.archive_tables import DocumentRow, ReadingRow
from core.database import Database

LOCK = 0x7472_6976_6669_6E01  # of PostgreSQL's advisory locks, which are numbers: "trivfin" and a one


class Sentence(NamedTuple):
    """What was read of a company. entity: its name as it stands in the text;  the rest: probabilities"""

    text: str
    entity: str
    negative: float
    neutral: float
    positive: float


class Left(NamedTuple):
    """Documents that nobody has read. published, captured: when the first of them was; None without any"""

    documents: int
    published: datetime | None
    captured: datetime | None


class Readings:
    """All readings of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def waiting(self, most: int, after: int = 0) -> list[DocumentRow]:
        """Documents that nobody has read, oldest first. after: id"""
        asked = select(DocumentRow).where(DocumentRow.read_at.is_(None), DocumentRow.id > after)
        with self.database.session() as session:
            return list(session.scalars(asked.order_by(DocumentRow.id).limit(most)))

    def last_waiting(self, most: int) -> list[DocumentRow]:
        """Those of the documents that nobody has read that were captured last, oldest first."""
        asked = select(DocumentRow).where(DocumentRow.read_at.is_(None)).order_by(DocumentRow.id.desc()).limit(most)
        with self.database.session() as session:
            return list(reversed(session.scalars(asked).all()))

    def count_waiting(self) -> int:
        """How many documents nobody has read."""
        return self.left().documents

    def left(self) -> Left:
        """What nobody has read."""
        counted = func.count(), func.min(DocumentRow.published_at), func.min(DocumentRow.fetched_at)
        with self.database.session() as session:
            return Left(*session.execute(select(*counted).where(DocumentRow.read_at.is_(None))).one())

    def of_document(self, document: int) -> list[ReadingRow]:
        """What is known now of a document, the most relevant company first."""
        asked = select(ReadingRow).where(ReadingRow.document_id == document, ReadingRow.until.is_(None))
        with self.database.session() as session:
            return list(session.scalars(asked.order_by(ReadingRow.relevance.desc(), ReadingRow.id)))

    def sentences(self, most: int) -> list[Sentence]:
        """Of the newest readings that nobody corrected."""
        whole = case((DocumentRow.text == "", DocumentRow.title), else_=DocumentRow.title + "\n" + DocumentRow.text)
        named = func.substr(whole, ReadingRow.start + 1, ReadingRow.end - ReadingRow.start)
        asked = (
            select(ReadingRow.sentence, named, ReadingRow.negative, ReadingRow.neutral, ReadingRow.positive)
            .join(DocumentRow, DocumentRow.id == ReadingRow.document_id)
            .where(ReadingRow.until.is_(None), ReadingRow.corrected_by.is_(None), ReadingRow.echo.is_(False))
            .order_by(ReadingRow.id.desc())
            .limit(most)
        )
        with self.database.session() as session:
            return [Sentence(*found) for found in session.execute(asked)]


def claim(session: Session, documents: Sequence[int]) -> list[DocumentRow]:
    """Those that still wait, in order of their ids, in a transaction that no other reader shares.

    The lock is held to the end of the transaction; SQLite's own write lock does the same there.
    """
    alone(session)
    asked = select(DocumentRow).where(DocumentRow.id.in_(documents), DocumentRow.read_at.is_(None))
    return list(session.scalars(asked.order_by(DocumentRow.id)))


def alone(session: Session) -> None:
    """Wait until no other transaction reads or corrects; needs one that was opened to write."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(LOCK)))
