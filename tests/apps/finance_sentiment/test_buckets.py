"""Where buckets begin: in any zone, on days on which clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.finance_sentiment.errors import BadBucket, BadHalfLife, BadSpan, BadZone, TooManyPoints
from apps.finance_sentiment.pipeline.buckets import edges, parse_bucket, parse_half_life, parse_zone


def places(begin: str, end: str, bucket: str, zone: str = "UTC") -> list[str]:
    found = edges(datetime.fromisoformat(begin), datetime.fromisoformat(end), parse_bucket(bucket), parse_zone(zone))
    return [f"{place:%d %H:%M}" for place in found]


def test_days_begin_at_the_zones_midnight():
    assert places("2026-01-01T12:00Z", "2026-01-02T12:00Z", "1d", "Asia/Kolkata") == [
        "31 18:30",
        "01 18:30",
        "02 18:30",
    ]


def test_a_day_on_which_clocks_go_forward_has_23_hours():
    begin, end = "2026-03-28T12:00Z", "2026-03-29T23:00Z"
    assert places(begin, end, "1d", "Europe/Zurich") == ["27 23:00", "28 23:00", "29 22:00", "30 22:00"]
    assert len(places("2026-03-28T23:00Z", "2026-03-29T22:00Z", "1h", "Europe/Zurich")) == 24


def test_a_day_on_which_clocks_go_back_has_25_hours_and_a_short_last_bucket():
    begin, end = "2026-10-24T22:00Z", "2026-10-25T23:00Z"
    assert places(begin, end, "6h", "Europe/Zurich") == [
        "24 22:00", "25 04:00", "25 10:00", "25 16:00", "25 22:00", "25 23:00"
    ]  # fmt: skip


def test_weeks_begin_on_monday():
    assert places("2026-01-01T12:00Z", "2026-01-06T00:00Z", "1w") == ["29 00:00", "05 00:00", "12 00:00"]


def test_widths_that_divide_no_day_are_counted_from_1970():
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    found = edges(begin, begin + timedelta(hours=12), parse_bucket("5h"), parse_zone("UTC"))
    assert all(place.timestamp() % (5 * 3600) == 0 for place in found)
    assert found[0] <= begin
    assert found[-1] >= begin + timedelta(hours=12)


@given(
    begin=st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001  given a zone below
    hours=st.floats(0.1, 400),
    bucket=st.sampled_from(["5m", "7m", "1h", "6h", "5h", "36h", "1d", "3d", "1w"]),
    zone=st.sampled_from(["UTC", "Europe/Zurich", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
                          "America/Santiago", "Africa/Monrovia", "Pacific/Apia"]),
)  # fmt: skip
def test_buckets_rise_and_hold_the_span(begin: datetime, hours: float, bucket: str, zone: str):
    first = begin.replace(tzinfo=UTC)
    last = first + timedelta(hours=hours)
    found = edges(first, last, parse_bucket(bucket), parse_zone(zone))
    assert all(one < other for one, other in pairwise(found))
    assert found[0] <= first < found[1]
    assert found[-2] < last <= found[-1]


@pytest.mark.parametrize("text", ["", "0h", "-1h", "1y", "h", "1 h", "1.5h", "99999w", "٣h"])
def test_what_is_no_width_is_told(text: str):
    with pytest.raises(BadBucket, match="15m, 1h, 1d, 2w"):
        parse_bucket(text)


@pytest.mark.parametrize("text", ["0", "-24h", "-1", "0h", "nan", "inf", "", "9000h", "1e3"])
def test_a_half_life_must_be_positive(text: str):
    with pytest.raises(BadHalfLife, match="must be longer than nothing"):
        parse_half_life(text)


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", "/etc/localtime", "a\x00b"])
def test_an_unknown_zone_is_told(name: str):
    with pytest.raises(BadZone, match="IANA"):
        parse_zone(name)


def test_spans_that_hold_nothing_or_too_much_are_told():
    with pytest.raises(BadSpan):
        places("2026-01-02T00:00Z", "2026-01-01T00:00Z", "1d")
    with pytest.raises(BadSpan, match="needs its zone"):
        places("2026-01-01T00:00", "2026-01-02T00:00", "1d")
    with pytest.raises(TooManyPoints, match="wider"):
        places("2026-01-01T00:00Z", "2027-01-01T00:00Z", "5m")
