"""How long, how late: times as agents read them."""

from __future__ import annotations

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def duration(seconds: float) -> str:
    """Seconds in the largest unit that says enough.

    >>> duration(42), duration(200), duration(4_000), duration(200_000)
    ('42 s', '3 min', '1 h 6 min', '2 d')
    """
    whole = int(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"
    return f"{whole // DAY} d"
