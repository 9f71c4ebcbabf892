"""What a customer is told who asks for a person while nobody works: when somebody will, in the customer's language."""

from datetime import datetime
from zoneinfo import ZoneInfo

from apps.customer_service.pipeline.hours import WEEKDAYS
from apps.customer_service.pipeline.words import say


def told(language: str, opens: datetime, zone: str) -> str:
    """The sentence; English for a language that words.toml has no sentences for.

    language: ISO 639-1;  opens: aware;  zone: IANA, in which the time is said

    >>> from datetime import UTC
    >>> told("en", datetime(2026, 1, 5, 9, tzinfo=UTC), "Europe/London")[33:]
    'We are back on Monday, 2026-01-05, at 09:00 (Europe/London) and will answer here.'
    """
    local = opens.astimezone(ZoneInfo(zone))
    day = say(WEEKDAYS[local.weekday()], language)
    return say("closed", language).format(day=day, date=f"{local:%Y-%m-%d}", time=f"{local:%H:%M}", zone=zone)
