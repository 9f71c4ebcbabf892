"""The sample's market: companies, outlets and news that do not exist, written for this project."""

from collections.abc import Iterator

from apps.finance_sentiment.pipeline.entities import open_entities
from apps.finance_sentiment.pipeline.opening import open_reader
from apps.finance_sentiment.sample.archive import OUTLETS
from apps.finance_sentiment.sample.events import generate
from apps.finance_sentiment.sample.loading import (
    add_companies,
    add_sources,
    capture_news,
    month_begins,
    news,
    read_news,
)
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.backfill import Backfill
from apps.finance_sentiment.store.readings import Readings
from core.app import Services
from core.backend.registry.errors import NoSuchModel
from core.testing.requests import SampleRequest

TEXTS_IN_A_REQUEST = 16


def load(services: Services) -> str:
    """Capture half a year of invented news and read the last month of it; on later starts, what has been missed.

    Older months are read by the serving process, in the background. Its companies and feeds are added where they are
    not there yet.
    returns: a line for the console
    """
    settings, now = FinanceSettings.of(services.settings), services.clock()
    add_companies(open_entities(services.database, services.clock, settings))
    last = Backfill(services.database).latest(OUTLETS)
    new = capture_news(services.database, settings, news(last, now), now)
    if last is None and settings.sample_feeds_port:
        add_sources(services.database, services.clock, settings.sample_feeds_port)
    captured = f"{new:,} texts of 24 invented companies captured"
    try:
        services.registry.get(settings.mood_model)
    except NoSuchModel:
        return f"{captured}; they wait, as there is no model {settings.mood_model!r} to read them with"
    read = read_news(services.once(open_reader), services.database, month_begins(now))
    left = Readings(services.database).count_waiting()
    return f"{captured}, {read:,} read" + (f"; {left:,} older ones are read in the background" if left else "")


def requests() -> Iterator[SampleRequest]:
    """The monitor's main job: headlines of which the moods are asked for."""
    from datetime import UTC, datetime

    titles = [one.title for one in generate(datetime(2026, 6, 1, tzinfo=UTC)).documents]
    for at in range(0, len(titles), TEXTS_IN_A_REQUEST):
        yield SampleRequest("POST", "/v1/finance/score", {"texts": titles[at : at + TEXTS_IN_A_REQUEST]})
