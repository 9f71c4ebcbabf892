"""Documents and stories as they are shown and exported. Writes nothing."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from apps.finance_sentiment.errors import BadSpan
from apps.finance_sentiment.pipeline.archive_index import ArchiveIndex
from apps.finance_sentiment.pipeline.hours import likeliest
from apps.finance_sentiment.pipeline.tables import Columns
from apps.finance_sentiment.schemas.archive import DocumentShown, EntityStory, Mood, ReadingShown
from apps.finance_sentiment.store.archive import Archive, Held, Place, Wanted
from apps.finance_sentiment.store.archive_tables import ReadingRow
from core.paging import BadCursor, Page, decode_cursor, encode_cursor

SHOWN = 600  # characters of a text in a list
AT_ONCE = 200

Names = Mapping[str, str]
"""Names of companies by id."""

COLUMNS: Columns = {
    "document": "whole", "source": "text", "url": "text", "title": "text", "published_at": "time",
    "fetched_at": "time", "story": "whole", "echo": "yes", "entity": "text", "name": "text", "mood": "text",
    "score": "number", "negative": "number", "neutral": "number", "positive": "number", "confidence": "number",
    "relevance": "whole", "sentence": "text", "model": "text", "corrected_by": "text",
}  # fmt: skip
"""Of an export: a row for each document and company, and one for a document without any."""


def documents(archive: Archive, wanted: Wanted, cursor: str | None, limit: int, names: Names) -> Page[DocumentShown]:
    """The newest first. raises: BadCursor, BadSpan"""
    check_span(wanted.begin, wanted.end)
    found = archive.page(wanted, _place(cursor), limit + 1)
    more = _cursor(found[limit - 1]) if len(found) > limit else None
    return Page(items=[shown(one, names, SHOWN) for one in found[:limit]], next_cursor=more)


def search(
    index: ArchiveIndex, words: str, wanted: Wanted, cursor: str | None, limit: int, names: Names
) -> Page[DocumentShown]:
    """The best `limit` documents for some words; no further pages. raises: BadCursor, BadSpan, NotSearchable"""
    if cursor:
        raise BadCursor
    check_span(wanted.begin, wanted.end)
    return Page(items=[shown(one, names, SHOWN) for one in index.search(words, wanted, limit)])


def stories(
    archive: Archive, entity: str, begin: datetime | None, end: datetime | None, cursor: str | None, limit: int
) -> Page[EntityStory]:
    """A company's stories, the newest first. raises: BadCursor, BadSpan"""
    check_span(begin, end)
    found = archive.stories(entity, begin, end, _place(cursor), limit + 1)
    items = [
        EntityStory(
            story=story.id,
            title=story.title,
            source=first.source,
            document=first.id,
            published_at=first.published_at,
            last_at=story.last_at,
            echoes=story.documents - 1,
            mood=mood(reading),
            score=reading.score,
            relevance=reading.relevance,
            sentence=reading.sentence,
        )
        for reading, first, story in found[:limit]
    ]
    last = found[limit - 1][0] if len(found) > limit else None
    more = encode_cursor(at=last.at.isoformat(), id=last.document_id) if last is not None else None
    return Page(items=items, next_cursor=more)


def exported(archive: Archive, wanted: Wanted, names: Names) -> Iterator[dict[str, Any]]:
    """Rows of an export, the newest document first, page by page. raises: BadSpan"""
    check_span(wanted.begin, wanted.end)
    return _exported(archive, wanted, names)


def _exported(archive: Archive, wanted: Wanted, names: Names) -> Iterator[dict[str, Any]]:
    after: Place | None = None
    while page := archive.page(wanted, after, AT_ONCE):
        for held in page:
            yield from flat(held, names)
        after = page[-1].document.published_at, page[-1].document.id


def flat(held: Held, names: Names) -> Iterator[dict[str, Any]]:
    """A document as rows of an export."""
    row = held.document
    of_document = {
        name: getattr(row, name) for name in ("source", "url", "title", "published_at", "fetched_at", "echo")
    }
    of_document |= {"document": row.id, "story": row.story_id}
    for read in [shown_reading(reading, names).model_dump() for reading in held.readings] or [{}]:
        yield {name: (of_document | read).get(name) for name in COLUMNS}


def shown(held: Held, names: Names, most: int | None) -> DocumentShown:
    """A document as it is sent. most: characters of its text"""
    row = held.document
    return DocumentShown(
        id=row.id,
        source=row.source,
        url=row.url,
        title=row.title,
        text=row.text if most is None else row.text[:most],
        published_at=row.published_at,
        dated=row.dated,
        fetched_at=row.fetched_at,
        story=row.story_id,
        echo=row.echo,
        read=row.read_at is not None,
        readings=[shown_reading(reading, names) for reading in held.readings],
    )


def shown_reading(reading: ReadingRow, names: Names) -> ReadingShown:
    """A reading as it is sent; a company that was removed has its id for a name."""
    return ReadingShown(
        entity=reading.entity_id,
        name=names.get(reading.entity_id, reading.entity_id),
        mood=mood(reading),
        negative=reading.negative,
        neutral=reading.neutral,
        positive=reading.positive,
        score=reading.score,
        confidence=reading.confidence,
        relevance=reading.relevance,
        sentence=reading.sentence,
        start=reading.start,
        end=reading.end,
        model=reading.model,
        corrected_by=reading.corrected_by,
    )


def mood(reading: ReadingRow) -> Mood:
    """The likeliest one, or that there is too little evidence for one."""
    return cast(Mood, likeliest(reading)) if reading.enough else "unclear"


def check_span(begin: datetime | None, end: datetime | None) -> None:
    """raises: BadSpan"""
    if any(time is not None and time.tzinfo is None for time in (begin, end)):
        raise BadSpan("a time needs its zone")
    if begin is not None and end is not None and begin >= end:
        raise BadSpan("the span of time holds nothing")


def _place(cursor: str | None) -> Place | None:
    place = decode_cursor(cursor, at=str, id=int)
    if place is None:
        return None
    try:
        return datetime.fromisoformat(str(place["at"])), int(place["id"])
    except ValueError as error:
        raise BadCursor from error


def _cursor(held: Held) -> str:
    return encode_cursor(at=held.document.published_at.isoformat(), id=held.document.id)
