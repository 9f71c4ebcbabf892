"""Rows of an archive, written as a test needs them."""

from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy.orm import Session

from apps.finance_sentiment.store.archive_tables import DocumentRow, ReadingRow
from apps.finance_sentiment.store.entity_tables import EntityRow

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
_numbers = count(1)


def company(session: Session, key: str, sector: str = "", watched: bool = True) -> None:
    """A company in the list, named after its id."""
    session.add(
        EntityRow(
            id=key, name=key.title(), tickers=[], sector=sector, country="", aliases=[], context=[], anticontext=[],
            watched=watched, origin="own", removed=False, version=1, updated_at=NOON,
        )
    )  # fmt: skip
    session.flush()


def captured(session: Session, title: str, at: datetime = NOON, *, text: str = "", source: str = "feed") -> DocumentRow:
    """A document that waits to be read."""
    row = DocumentRow(
        source=source, external_id=str(next(_numbers)), url="", title=title, text=text, published_at=at, dated=True,
        fetched_at=at, digest=f"{title} {text}".strip().casefold()[:64], story_id=None, echo=False, read_at=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def reading(
    document: DocumentRow,
    entity: str,
    score: float,
    *,
    relevance: int = 100,
    enough: bool = True,
    known_at: datetime | None = None,
) -> ReadingRow:
    """What a document says of a company; all of its mood is positive or negative, as much as the score says."""
    return ReadingRow(
        document_id=document.id, entity_id=entity, at=document.published_at,
        known_at=known_at or document.published_at + timedelta(seconds=1), until=None, relevance=relevance,
        echo=document.echo, enough=enough, negative=max(-score, 0), neutral=1 - abs(score), positive=max(score, 0),
        score=score, confidence=max(abs(score), 1 - abs(score)), sentence=document.title, start=0, end=1,
        model="test@1", corrected_by=None,
    )  # fmt: skip
