"""Moments as files and messages hold them. Knows no clock."""

import math
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator

MILLISECONDS_FROM = 1e11  # seconds until the year 5138; no system counts in seconds and means so late a time
MICROSECONDS_FROM = 1e14
LATEST = 253_402_300_799.0  # the last second of the year 9999
NO_MOMENT = "must be a time in ISO 8601, or seconds or milliseconds since 1970"


def parse_seconds(written: object) -> float | None:
    """Unix seconds of what stands in a file or a message: ISO 8601, or a number of seconds, milliseconds or
    microseconds since 1970, told apart by its size. Without a zone it is UTC.

    returns: None where nothing is written
    raises: ValueError for what is no moment, or lies before 1970

    >>> parse_seconds("2026-01-05 10:00"), parse_seconds(1767607200), parse_seconds("1767607200000"), parse_seconds(" ")
    (1767607200.0, 1767607200.0, 1767607200.0, None)
    >>> parse_seconds("20260105T100000Z")
    1767607200.0
    """
    if isinstance(written, str):
        text = written.strip()
        if not text:
            return None
        seconds = _of_text(text)
    elif isinstance(written, bool):
        raise ValueError(NO_MOMENT)
    elif isinstance(written, int | float):
        if math.isnan(written):  # an empty cell of a Parquet file
            return None
        seconds = _of_number(float(written))
    elif written is None:
        return None
    elif isinstance(written, datetime):
        seconds = _of_datetime(written)
    else:
        raise ValueError(NO_MOMENT)
    if not 0 <= seconds <= LATEST:
        raise ValueError("must lie in the years 1970 to 9999")
    return seconds


def parse_datetime(written: object) -> datetime | None:
    """The same, as an aware UTC time. raises: ValueError"""
    seconds = parse_seconds(written)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _of_text(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isnan(number) or _is_date(text):
        try:
            return _of_datetime(datetime.fromisoformat(text))
        except (ValueError, OverflowError) as error:
            raise ValueError(NO_MOMENT) from error
    return _of_number(number)


def _is_date(text: str) -> bool:
    """20260105 is a day, not a second of August 1970."""
    return len(text) == 8 and text.isdigit() and text[:2] in {"19", "20"}


def _of_number(number: float) -> float:
    size = abs(number)
    if size < MILLISECONDS_FROM:
        return number
    return number / (1e3 if size < MICROSECONDS_FROM else 1e6)


def _of_datetime(moment: datetime) -> float:
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


Seconds = Annotated[float | None, BeforeValidator(parse_seconds)]
"""Unix seconds; None for nothing."""
Moment = Annotated[datetime | None, BeforeValidator(parse_datetime)]
"""An aware UTC time; None for nothing."""
