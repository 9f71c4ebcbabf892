"""When a queue is open: working hours by weekday in a time zone, through changes of the clock. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
MIDNIGHT = "24:00"  # as an end: of this day

Hours = Mapping[str, Sequence[Sequence[str]]]


def opens_at(zone: str, hours: Hours, now: datetime) -> datetime | None:
    """When it opens next; None while it is open, and for one without hours, which never closes.

    zone: IANA;  hours: see QueueRow;  now: aware;  returns: UTC

    >>> monday = datetime(2026, 1, 5, 18, tzinfo=UTC)
    >>> opens_at("Europe/Paris", {"mon": [["09:00", "17:00"]], "tue": [["09:00", "17:00"]]}, monday).isoformat()
    '2026-01-06T08:00:00+00:00'
    """
    if not any(hours.values()):
        return None
    for begins, ends in _spans(ZoneInfo(zone), hours, now):
        if begins <= now < ends:
            return None
        if now < begins:
            return begins
    raise ValueError("these hours never come")  # a week has every weekday, so it is not reached


def _spans(zone: ZoneInfo, hours: Hours, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The open spans from today on, in order, in UTC. A time that a change of the clock skips is read as by the old."""
    today = now.astimezone(zone).date()
    for ahead in range(9):
        day = today + timedelta(days=ahead)
        for begins, ends in sorted(map(tuple, hours.get(WEEKDAYS[day.weekday()], ()))):
            last = day + timedelta(days=1) if ends == MIDNIGHT else day
            yield (
                datetime.combine(day, time.fromisoformat(begins), zone).astimezone(UTC),
                datetime.combine(last, time() if ends == MIDNIGHT else time.fromisoformat(ends), zone).astimezone(UTC),
            )
