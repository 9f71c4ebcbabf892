"""When, how long: times as people read them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def duration(seconds: float) -> str:
    """Seconds in the units that say enough.

    >>> duration(42), duration(200), duration(4_000), duration(200_000)
    ('42 s', '3 min', '1 h 6 min', '2 d 7 h')
    """
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"


def moment(when: datetime, timezone: str | None) -> tuple[str, str]:
    """A time as the reader's clock shows it, and in UTC.

    timezone: the browser's; None or an unknown one: UTC

    >>> from datetime import UTC
    >>> moment(datetime(2026, 1, 2, 9, 5, tzinfo=UTC), "Europe/Paris")
    ('2 Jan 2026, 10:05', '2026-01-02 09:05 UTC')
    """
    try:
        zone = ZoneInfo(timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    local = when.astimezone(zone)
    return f"{local.day} {local:%b %Y, %H:%M}", f"{when.astimezone(ZoneInfo('UTC')):%Y-%m-%d %H:%M} UTC"


def ago(when: datetime, now: datetime) -> str:
    """How long it has been, in the one unit that says enough.

    >>> from datetime import UTC, timedelta
    >>> now = datetime(2026, 1, 2, tzinfo=UTC)
    >>> [ago(now - timedelta(seconds=passed), now) for passed in (20, 300, 7_300, 200_000)]
    ['just now', '5 min ago', '2 h ago', '2 days ago']
    """
    passed = (now - when).total_seconds()
    if passed < MINUTE:
        return "just now"
    if passed < HOUR:
        return f"{passed // MINUTE:.0f} min ago"
    if passed < 2 * DAY:
        return f"{passed // HOUR:.0f} h ago"
    return f"{passed // DAY:.0f} days ago"
