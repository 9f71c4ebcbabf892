"""How long the curve of one company takes over a year of a large archive.

python -m benchmarks.timeline
python -m benchmarks.timeline --documents 100000

Made rows, written straight into a SQLite file: so many documents (a million unless said otherwise) with one reading
each, over a year, 500 companies, how often each is named by Zipf's law. Milliseconds (median and 95th percentile of
RUNS runs after a first one) of what the endpoints compute, for the busiest company: its year by hour and by day with
their mood index, the same as it was known half a year ago, and the overview of all 500. Baseline of the same run: a
plain GROUP BY over its readings by hour and by day, volume and mean score only.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert, text

from apps.finance_sentiment.app import app
from apps.finance_sentiment.pipeline.buckets import parse_bucket, parse_zone
from apps.finance_sentiment.pipeline.hours import recount
from apps.finance_sentiment.pipeline.overview import overview
from apps.finance_sentiment.pipeline.timeline import Span, timeline
from apps.finance_sentiment.store.archive_tables import DocumentRow, ReadingRow, StoryRow
from apps.finance_sentiment.store.entities import Entities
from apps.finance_sentiment.store.entity_tables import EntityRow
from apps.finance_sentiment.store.timeline import Scope
from core.database import Database
from core.migrations import upgrade

COMPANIES = 500
DAYS = 365
NOW = datetime(2026, 1, 1, tzinfo=UTC)
RUNS = 20
AT_ONCE = 20_000
HALF_LIFE_H = 24.0
SEED = 7


def fill(database: Database, documents: int) -> None:
    """Write companies, documents, readings and their hours."""
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        for pragma in ("synchronous=OFF", "foreign_keys=OFF", "secure_delete=OFF", "cache_size=-200000"):
            driver.execute(f"PRAGMA {pragma}")
        with connection.begin():
            connection.execute(insert(EntityRow), [_company(at) for at in range(COMPANIES)])
            for rows in _rows(documents):
                connection.execute(insert(StoryRow), [story for story, _, _ in rows])
                connection.execute(insert(DocumentRow), [document for _, document, _ in rows])
                connection.execute(insert(ReadingRow), [reading for _, _, reading in rows])
    with database.session(write=True) as session:
        recount(session)
    with database.engine.connect() as connection:
        connection.connection.driver_connection.execute("ANALYZE")  # type: ignore[union-attr]


def _company(at: int) -> dict[str, Any]:
    empty: dict[str, Any] = {name: [] for name in ("tickers", "aliases", "context", "anticontext")}
    named = {"id": f"c{at}", "name": f"Company {at}", "sector": f"Sector {at % 11}", "country": "", "watched": True}
    return {**named, **empty, "origin": "own", "removed": False, "version": 1, "updated_at": NOW}


def _rows(documents: int) -> Iterator[list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]]:
    chance = np.random.default_rng(SEED)
    share = 1 / np.arange(1, COMPANIES + 1)
    words = random.Random(SEED)
    for first in range(0, documents, AT_ONCE):
        size = min(AT_ONCE, documents - first)
        companies = chance.choice(COMPANIES, size, p=share / share.sum())
        scores, relevances, chances = chance.uniform(-1, 1, size), chance.integers(20, 101, size), chance.random(size)
        made = []
        for at in range(size):
            number = first + at + 1
            when = NOW - timedelta(days=DAYS) * (1 - number / (documents + 1))
            title = f"Company {companies[at]} {words.random():.17f}"
            score, echo = float(scores[at]), bool(chances[at] < 0.3)
            story = {"id": number, "title": title, "first_at": when, "last_at": when, "documents": 1}
            document = {
                "id": number, "source": f"feed-{number % 50}", "external_id": str(number), "url": "", "title": title,
                "text": "", "published_at": when, "dated": True, "fetched_at": when, "digest": f"{number:064x}",
                "story_id": number, "echo": echo, "read_at": when,
            }  # fmt: skip
            reading = {
                "document_id": number, "entity_id": f"c{companies[at]}", "at": when, "known_at": when, "until": None,
                "relevance": int(relevances[at]), "echo": echo, "enough": bool(chances[at] < 0.9),
                "negative": max(-score, 0.0), "neutral": 1 - abs(score), "positive": max(score, 0.0), "score": score,
                "confidence": 0.5, "sentence": title, "start": 0, "end": 7, "model": "made@1", "corrected_by": None,
            }  # fmt: skip
            made.append((story, document, reading))
        yield made


def timed(run: Callable[[], object]) -> dict[str, float]:
    """Milliseconds; those of the processor alone do not depend on what else the machine does."""
    run()
    spent = []
    for _ in range(RUNS):
        begun = time.perf_counter(), time.process_time()
        run()
        spent.append((time.perf_counter() - begun[0], time.process_time() - begun[1]))
    wall, processor = 1_000 * np.array(spent).T  # (2, RUNS)
    return {
        "p50_ms": round(float(np.median(wall)), 1),
        "p95_ms": round(float(np.quantile(wall, 0.95)), 1),
        "processor_p50_ms": round(float(np.median(processor)), 1),
    }


def measure(database: Database) -> dict[str, Any]:
    """All figures for a filled archive."""
    busiest, zone = Scope(entity="c0"), parse_zone("UTC")

    def year(bucket: str, as_of: datetime | None = None) -> object:
        span = Span(NOW - timedelta(days=DAYS), NOW, parse_bucket(bucket), HALF_LIFE_H, zone, as_of)
        return timeline(database, busiest, span, NOW)

    def plain(letters: int) -> object:
        asked = text(
            f"SELECT substr(at, 1, {letters}), count(*), avg(score) FROM finance_readings "
            "WHERE entity_id = 'c0' AND until IS NULL GROUP BY 1 ORDER BY 1"
        )
        with database.reading() as connection:
            return connection.execute(asked).all()

    def all_companies() -> object:
        rows = [row for row in companies if row.watched]
        return overview(database, rows, NOW, HALF_LIFE_H)

    companies = Entities(database, lambda: NOW).all()
    with database.reading() as connection:
        held = connection.execute(text("SELECT count(*) FROM finance_readings WHERE entity_id = 'c0'")).scalar_one()
    return {
        "readings_of_the_busiest": int(held),
        "year_by_hour": timed(lambda: year("1h")),
        "year_by_day": timed(lambda: year("1d")),
        "year_by_day_as_known_half_a_year_ago": timed(lambda: year("1d", NOW - timedelta(days=183))),
        "overview_of_500": timed(all_companies),
        "plain_group_by_hour": timed(lambda: plain(13)),
        "plain_group_by_day": timed(lambda: plain(10)),
    }


def main(arguments: Sequence[str]) -> None:
    """Print one JSON object."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--documents", type=int, default=1_000_000)
    chosen = asked.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'archive.db'}")
        upgrade(database, [app])
        fill(database, chosen.documents)
        print(json.dumps({"documents": chosen.documents, "runs": RUNS, **measure(database)}, indent=1))
        database.close()


if __name__ == "__main__":
    main(sys.argv[1:])
