"""Moments as files and messages hold them. Knows no clock."""

import math
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator


def parse_moment(written: object) -> datetime | None:
    """A moment as it stands in a file or a message: ISO 8601, or seconds since 1970; without a zone it is UTC.

    returns: an aware UTC time; None where nothing is written
    raises: ValueError for what is no moment

    >>> parse_moment("2026-01-05 10:00"), parse_moment(1767607200), parse_moment(" ")
    (datetime.datetime(2026, 1, 5, 10, 0, tzinfo=datetime.timezone.utc), \
datetime.datetime(2026, 1, 5, 10, 0, tzinfo=datetime.timezone.utc), None)
    """
    if written is None or (isinstance(written, float) and math.isnan(written)):
        return None
    if isinstance(written, datetime):
        return in_utc(written)
    if isinstance(written, str):
        text = written.strip()
        if not text:
            return None
        try:
            seconds = float(text)
        except ValueError:
            return in_utc(datetime.fromisoformat(text))
    elif isinstance(written, int | float) and not isinstance(written, bool):
        seconds = float(written)
    else:
        raise ValueError("neither ISO 8601 nor seconds since 1970")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("out of range") from error


def in_utc(moment: datetime) -> datetime:
    """raises: ValueError for a moment beyond the years 1 to 9999"""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("out of range") from error


Moment = Annotated[datetime | None, BeforeValidator(parse_moment)]
"""ISO 8601 or seconds since 1970, in UTC unless a zone is written; empty for none."""
