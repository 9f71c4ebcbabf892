"""Corrections in SQL: written with what they change, listed, and what is worth a look. Works no mood out."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import case, select
from sqlalchemy.orm import Session as Session

from apps.finance_sentiment.errors import CorrectedMeanwhile, NoSuchDocument, NoSuchReading, NoSuchStory
from apps.finance_sentiment.store.archive_tables import DocumentRow, ReadingRow, StoryRow
from apps.finance_sentiment.store.correction_tables import CorrectionRow
from core.database import Database

TOLD_OFTEN = 8  # documents of a story; more are not worth more


class Corrections:
    """All corrections of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def page(self, kind: str | None, before: int | None, limit: int) -> list[CorrectionRow]:
        """The newest first. before: id"""
        asked = select(CorrectionRow).order_by(CorrectionRow.id.desc()).limit(limit)
        if kind is not None:
            asked = asked.where(CorrectionRow.kind == kind)
        if before is not None:
            asked = asked.where(CorrectionRow.id < before)
        with self.database.session() as session:
            return list(session.scalars(asked))

    def doubtful(self, since: datetime, most: int) -> Sequence[tuple[ReadingRow, DocumentRow, StoryRow, float]]:
        """Readings that nobody looked at, what is most worth a look first: unsure x relevant x told often."""
        often = case((StoryRow.documents > TOLD_OFTEN, TOLD_OFTEN), else_=StoryRow.documents)
        worth = (1 - ReadingRow.confidence) * 1.5 * ReadingRow.relevance / 100 * (0.5 + 0.5 * often / TOLD_OFTEN)
        looked_at = select(CorrectionRow.document_id).where(CorrectionRow.document_id == ReadingRow.document_id)
        asked = (
            select(ReadingRow, DocumentRow, StoryRow, worth)
            .join(DocumentRow, DocumentRow.id == ReadingRow.document_id)
            .join(StoryRow, StoryRow.id == DocumentRow.story_id)
            .where(
                ReadingRow.at >= since,
                ReadingRow.until.is_(None),
                ReadingRow.echo.is_(False),
                ~looked_at.exists(),
            )
            .order_by(worth.desc(), ReadingRow.id)
            .limit(most)
        )
        with self.database.session() as session:
            return [(one, document, story, value) for one, document, story, value in session.execute(asked)]

    def moods(self) -> Iterator[tuple[CorrectionRow, ReadingRow, DocumentRow]]:
        """Corrected moods, oldest first, each with the reading that was corrected and its document."""
        asked = (
            select(CorrectionRow, ReadingRow, DocumentRow)
            .join(ReadingRow, ReadingRow.id == CorrectionRow.reading_id)
            .join(DocumentRow, DocumentRow.id == CorrectionRow.document_id)
            .where(CorrectionRow.kind == "mood")
            .order_by(CorrectionRow.id)
        )
        with self.database.session() as session:
            yield from ((one, read, document) for one, read, document in session.execute(asked))


def current_reading(session: Session, reading: int) -> ReadingRow:
    """A reading that is still what is known. raises: NoSuchReading, CorrectedMeanwhile"""
    row = session.get(ReadingRow, reading, with_for_update=True)
    if row is None:
        raise NoSuchReading(reading)
    if row.until is not None:
        raise CorrectedMeanwhile(reading)
    return row


def held_document(session: Session, document: int) -> DocumentRow:
    """raises: NoSuchDocument"""
    row = session.get(DocumentRow, document, with_for_update=True)
    if row is None:
        raise NoSuchDocument(document)
    return row


def reading_of(session: Session, document: int, entity: str) -> ReadingRow | None:
    """What is known now of a company in a document."""
    asked = select(ReadingRow).where(
        ReadingRow.document_id == document, ReadingRow.entity_id == entity, ReadingRow.until.is_(None)
    )
    return session.scalars(asked).first()


def held_story(session: Session, story: int) -> StoryRow:
    """raises: NoSuchStory"""
    row = session.get(StoryRow, story, with_for_update=True)
    if row is None:
        raise NoSuchStory(story)
    return row


def documents_of(session: Session, story: int) -> list[DocumentRow]:
    """Those that tell a story, in order of publication."""
    asked = select(DocumentRow).where(DocumentRow.story_id == story)
    return list(session.scalars(asked.order_by(DocumentRow.published_at, DocumentRow.id)))


def known_readings(session: Session, document: int) -> list[ReadingRow]:
    """What is known now of a document."""
    asked = select(ReadingRow).where(ReadingRow.document_id == document, ReadingRow.until.is_(None))
    return list(session.scalars(asked.order_by(ReadingRow.id)))
