"""Working hours through weekends, midnight and changes of the clock."""

from datetime import UTC, datetime

import pytest

from apps.customer_service.pipeline.closed import told
from apps.customer_service.pipeline.hours import WEEKDAYS as DAYS
from apps.customer_service.pipeline.hours import opens_at
from apps.customer_service.pipeline.words import words_by_language

WEEKDAYS = {day: [["09:00", "12:30"], ["13:30", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
ALL_NIGHT = {"sat": [["22:00", "24:00"]], "sun": [["00:00", "06:00"]]}


@pytest.mark.parametrize(
    ("zone", "hours", "now", "opens"),
    [
        ("UTC", {}, "2026-01-01T03:00", None),
        ("UTC", {"mon": []}, "2026-01-01T03:00", None),
        ("UTC", WEEKDAYS, "2026-01-05T09:00", None),
        ("UTC", WEEKDAYS, "2026-01-05T12:30", "2026-01-05T13:30"),
        ("UTC", WEEKDAYS, "2026-01-09T17:00", "2026-01-12T09:00"),
        ("America/New_York", WEEKDAYS, "2026-01-05T13:00", "2026-01-05T14:00"),
        ("UTC", ALL_NIGHT, "2026-01-10T23:30", None),
        ("UTC", ALL_NIGHT, "2026-01-11T05:59", None),
        ("UTC", ALL_NIGHT, "2026-01-11T06:00", "2026-01-17T22:00"),
        # Clocks go forward in Paris on Sunday 29 March 2026 at 02:00: Monday begins an hour earlier in UTC.
        ("Europe/Paris", WEEKDAYS, "2026-03-27T16:00", "2026-03-30T07:00"),
        ("Europe/Paris", WEEKDAYS, "2026-10-23T15:00", "2026-10-26T08:00"),
        ("UTC", {"mon": [["09:00", "10:00"]]}, "2026-01-05T10:00", "2026-01-12T09:00"),
    ],
)
def test_it_opens_when_it_should(zone: str, hours: dict[str, list[list[str]]], now: str, opens: str | None):
    at = opens_at(zone, hours, datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert at == (datetime.fromisoformat(opens).replace(tzinfo=UTC) if opens else None)


def test_it_is_said_in_the_customers_language_and_else_in_english():
    opens = datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert "lundi 2026-01-05 à 09:00 (Europe/Paris)" in told("fr", opens, "Europe/Paris")
    assert "maandag 2026-01-05 om 08:00 (UTC)" in told("nl", opens, "UTC")
    assert "el lunes 2026-01-05 a las 08:00 (UTC)" in told("es", opens, "UTC")
    assert "Monday, 2026-01-05, at 08:00 (UTC)" in told("fi", opens, "UTC")


def test_every_language_that_the_desk_speaks_says_when_it_is_open_again():
    spoken = {language: words.says for language, words in words_by_language().items() if words.says}
    assert {language for language, says in spoken.items() if not {"closed", *DAYS} <= says.keys()} == set()
