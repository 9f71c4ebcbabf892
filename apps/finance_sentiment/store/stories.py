"""Stories and their documents in SQL. Which text tells which story is the pipeline's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session as Session

from apps.finance_sentiment.store.archive_tables import DocumentRow, StoryRow

Item = TypeVar("Item")
AT_ONCE = 500  # ids in one query


@dataclass(frozen=True, slots=True)
class Told:
    """A document that has a story."""

    id: int
    story_id: int
    digest: str
    title: str
    text: str
    published_at: datetime


def newest_told(session: Session, most: int) -> Iterator[Told]:
    """The documents with the largest ids that have a story."""
    yield from _told(session, select(*_COLUMNS).order_by(DocumentRow.id.desc()).limit(most))


def told_by_id(session: Session, documents: Sequence[int]) -> Iterator[Told]:
    """Those of them that have a story."""
    for part in _parts(documents):
        yield from _told(session, select(*_COLUMNS).where(DocumentRow.id.in_(part)))


def told_behind(session: Session, document: int) -> list[int]:
    """Ids of the documents behind this one that have a story, ascending."""
    asked = select(DocumentRow.id).where(DocumentRow.id > document, DocumentRow.story_id.is_not(None))
    return list(session.scalars(asked.order_by(DocumentRow.id)))


def copies(session: Session, digests: Sequence[str]) -> list[Told]:
    """The documents with a story that have one of these digests, by id."""
    found = [
        one for part in _parts(digests) for one in _told(session, select(*_COLUMNS).where(DocumentRow.digest.in_(part)))
    ]
    return sorted(found, key=lambda one: one.id)


def stories_of(session: Session, documents: Sequence[int]) -> dict[int, int]:
    """The story of each document that has one, as it is now."""
    found: dict[int, int] = {}
    for part in _parts(documents):
        asked = select(DocumentRow.id, DocumentRow.story_id).where(DocumentRow.id.in_(part))
        found |= {row.id: row.story_id for row in session.execute(asked) if row.story_id is not None}
    return found


def held(session: Session, stories: Sequence[int]) -> dict[int, StoryRow]:
    """Stories by id, locked until the end of the transaction."""
    found: dict[int, StoryRow] = {}
    for part in _parts(sorted(stories)):
        asked = select(StoryRow).where(StoryRow.id.in_(part)).order_by(StoryRow.id)
        found |= {row.id: row for row in session.scalars(asked.with_for_update())}
    return found


def first_waiting(session: Session) -> int | None:
    """The smallest id of a document that nobody has read; None: all are read."""
    return session.scalar(select(func.min(DocumentRow.id)).where(DocumentRow.read_at.is_(None)))


_COLUMNS = (
    DocumentRow.id,
    DocumentRow.story_id,
    DocumentRow.digest,
    DocumentRow.title,
    DocumentRow.text,
    DocumentRow.published_at,
)


def _told(session: Session, asked: Select[int, int | None, str, str, str, datetime]) -> Iterator[Told]:
    told = asked.where(DocumentRow.story_id.is_not(None))
    for row in session.execute(told):
        if row.story_id is not None:
            yield Told(row.id, row.story_id, row.digest, row.title, row.text, row.published_at)


def _parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for first in range(0, len(items), AT_ONCE):
        yield items[first : first + AT_ONCE]
