"""The sample's feeds: real RSS over a real socket, with news that goes on."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from apps.finance_sentiment.sample.archive import OUTLETS
from apps.finance_sentiment.sample.feeds import SampleFeeds, feed_url
from apps.finance_sentiment.sample.fresh import FreshNews
from core.testing.fakes import FixedClock

STARTED = datetime(2026, 3, 18, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(STARTED)


@pytest.fixture
def feeds(clock: FixedClock) -> Iterator[SampleFeeds]:
    opened = SampleFeeds(0, clock)
    yield opened
    opened.close()


def titles(feeds: SampleFeeds, outlet: str) -> list[str]:
    answer = httpx.get(feed_url(outlet, feeds.port), trust_env=False)
    assert answer.status_code == 200
    return [html.unescape(one) for one in re.findall(r"<item><title>(.*?)</title>", answer.text)]


def test_something_new_arrives_every_half_a_minute():
    news = FreshNews(STARTED)
    before = len(news.until(STARTED))
    after = news.until(STARTED + timedelta(minutes=3))
    assert 5 <= len(after) - before <= 12


def test_a_recall_begins_after_four_minutes():
    news = FreshNews(STARTED)
    negative = [
        one
        for one in news.until(STARTED + timedelta(minutes=26))
        if one.moods.get("kestova") == "negative" and one.external_id.startswith("live-event")
    ]
    assert len(negative) >= 15
    assert min(one.published_at for one in negative) >= STARTED + timedelta(minutes=4)


def test_companies_are_written_about_no_more_than_on_other_days():
    later = STARTED + timedelta(minutes=4)
    new = [
        one for one in FreshNews(STARTED).until(later) if one.published_at > STARTED and "-c0" not in one.external_id
    ]
    originals = [one for one in new if one.moods and not one.external_id.startswith("live-")]
    assert len(originals) <= 5


def test_a_second_start_does_not_repeat_names():
    def names(start: datetime) -> set[str]:
        return {one.external_id for one in FreshNews(start).until(start + timedelta(minutes=10))}

    both = names(STARTED) & names(STARTED + timedelta(days=1))
    assert not both


def test_feeds_grow_while_one_watches(feeds: SampleFeeds, clock: FixedClock):
    before = {outlet: len(titles(feeds, outlet)) for outlet in OUTLETS}
    clock.advance(minutes=20)
    after = {outlet: len(titles(feeds, outlet)) for outlet in OUTLETS}
    assert sum(after.values()) > sum(before.values()) + 20


def test_what_has_not_changed_is_not_sent_again(feeds: SampleFeeds):
    url = feed_url("demo-morning-wire", feeds.port)
    tag = httpx.get(url, trust_env=False).headers["ETag"]
    answer = httpx.get(url, headers={"If-None-Match": tag}, trust_env=False)
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_feed_that_is_not_there_is_not_found(feeds: SampleFeeds):
    assert httpx.get(feed_url("nobody", feeds.port), trust_env=False).status_code == 404
