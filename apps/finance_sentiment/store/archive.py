"""The archive in SQL: documents with what was read from them, page by page, and a company's stories."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from apps.finance_sentiment.store.archive_tables import DocumentRow, ReadingRow, StoryRow
from core.database import Database

AT_ONCE = 500
Place = tuple[datetime, int]


@dataclass(frozen=True)
class Wanted:
    """Which documents. begin, end: published in [begin, end);  mood: of any company, or of `entity`"""

    entity: str | None = None
    begin: datetime | None = None
    end: datetime | None = None
    mood: str | None = None
    source: str | None = None
    story: int | None = None


@dataclass(frozen=True)
class Held:
    """A document with its readings as known now: the wanted company's only, where one is wanted."""

    document: DocumentRow
    readings: list[ReadingRow]


class Archive:
    """Reads of one database's archive."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def page(self, wanted: Wanted, after: Place | None, limit: int) -> list[Held]:
        """The newest first. after: publication and id of the last one that is known"""
        with self.database.session() as session:
            rows = list(session.scalars(_newest_first(wanted, after).limit(limit)))
            return _with_readings(session, rows, wanted.entity)

    def chosen(self, documents: Sequence[int], wanted: Wanted) -> list[Held]:
        """Those of them that are wanted, in the order of `documents`."""
        with self.database.session() as session:
            asked = _wanted(select(DocumentRow), wanted).where(DocumentRow.id.in_(documents))
            found = {row.id: row for row in session.scalars(asked)}
            return _with_readings(session, [found[one] for one in documents if one in found], wanted.entity)

    def stories(
        self, entity: str, begin: datetime | None, end: datetime | None, after: Place | None, limit: int
    ) -> list[tuple[ReadingRow, DocumentRow, StoryRow]]:
        """First documents of stories about a company, the newest first, each with what it says of the company."""
        asked = (
            select(ReadingRow, DocumentRow, StoryRow)
            .join(DocumentRow, DocumentRow.id == ReadingRow.document_id)
            .join(StoryRow, StoryRow.id == DocumentRow.story_id)
            .where(ReadingRow.entity_id == entity, ReadingRow.until.is_(None), ReadingRow.echo.is_(False))
        )
        if begin is not None:
            asked = asked.where(ReadingRow.at >= begin)
        if end is not None:
            asked = asked.where(ReadingRow.at < end)
        if after is not None:
            asked = asked.where(_before(ReadingRow.at, ReadingRow.document_id, after))
        asked = asked.order_by(ReadingRow.at.desc(), ReadingRow.document_id.desc()).limit(limit)
        with self.database.session() as session:
            return [(reading, document, story) for reading, document, story in session.execute(asked)]

    def behind(self, document: int, limit: int) -> list[DocumentRow]:
        """Documents with larger ids, ascending, read or not."""
        asked = select(DocumentRow).where(DocumentRow.id > document).order_by(DocumentRow.id).limit(limit)
        with self.database.session() as session:
            return list(session.scalars(asked))

    def by_id(self, documents: Sequence[int]) -> list[DocumentRow]:
        """Those that exist, ascending."""
        found: list[DocumentRow] = []
        with self.database.session() as session:
            for first in range(0, len(documents), AT_ONCE):
                part = select(DocumentRow).where(DocumentRow.id.in_(documents[first : first + AT_ONCE]))
                found += session.scalars(part)
        return sorted(found, key=lambda row: row.id)

    def entities_of(self, documents: Sequence[int]) -> dict[int, list[str]]:
        """Companies that each document was linked to, as known now."""
        found: dict[int, list[str]] = {}
        asked = select(ReadingRow.document_id, ReadingRow.entity_id)
        asked = asked.where(ReadingRow.document_id.in_(documents), ReadingRow.until.is_(None))
        with self.database.reading() as connection:
            for document, entity in connection.execute(asked.order_by(ReadingRow.entity_id)):
                found.setdefault(document, []).append(entity)
        return found


def _newest_first(wanted: Wanted, after: Place | None) -> Any:
    if wanted.entity is None:
        asked = _wanted(select(DocumentRow), wanted)
        if after is not None:
            asked = asked.where(_before(DocumentRow.published_at, DocumentRow.id, after))
        return asked.order_by(DocumentRow.published_at.desc(), DocumentRow.id.desc())
    asked = select(DocumentRow).join(ReadingRow, ReadingRow.document_id == DocumentRow.id)
    asked = _of_documents(asked, wanted).where(
        ReadingRow.entity_id == wanted.entity, ReadingRow.until.is_(None), *_mood(wanted.mood)
    )  # by the readings' index, which has a company's documents in order of time
    if wanted.begin is not None:
        asked = asked.where(ReadingRow.at >= wanted.begin)
    if wanted.end is not None:
        asked = asked.where(ReadingRow.at < wanted.end)
    if after is not None:
        asked = asked.where(_before(ReadingRow.at, ReadingRow.document_id, after))
    return asked.order_by(ReadingRow.at.desc(), ReadingRow.document_id.desc())


def _wanted(asked: Any, wanted: Wanted) -> Any:
    if wanted.entity is not None or wanted.mood is not None:
        read = select(ReadingRow.id).where(
            ReadingRow.document_id == DocumentRow.id, ReadingRow.until.is_(None), *_mood(wanted.mood)
        )
        if wanted.entity is not None:
            read = read.where(ReadingRow.entity_id == wanted.entity)
        asked = asked.where(read.exists())
    return _of_documents(asked, wanted)


def _of_documents(asked: Any, wanted: Wanted) -> Any:
    if wanted.begin is not None:
        asked = asked.where(DocumentRow.published_at >= wanted.begin)
    if wanted.end is not None:
        asked = asked.where(DocumentRow.published_at < wanted.end)
    if wanted.source is not None:
        asked = asked.where(DocumentRow.source == wanted.source)
    if wanted.story is not None:
        asked = asked.where(DocumentRow.story_id == wanted.story)
    return asked


def _mood(mood: str | None) -> list[ColumnElement[bool]]:
    """Of equally likely moods the first of negative, neutral, positive, as everywhere."""
    negative, neutral, positive = ReadingRow.negative, ReadingRow.neutral, ReadingRow.positive
    if mood is None:
        return []
    if mood == "unclear":
        return [ReadingRow.enough.is_(False)]
    likeliest = {
        "negative": and_(negative >= neutral, negative >= positive),
        "neutral": and_(neutral > negative, neutral >= positive),
        "positive": and_(positive > negative, positive > neutral),
    }
    return [ReadingRow.enough.is_(True), likeliest[mood]]


def _before(at: Any, document: Any, place: Place) -> ColumnElement[bool]:
    moment, last = place
    return and_(at <= moment, or_(at < moment, document < last))


def _with_readings(session: Session, rows: Sequence[DocumentRow], entity: str | None) -> list[Held]:
    held = {row.id: Held(row, []) for row in rows}
    asked = select(ReadingRow).where(ReadingRow.document_id.in_(list(held)), ReadingRow.until.is_(None))
    if entity is not None:
        asked = asked.where(ReadingRow.entity_id == entity)
    for reading in session.scalars(asked.order_by(ReadingRow.relevance.desc(), ReadingRow.entity_id)):
        held[reading.document_id].readings.append(reading)
    return list(held.values())
