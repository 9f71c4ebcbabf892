"""Curves of a company, a sector or the watchlist: as known now, or as they were known then. Writes nothing."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from apps.finance_sentiment.errors import BadSpan, NoSuchSector
from apps.finance_sentiment.pipeline.buckets import Bucket, edges
from apps.finance_sentiment.pipeline.mood_index import LOOKED_BACK, Counted, Floats, Points, curve
from apps.finance_sentiment.pipeline.tables import Columns
from apps.finance_sentiment.schemas.timeline import Timeline, TimelinePoint
from apps.finance_sentiment.store import timeline as store
from apps.finance_sentiment.store.entity_tables import EntityRow
from apps.finance_sentiment.store.timeline import Scope
from core.database import Database

HOUR_S = 3_600
DIGITS = 6
COLUMNS: Columns = {
    "start": "time", "volume": "whole", "echoes": "whole", "index": "number", "dispersion": "number",
    "evidence": "number", "negative": "whole", "neutral": "whole", "positive": "whole",
}  # fmt: skip


@dataclass(frozen=True)
class Span:
    """What of a curve is asked for. half_life: hours;  as_of: what was known then; None: what is known now"""

    begin: datetime
    end: datetime
    bucket: Bucket
    half_life: float
    zone: ZoneInfo
    as_of: datetime | None = None


def timeline(database: Database, scope: Scope, span: Span, now: datetime) -> Timeline:
    """A curve up to now, or up to `as_of`. raises: BadSpan, TooManyPoints"""
    if any(time is not None and time.tzinfo is None for time in (span.begin, span.end, span.as_of)):
        raise BadSpan("a time needs its zone")
    then = min(now, span.as_of) if span.as_of is not None else now
    places = edges(span.begin, min(span.end, then) if span.begin < then else span.end, span.bucket, span.zone)
    back = places[0] - timedelta(hours=math.ceil(LOOKED_BACK * span.half_life) + 1)
    begins = np.array([_hours(place) for place in places])
    by_hour = span.as_of is None and bool(np.all(begins % 1.0 == 0.0))
    counted = (_by_hour if by_hour else _by_reading)(database, scope, back, places[-1], span.as_of)
    points = curve(counted, begins, _hours(then), span.half_life)
    return Timeline.model_construct(
        entity=scope.entity,
        sector=scope.sector,
        watched=scope.watched,
        bucket=span.bucket.text,
        half_life=span.half_life,
        zone=span.zone.key,
        as_of=span.as_of,
        points=_shown(places, points),
    )


def check_sector(sector: str | None, entities: Iterable[EntityRow]) -> None:
    """raises: NoSuchSector where no company is in it"""
    if sector is not None and all(entity.sector != sector for entity in entities):
        raise NoSuchSector(sector)


def _by_hour(database: Database, scope: Scope, begin: datetime, end: datetime, _: datetime | None) -> Counted:
    floor = begin.replace(minute=0, second=0, microsecond=0)
    hours, sums = store.hour_sums(database, scope, floor, end)
    return Counted(hours + 0.5, sums)


def _by_reading(database: Database, scope: Scope, begin: datetime, end: datetime, as_of: datetime | None) -> Counted:
    rows = store.readings(database, scope, begin, end, as_of)
    hours = np.array([_hours(row[0]) for row in rows], dtype=np.float64)
    values = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 7)
    relevance, echo, enough, negative, neutral, positive, score = values.T
    new = 1 - echo
    weight = relevance / 100 * enough * new
    likeliest = np.argmax(np.stack([negative, neutral, positive]), axis=0)  # (n,); of equals the first, as in hours
    moods = [(likeliest == mood) * enough * new for mood in range(3)]
    return Counted(hours, np.stack([new, echo, weight, weight * score, weight * score**2, *moods], axis=1))


def _hours(moment: datetime) -> float:
    return moment.timestamp() / HOUR_S


def _shown(places: list[datetime], points: Points) -> list[TimelinePoint]:
    evidence = np.round(points.evidence, DIGITS).tolist()
    index, dispersion = (_known(values) for values in (points.index, points.dispersion))
    counts = points.counts.astype(np.int64).tolist()
    return [
        {
            "start": place,
            "volume": volume,
            "echoes": echoes,
            "index": mood,
            "dispersion": spread,
            "evidence": weight,
            "negative": negative,
            "neutral": neutral,
            "positive": positive,
        }
        for place, (volume, echoes, negative, neutral, positive), mood, spread, weight in zip(
            places[:-1], counts, index, dispersion, evidence, strict=True
        )
    ]


def _known(values: Floats) -> list[float | None]:
    return [None if math.isnan(value) else value for value in (np.round(values, DIGITS) + 0.0).tolist()]


def rounded(value: float) -> float | None:
    """None for what is not known."""
    return None if math.isnan(value) else round(value, DIGITS) + 0.0
