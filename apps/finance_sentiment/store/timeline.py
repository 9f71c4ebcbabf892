"""Sums for curves in SQL: by hour as known now, or reading by reading as known at any time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, extract, func, or_, select

from apps.finance_sentiment.store.archive_tables import DocumentRow, HourRow, ReadingRow
from apps.finance_sentiment.store.entity_tables import EntityRow
from apps.finance_sentiment.store.hours import SUMS
from core.database import Database

Floats = NDArray[np.float64]

HOUR_S, DAY_S = 3_600, 86_400
HOURS_A_DAY = 24


@dataclass(frozen=True)
class Scope:
    """Whose curve: one company's, or that of all in a sector or on the watchlist; all of them where nothing is said."""

    entity: str | None = None
    sector: str | None = None
    watched: bool | None = None


@dataclass(frozen=True)
class DaySums:
    """A company's sums in one span of 24 hours. day: 0 for the last one;  weight, weighted: faded within the span"""

    entity: str
    day: int
    volume: int
    weight: float
    weighted: float


@dataclass(frozen=True)
class LastStory:
    """The newest document of a company that is no echo."""

    document: int
    story: int | None
    title: str
    at: datetime


def hour_sums(database: Database, scope: Scope, begin: datetime, end: datetime) -> tuple[Floats, Floats]:
    """Sums of hours in [begin, end), ascending.

    returns: the hours since 1970 (n,); sums (n, 8), columns as `SUMS`
    """
    columns: list[Any] = [getattr(HourRow, name) for name in SUMS]
    hour = cast(extract("epoch", HourRow.hour), BigInteger)  # a number: to make times of a year's rows takes longer
    span = (HourRow.hour >= begin, HourRow.hour < end)
    if scope.entity is not None:
        asked = select(hour, *columns).where(HourRow.entity_id == scope.entity, *span)
    else:
        summed = [func.sum(column) for column in columns]
        asked = select(hour, *summed).where(HourRow.entity_id.in_(_members(scope)), *span).group_by(HourRow.hour)
    with database.reading() as connection:
        rows = connection.execute(asked.order_by(HourRow.hour)).all()
    table = np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * (1 + len(SUMS)))
    table = table.reshape(-1, 1 + len(SUMS))
    return table[:, 0] / HOUR_S, table[:, 1:]


def readings(
    database: Database, scope: Scope, begin: datetime, end: datetime, as_of: datetime | None
) -> list[tuple[Any, ...]]:
    """Rows of (at, relevance, echo, enough, negative, neutral, positive, score) in [begin, end), ascending.

    as_of: as they were known then; None: now
    """
    asked = select(
        ReadingRow.at,
        ReadingRow.relevance,
        ReadingRow.echo,
        ReadingRow.enough,
        ReadingRow.negative,
        ReadingRow.neutral,
        ReadingRow.positive,
        ReadingRow.score,
    ).where(ReadingRow.at >= begin, ReadingRow.at < end, known(as_of))
    if scope.entity is not None:
        asked = asked.where(ReadingRow.entity_id == scope.entity)
    else:
        asked = asked.where(ReadingRow.entity_id.in_(_members(scope)))
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(asked.order_by(ReadingRow.at))]


def known(as_of: datetime | None) -> ColumnElement[bool]:
    """Readings as they were known at a time; None: now."""
    if as_of is None:
        return ReadingRow.until.is_(None)
    return and_(ReadingRow.known_at <= as_of, or_(ReadingRow.until.is_(None), ReadingRow.until > as_of))


def day_sums(
    database: Database, entities: Sequence[str], begin: datetime, end: datetime, half_life: float
) -> list[DaySums]:
    """Of each company, sums of each 24 hours before `end`, whose weights fade towards the end of the 24 hours.

    begin, end: whole hours;  half_life: hours
    """
    before = int(end.timestamp()) - HOUR_S - cast(extract("epoch", HourRow.hour), BigInteger)  # seconds, 0 or more
    day = before // DAY_S
    faded = case(
        {hours: 2.0 ** (-(hours + 0.5) / half_life) for hours in range(HOURS_A_DAY)},
        value=(before % DAY_S) // HOUR_S,
    )
    asked = (
        select(
            HourRow.entity_id,
            day.label("day"),
            func.sum(HourRow.volume),
            func.sum(HourRow.weight * faded),
            func.sum(HourRow.weighted * faded),
        )
        .where(HourRow.entity_id.in_(entities), HourRow.hour >= begin, HourRow.hour < end)
        .group_by(HourRow.entity_id, day)
    )
    with database.reading() as connection:
        return [
            DaySums(entity, int(at), int(n), float(w), float(s)) for entity, at, n, w, s in connection.execute(asked)
        ]


def last_stories(database: Database, entities: Sequence[str]) -> dict[str, LastStory]:
    """Of each company the newest document that is no echo, where there is one."""
    newest = (
        select(ReadingRow.document_id)
        .where(ReadingRow.entity_id == EntityRow.id, ReadingRow.until.is_(None), ReadingRow.echo.is_(False))
        .order_by(ReadingRow.at.desc())
        .limit(1)
        .correlate(EntityRow)
        .scalar_subquery()
    )
    chosen = select(EntityRow.id.label("entity"), newest.label("document")).where(EntityRow.id.in_(entities)).subquery()
    asked = select(
        chosen.c.entity,
        DocumentRow.id,
        DocumentRow.story_id,
        DocumentRow.title,
        DocumentRow.text,
        DocumentRow.published_at,
    ).join(DocumentRow, DocumentRow.id == chosen.c.document)
    with database.reading() as connection:
        return {
            row.entity: LastStory(row.id, row.story_id, row.title or row.text[:200], row.published_at)
            for row in connection.execute(asked)
        }


def _members(scope: Scope) -> Any:
    asked = select(EntityRow.id).where(EntityRow.removed.is_(False))
    if scope.sector is not None:
        asked = asked.where(EntityRow.sector == scope.sector)
    if scope.watched is not None:
        asked = asked.where(EntityRow.watched.is_(scope.watched))
    return asked
