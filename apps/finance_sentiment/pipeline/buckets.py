"""Widths of a curve's points, and where each begins in a time zone. Knows no readings."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.finance_sentiment.errors import BadBucket, BadHalfLife, BadSpan, BadZone, TooManyPoints

MOST_POINTS = 10_000
MOST_HALF_LIFE_H = 8_760  # a year
EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

_MINUTES = {"m": 1, "h": 60, "d": 1_440, "w": 10_080}
_DAY = 1_440
_MONDAY = date(1969, 12, 29)
_FIRST = date(1970, 1, 1)
_BUCKET = re.compile(r"([1-9]\d{0,5})([mhdw])", re.ASCII)
_HALF_LIFE = re.compile(r"(-?\d{1,8}(?:\.\d{1,6})?)([mhdw]?)", re.ASCII)


@dataclass(frozen=True)
class Bucket:
    """A width. minutes: of one;  by_date: whole days or weeks, which may have 23 or 25 hours"""

    text: str
    minutes: int
    by_date: bool


def parse_bucket(text: str) -> Bucket:
    """raises: BadBucket

    >>> parse_bucket("6h").minutes
    360
    """
    found = _BUCKET.fullmatch(text)
    if found is None or int(found[1]) * _MINUTES[found[2]] > 400 * _DAY:
        raise BadBucket(text)
    return Bucket(text, int(found[1]) * _MINUTES[found[2]], found[2] in "dw")


def parse_half_life(text: str) -> float:
    """Hours. raises: BadHalfLife

    >>> parse_half_life("3d"), parse_half_life("1.5")
    (72.0, 1.5)
    """
    found = _HALF_LIFE.fullmatch(text.strip())
    hours = float(found[1]) * _MINUTES[found[2] or "h"] / 60 if found else 0.0
    if not 0 < hours <= MOST_HALF_LIFE_H:
        raise BadHalfLife(text, MOST_HALF_LIFE_H)
    return hours


def parse_zone(name: str) -> ZoneInfo:
    """raises: BadZone"""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadZone(name) from error


def edges(begin: datetime, end: datetime, bucket: Bucket, zone: ZoneInfo) -> list[datetime]:
    """Where the buckets begin that hold [begin, end), and where the last one ends; UTC, ascending.

    Days and weeks (from Monday) are those of the zone. Hours and minutes that divide a day begin anew at each of its
    midnights, so that the last one of a day on which clocks change is shorter or there is one more; others are counted
    from 1970 on.
    raises: BadSpan, TooManyPoints
    """
    if begin.tzinfo is None or end.tzinfo is None:
        raise BadSpan("a time needs its zone")
    if not EARLIEST <= begin < end <= LATEST:
        raise BadSpan("the span of time holds nothing, or is out of range")
    points = int((end - begin) / timedelta(minutes=bucket.minutes)) + 1
    if points > MOST_POINTS:
        raise TooManyPoints(points, MOST_POINTS)
    if bucket.by_date:
        return _by_date(begin, end, bucket, zone)
    step = timedelta(minutes=bucket.minutes)
    if _DAY % bucket.minutes:
        first = datetime.fromtimestamp(begin.timestamp() // step.total_seconds() * step.total_seconds(), UTC)
        return [first + at * step for at in range(-(-(end - first) // step) + 1)]
    return _by_midnights(begin, end, step, zone)


def _by_date(begin: datetime, end: datetime, bucket: Bucket, zone: ZoneInfo) -> list[datetime]:
    days = bucket.minutes // _DAY
    anchor = _MONDAY if days % 7 == 0 else _FIRST
    day = begin.astimezone(zone).date()
    day -= timedelta(days=(day - anchor).days % days)
    found = [_midnight(day, zone)]
    while found[-1] < end:
        day += timedelta(days=days)
        found.append(_midnight(day, zone))
    return found


def _by_midnights(begin: datetime, end: datetime, step: timedelta, zone: ZoneInfo) -> list[datetime]:
    day = begin.astimezone(zone).date()
    found, midnight = list[datetime](), _midnight(day, zone)
    while not found or midnight < end:
        day += timedelta(days=1)
        at, midnight = midnight, _midnight(day, zone)
        while at < midnight:
            found.append(at)
            at += step
    found.append(midnight)
    return found[bisect_right(found, begin) - 1 : bisect_left(found, end) + 1]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
