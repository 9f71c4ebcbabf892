"""The sample in an archive: captured as if it had been when it was published, once, and topped up later."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import func, select

from apps.finance_sentiment import sample
from apps.finance_sentiment.app import app
from apps.finance_sentiment.errors import AddressRefused
from apps.finance_sentiment.pipeline.alerting import Watch
from apps.finance_sentiment.pipeline.backlog import backlog
from apps.finance_sentiment.pipeline.entities import open_live
from apps.finance_sentiment.pipeline.fetching import Fetcher
from apps.finance_sentiment.pipeline.reading import BATCH, DocumentReader
from apps.finance_sentiment.pipeline.rounds import Rounds
from apps.finance_sentiment.pipeline.scoring import Scorer
from apps.finance_sentiment.pipeline.stories import Stories
from apps.finance_sentiment.router import build_router
from apps.finance_sentiment.sample.archive import OUTLETS
from apps.finance_sentiment.sample.events import generate
from apps.finance_sentiment.sample.feeds import feed_url
from apps.finance_sentiment.sample.loading import add_companies, capture_news, month_begins, read_news
from apps.finance_sentiment.sample.serving import SampleNews, open_guarded_poller, open_sample_news, sample_guard
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.archive_tables import DocumentRow, ReadingRow
from apps.finance_sentiment.store.documents import Documents, NewDocument
from apps.finance_sentiment.store.entities import Entities
from apps.finance_sentiment.store.readings import Readings
from apps.finance_sentiment.store.sources import Sources
from core.app import Services
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.fakes import FixedClock, LetterEncoder
from tests.apps.finance_sentiment.word_moods import word_moods
from tests.browser.running_house import _free_ports as free_ports

NOW = datetime(2026, 3, 18, 15, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def services(tmp_path: Path, database_url: str, clock: FixedClock) -> Iterator[Services]:
    port = free_ports(1)[0]
    chosen = {"sample_feeds_port": port, "mood_model": "not-trained-yet"}  # reading 9,000 texts takes half a minute
    settings = Settings(home=tmp_path / "home", database_url=database_url, apps={"finance_sentiment": chosen})
    opened = open_services(settings, encoder=LetterEncoder(), clock=clock)
    upgrade(opened.database, [app])
    yield opened
    close_services(opened)


def count(services: Services) -> int:
    with services.database.session() as session:
        return session.scalar(select(func.count()).select_from(DocumentRow)) or 0


def test_loading_twice_captures_once(services: Services):
    assert "texts of 24 invented companies captured" in sample.load(services)
    first = count(services)
    assert first > 6_000
    assert sample.load(services).startswith("0 texts")
    assert count(services) == first


def test_texts_are_known_a_little_after_they_were_published(services: Services):
    sample.load(services)
    with services.database.session() as session:
        rows = list(session.scalars(select(DocumentRow).order_by(DocumentRow.id)))
    published = [row.published_at for row in rows]
    last_month = [at for at in published if at >= month_begins(NOW)]
    assert published[: len(last_month)] == last_month  # the reader goes by id: what is new first
    falls = [at for at in range(1, len(rows)) if published[at] < published[at - 1]]
    assert len(falls) == 6  # months; in each, copies must come after what they copy
    for begin, end in pairwise(falls):
        assert published[end - 1] < published[begin - 1]
    assert all(row.fetched_at == min(row.published_at + timedelta(seconds=90), NOW) for row in rows)
    assert all(row.dated and row.read_at is None for row in rows)


def test_days_without_the_demo_are_filled_in(services: Services, clock: FixedClock):
    sample.load(services)
    first = count(services)
    clock.advance(days=3)
    sample.load(services)
    assert 60 < count(services) - first < 400


def test_its_companies_and_feeds_are_added_and_a_removed_one_stays_away(services: Services):
    sample.load(services)
    entities, sources = Entities(services.database, services.clock), Sources(services.database, services.clock)
    assert entities.get("kestova").watched
    assert {row.id for row in sources.enabled()} == set(OUTLETS)
    entities.remove("kestova")
    sources.remove("demo-open-floor")
    sample.load(services)
    assert "kestova" not in {row.id for row in entities.all()}
    assert "demo-open-floor" not in {row.id for row in sources.enabled()}


def test_what_is_read_counts_as_known_since_it_was_captured(services: Services):
    recent = [one for one in generate(NOW).documents if one.published_at > NOW - timedelta(days=2)]
    settings = FinanceSettings.of(services.settings)
    add_companies(Entities(services.database, services.clock))
    capture_news(services.database, settings, recent, NOW)
    scorer = Scorer(services.once(open_live), word_moods(), settings.enough_from)
    reader = DocumentReader(services.database, scorer, Stories(services.database, services.clock), services.clock)
    assert read_news(reader, services.database, NOW - timedelta(days=3)) == len(recent)
    with services.database.session() as session:
        rows = list(session.scalars(select(ReadingRow)))
    assert len(rows) > 0.8 * len(recent)
    assert all(row.known_at == min(row.at + timedelta(seconds=90), NOW) for row in rows)


def test_the_last_month_is_read_at_once_and_the_rest_later_newest_first(services: Services, clock: FixedClock):
    """With all that follows: what is new goes first, alerts wait for the whole, and the past is dated back."""
    some = [one for at, one in enumerate(generate(NOW).documents) if at % 12 == 0]
    settings = FinanceSettings.of(services.settings)
    add_companies(Entities(services.database, services.clock))
    assert capture_news(services.database, settings, some, NOW) == len(some)
    scorer = Scorer(services.once(open_live), word_moods(), settings.enough_from)
    reader = DocumentReader(services.database, scorer, Stories(services.database, services.clock), services.clock)
    recent = sum(one.published_at >= month_begins(NOW) for one in some)
    assert recent <= read_news(reader, services.database, month_begins(NOW)) < recent + BATCH
    waiting = Readings(services.database)
    left = waiting.left()
    assert left.documents > 200
    assert backlog(waiting, NOW).behind  # not many, but old
    rounds = Rounds(reader, Watch(services.database, settings), clock, Event())
    assert rounds.watch() is False
    [new] = Documents(services.database).add("wire", [pushed("Kestova Motors rises", NOW)]).ids
    reader.read_batch()
    assert waiting.of_document(new)
    assert waiting.left() == left  # nothing else was read in that batch
    reader.read_waiting()
    assert rounds.watch() is True
    services.once(open_sample_news).date_back()
    with services.database.session() as session:
        rows = session.scalars(select(ReadingRow).where(ReadingRow.document_id != new))
        assert all(row.known_at == min(row.at + timedelta(seconds=90), NOW) for row in rows)


def pushed(title: str, at: datetime) -> NewDocument:
    return NewDocument(title, "", title, "", at, True, at, sha256(title.encode()).hexdigest())


def test_without_a_model_the_texts_wait_and_that_is_said(services: Services):
    assert "they wait, as there is no model" in sample.load(services)


def test_feeds_are_served_only_where_the_sample_was_loaded(services: Services):
    news = services.once(open_sample_news)
    news.keep()
    assert not news.authority
    sample.load(services)
    news.keep()
    assert news.authority == f"127.0.0.1:{FinanceSettings.of(services.settings).sample_feeds_port}"


def test_the_guard_lets_this_one_address_pass_and_no_other_of_this_machine(services: Services):
    settings = FinanceSettings.of(services.settings)
    fetcher = Fetcher(settings, services.clock, guard=sample_guard(services))
    own = feed_url("demo-morning-wire", settings.sample_feeds_port)
    with pytest.raises(AddressRefused):
        fetcher.get(own)  # nothing is served there yet, so it is a port like any other
    sample.load(services)
    services.once(open_sample_news).keep()
    assert b"<rss" in fetcher.get(own).body
    for other in ("http://127.0.0.1:1/", f"http://localhost:{settings.sample_feeds_port}/demo-morning-wire.xml"):
        with pytest.raises(AddressRefused):
            fetcher.get(other)


def test_new_headlines_arrive_by_the_demos_feeds(services: Services, clock: FixedClock):
    sample.load(services)
    build_router(services)
    poller = services.once(open_guarded_poller)
    services.once(open_sample_news).keep()
    clock.advance(minutes=30)
    looks = [poller.poll(outlet) for outlet in OUTLETS]
    assert all(look.ok for look in looks), looks
    assert sum(look.new for look in looks) > 30
    assert [look.new for look in map(poller.poll, OUTLETS)] == [0] * len(OUTLETS)


def test_a_taken_port_is_said_once_and_hurts_nobody(services: Services, caplog: pytest.LogCaptureFixture):
    sample.load(services)
    first = services.once(open_sample_news)
    first.keep()
    second = SampleNews(services, FinanceSettings.of(services.settings).sample_feeds_port)
    second.keep()
    second.keep()
    assert not second.authority
    assert sum("is taken" in record.message for record in caplog.records) == 1


def test_its_requests_are_answered_by_the_api():
    first = next(sample.requests())
    assert (first.method, first.path) == ("POST", "/v1/finance/score")
    assert len(first.body["texts"]) == 16
