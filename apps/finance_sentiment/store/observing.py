"""What was written of companies in a stretch of time, from the archive's readings and hours. Judges nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from apps.finance_sentiment.store.archive_tables import DocumentRow, HourRow, ReadingRow, StoryRow

HOUR_S = 3_600
MOST_READINGS = 500  # of one company in one window: what drives an alert is among them
MOST_IN = 500  # values of one IN


@dataclass(frozen=True, slots=True)
class Sums:
    """volume: documents that are no echo;  documents: of these, with a mood;  weight, weighted: sums over those"""

    volume: int = 0
    documents: int = 0
    weight: float = 0.0
    weighted: float = 0.0

    @property
    def mood(self) -> float | None:
        """The mean score, None without evidence."""
        return self.weighted / self.weight if self.weight > 0.0 else None

    def plus(self, other: "Sums") -> "Sums":
        """Both together."""
        return Sums(
            self.volume + other.volume,
            self.documents + other.documents,
            self.weight + other.weight,
            self.weighted + other.weighted,
        )


@dataclass(frozen=True, slots=True)
class Brief:
    """A reading without its texts."""

    document: int
    entity: str
    at: datetime
    sums: Sums


@dataclass(frozen=True, slots=True)
class Told:
    """A reading with what an alert says of it. echoes: of its whole story"""

    document: int
    story: int | None
    title: str
    url: str
    source: str
    at: datetime
    echoes: int
    weight: float
    score: float
    enough: bool
    sentence: str


def sums(
    session: Session, since: datetime, until: datetime, entities: Collection[str] | None = None
) -> dict[str, Sums]:
    """Each company's sums over documents of after `since`, up to `until`. entities: only these"""
    counted = case((_counts(), 1), else_=0)
    weight = case((_counts(), ReadingRow.relevance / 100.0), else_=0.0)
    asked = (
        select(
            ReadingRow.entity_id,
            func.sum(case((ReadingRow.echo.is_(False), 1), else_=0)),
            func.sum(counted),
            func.sum(weight),
            func.sum(weight * ReadingRow.score),
        )
        .where(*_within(since, until, entities))
        .group_by(ReadingRow.entity_id)
    )
    return {entity: Sums(int(v), int(n), float(w), float(s)) for entity, v, n, w, s in session.execute(asked)}


def readings(
    session: Session, since: datetime, until: datetime, entities: Collection[str] | None = None
) -> list[Brief]:
    """The readings that `sums` adds up, one by one, the oldest first."""
    asked = (
        select(
            ReadingRow.document_id,
            ReadingRow.entity_id,
            ReadingRow.at,
            ReadingRow.enough,
            ReadingRow.relevance,
            ReadingRow.score,
        )
        .where(*_within(since, until, entities), ReadingRow.echo.is_(False))
        .order_by(ReadingRow.at, ReadingRow.id)
    )
    found = []
    for document, entity, at, enough, relevance, score in session.execute(asked):
        weight = relevance / 100.0 if enough else 0.0
        found.append(Brief(document, entity, at, Sums(1, int(enough), weight, weight * score)))
    return found


def texts(session: Session, documents: Iterable[int]) -> dict[int, str]:
    """Documents as they are read."""
    wanted = sorted(set(documents))
    found: dict[int, str] = {}
    for at in range(0, len(wanted), MOST_IN):
        asked = select(DocumentRow.id, DocumentRow.title, DocumentRow.text).where(
            DocumentRow.id.in_(wanted[at : at + MOST_IN])
        )
        found.update((number, f"{title}\n{text}" if text else title) for number, title, text in session.execute(asked))
    return found


def told(session: Session, entity: str, since: datetime, until: datetime) -> list[Told]:
    """The latest readings of one company in a window, with what an alert says of them; echoes are left out."""
    asked = (
        select(ReadingRow, DocumentRow, StoryRow.documents)
        .join(DocumentRow, DocumentRow.id == ReadingRow.document_id)
        .outerjoin(StoryRow, StoryRow.id == DocumentRow.story_id)
        .where(*_within(since, until, [entity]), ReadingRow.echo.is_(False))
        .order_by(ReadingRow.at.desc(), ReadingRow.id.desc())
        .limit(MOST_READINGS)
    )
    return [
        Told(
            document=document.id,
            story=document.story_id,
            title=document.title,
            url=document.url,
            source=document.source,
            at=reading.at,
            echoes=max(0, (documents or 1) - 1),
            weight=reading.relevance / 100.0,
            score=reading.score,
            enough=reading.enough,
            sentence=reading.sentence,
        )
        for reading, document, documents in session.execute(asked)
    ]


def began(session: Session) -> datetime | None:
    """When the archive's first document was published; None: it is empty."""
    return session.scalar(select(func.min(HourRow.hour)))


def hours(session: Session, first: int, end: int) -> Sequence[HourRow]:
    """The archive's hours from `first` up to before `end`, in hours since 1970."""
    asked = select(HourRow).where(HourRow.hour >= moment(first), HourRow.hour < moment(end))
    return session.scalars(asked.order_by(HourRow.hour)).all()


def moment(hour: int) -> datetime:
    """hour: since 1970"""
    return datetime.fromtimestamp(hour * HOUR_S, UTC)


def hour_of(at: datetime) -> int:
    """Hours since 1970."""
    return int(at.timestamp() // HOUR_S)


def added(briefs: Iterable[Brief]) -> Mapping[str, Sums]:
    """Each company's sums."""
    found: dict[str, Sums] = {}
    for one in briefs:
        found[one.entity] = found.get(one.entity, Sums()).plus(one.sums)
    return found


def _counts() -> ColumnElement[bool]:
    return and_(ReadingRow.enough.is_(True), ReadingRow.echo.is_(False))


def _within(since: datetime, until: datetime, entities: Collection[str] | None) -> list[Any]:
    wanted: list[Any] = [ReadingRow.until.is_(None), ReadingRow.at > since, ReadingRow.at <= until]
    if entities is not None:
        wanted.append(ReadingRow.entity_id.in_(list(entities)))
    return wanted
