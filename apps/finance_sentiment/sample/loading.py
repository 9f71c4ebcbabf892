"""Bring the sample's news into the archive, as if it had been captured when it was published.

The last month comes first and is read at once; the months before follow in the background, the newest first.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from apps.finance_sentiment.pipeline.capturing import Captured, prepared
from apps.finance_sentiment.pipeline.reading import DocumentReader
from apps.finance_sentiment.sample.archive import DAYS, OUTLETS, SampleDocument, background, companies, days
from apps.finance_sentiment.sample.events import generate
from apps.finance_sentiment.sample.feeds import feed_url
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.backfill import Backfill
from apps.finance_sentiment.store.documents import NewDocument
from apps.finance_sentiment.store.entities import Entities
from apps.finance_sentiment.store.readings import Readings
from apps.finance_sentiment.store.sources import Sources
from core.clock import Clock
from core.database import Database

CAPTURED_AFTER = timedelta(seconds=90)
POLLED_EVERY_S = 60
MONTH = timedelta(days=30)


def news(last: datetime | None, now: datetime) -> Sequence[SampleDocument]:
    """What is to be captured. last: when the archive's latest sample text was published; None: it holds none

    returns: half a year with its events, or what has been published quietly since
    """
    if last is None:
        return generate(now).documents
    missing = min(DAYS, (now - last).days + 2)
    return [one for day in days(now, missing) for one in background(day) if last < one.published_at <= now]


def capture_news(
    database: Database, settings: FinanceSettings, documents: Sequence[SampleDocument], now: datetime
) -> int:
    """Put texts into the archive, the last month before the one before it; those that are there are left as they are.

    returns: how many are new
    """
    months: defaultdict[int, list[tuple[str, NewDocument]]] = defaultdict(list)
    begins = month_begins(now)
    for one in documents:
        captured = Captured(one.title, one.text, one.external_id, one.url, one.published_at)
        document = prepared(captured, min(one.published_at + CAPTURED_AFTER, now), settings)
        if document is not None:
            months[max(0, -((one.published_at - begins) // MONTH))].append((one.source, document))
    return Backfill(database).add(*(months[back] for back in sorted(months)))


def month_begins(now: datetime) -> datetime:
    """When the month begins that is read at once: at night, so that hardly a story lies on both sides."""
    return datetime.combine((now - MONTH).astimezone(UTC), time(), UTC)


def read_news(reader: DocumentReader, database: Database, since: datetime) -> int:
    """Read what was published since then; it counts as known since it was captured. returns: how many texts were read

    What is older, and alerts, are left to the serving process.
    """
    read, readings = 0, Readings(database)
    while (waiting := readings.waiting(1)) and waiting[0].published_at >= since:
        read += reader.read_batch().documents
    Backfill(database).date_back(OUTLETS)
    return read


def add_companies(entities: Entities) -> int:
    """Add the sample's companies; one that somebody changed or removed stays as it is. returns: how many are new"""
    known = set(entities.ever())
    missing = {entity: edit for entity, edit in companies().items() if entity not in known}
    if missing:
        entities.put_all(missing)
    return len(missing)


def add_sources(database: Database, clock: Clock, port: int) -> int:
    """Add the sample's feeds, on first sight only, so that what somebody removed stays away. returns: how many"""
    sources = Sources(database, clock)
    if any(one.id in OUTLETS for one in sources.page("", 2_000)):
        return 0
    for outlet, title in OUTLETS.items():
        sources.add(
            outlet,
            {
                "kind": "feed",
                "address": feed_url(outlet, port),
                "title": title,
                "every_seconds": POLLED_EVERY_S,
                "enabled": True,
            },
        )
    return len(OUTLETS)
