"""The time, as an argument. Everything that needs "now" takes a `Clock`, so that tests own it."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """returns: an aware UTC time"""
        ...


def system_clock() -> datetime:
    """The machine's own time, in UTC."""
    return datetime.now(UTC)
