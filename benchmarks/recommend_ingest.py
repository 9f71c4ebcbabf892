"""How fast the recommender takes events in, and reads them back.

python -m benchmarks.recommend_ingest
python -m benchmarks.recommend_ingest --events 100000
python -m benchmarks.recommend_ingest --files DIR

Made events (a million unless said otherwise) of 50,000 users and 20,000 items, written as JSON Lines and imported into
a fresh SQLite file as `trivium recommend import` does it: parsed, checked, committed in batches. With `--files`, the
`items.jsonl.gz` and `events.jsonl.gz` of that folder instead. Then: the same import again, which must change nothing;
all events read as columns for training; the last 200 events of single users (milliseconds, median and 95th percentile
over RUNS users, the busiest one apart); and single events, each a transaction of its own. Seconds are of the clock on
the wall; those with `cpu` are of this process on a processor, which tells more on a machine that others use as well.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from apps.recommender.app import app
from apps.recommender.pipeline.ingesting.events import EventReader
from apps.recommender.pipeline.ingesting.importing import import_events, import_items
from apps.recommender.pipeline.ingesting.rows import read_listed
from apps.recommender.pipeline.ingesting.taking import take_events
from apps.recommender.schemas.columns import EventColumns
from apps.recommender.schemas.taking import TakenEvents
from apps.recommender.settings import RecommenderSettings
from apps.recommender.store.events import Events
from apps.recommender.store.history import History, read_history
from apps.recommender.store.learning import read_events
from core.clock import system_clock
from core.database import Database
from core.migrations import upgrade

USERS, ITEMS = 50_000, 20_000
BEGAN = datetime(2025, 1, 1, tzinfo=UTC).timestamp()
RUNS = 200
SINGLE = 200
LAST = 200
SEED = 7


def write_events(path: Path, count: int) -> None:
    """Made events in order of time, a fifth of them with a value."""
    chance = np.random.default_rng(SEED)
    users = chance.zipf(1.3, count) % USERS
    items = chance.zipf(1.2, count) % ITEMS
    kinds = chance.choice(["view", "click", "cart", "purchase", "rating"], count, p=[0.5, 0.2, 0.1, 0.1, 0.1])
    values = chance.integers(1, 11, count) / 2
    with path.open("w", encoding="utf-8") as lines:
        for at in range(count):
            row = {"user": f"user-{users[at]}", "item": f"item-{items[at]}", "type": str(kinds[at])}
            row["timestamp"] = datetime.fromtimestamp(BEGAN + at * 10, UTC).isoformat()
            if kinds[at] in {"purchase", "rating"}:
                row["value"] = values[at]
            lines.write(json.dumps(row) + "\n")


@contextmanager
def silent(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Nobody watches."""
    yield lambda _: None


class Took(NamedTuple):
    """Seconds on the wall and on a processor, and what a step gave."""

    wall: float
    cpu: float
    found: Any


def timed(step: Callable[[], Any]) -> Took:
    """Do it once."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = step()
    return Took(time.perf_counter() - wall, time.process_time() - cpu, found)


def measure(database: Database, items: list[Path], events: list[Path]) -> dict[str, Any]:
    """All figures."""
    settings = RecommenderSettings()
    if items:
        import_items(database, system_clock, items, silent)

    def taken() -> TakenEvents:
        return import_events(database, system_clock, settings, events, silent)[events[0]]

    def columns() -> EventColumns:
        with database.session() as session:
            return read_events(session)

    first, again, read = timed(taken), timed(taken), timed(columns)
    assert (again.found.added, again.found.known) == (0, first.found.added)
    counts = np.bincount(read.found.user)
    return {
        "events": first.found.added,
        "users": len(read.found.users),
        "items": len(read.found.items),
        "events_a_second": round(first.found.received / first.wall),
        "events_a_cpu_second": round(first.found.received / first.cpu),
        "same_again_a_cpu_second": round(again.found.received / again.cpu),
        "columns_s": round(read.wall, 2),
        "columns_cpu_s": round(read.cpu, 2),
        **_histories(database, read.found.users, counts),
        **_singles(database, settings),
    }


def _history(database: Database, user: str) -> History:
    with database.reading() as connection:
        return read_history(connection, "user", user, LAST)


def _histories(database: Database, users: list[str], counts: Any) -> dict[str, Any]:
    chance = np.random.default_rng(SEED)
    busiest = int(counts.argmax())
    some = [int(at) for at in chance.choice(len(users), RUNS, p=counts / counts.sum())]
    _history(database, users[busiest])
    took = [timed(lambda at=at: _history(database, users[at])) for at in some]  # type: ignore[misc]
    most = [timed(lambda: _history(database, users[busiest])) for _ in range(20)]
    return {
        "history_ms": [round(1_000 * float(np.percentile([one.wall for one in took], share)), 2) for share in (50, 95)],
        "history_cpu_ms": round(1_000 * float(np.mean([one.cpu for one in took])), 2),
        "busiest_events": int(counts.max()),
        "busiest_history_ms": round(1_000 * float(np.median([one.wall for one in most])), 2),
        "busiest_history_cpu_ms": round(1_000 * float(np.mean([one.cpu for one in most])), 2),
    }


def _singles(database: Database, settings: RecommenderSettings) -> dict[str, Any]:
    store = Events(database, system_clock)
    rows = [{"user": f"new-{at % 20}", "item": f"item-{at}", "type": "click"} for at in range(SINGLE)]

    def send() -> None:
        for row in rows:
            reader = EventReader(settings, system_clock, now_if_untimed=True)
            take_events(store, reader, lambda told, row=row: read_listed([row], told))  # type: ignore[misc]

    took = timed(send)
    return {"single_ms": round(1_000 * took.wall / SINGLE, 2), "single_cpu_ms": round(1_000 * took.cpu / SINGLE, 2)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--files", type=Path)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        events, items = [Path(folder) / "events.jsonl"], []
        if chosen.files:
            events, items = [chosen.files / "events.jsonl.gz"], [chosen.files / "items.jsonl.gz"]
        else:
            write_events(events[0], chosen.events)
        database = Database(f"sqlite:///{folder}/trivium.db")
        upgrade(database, [app])
        try:
            json.dump(measure(database, items, events), sys.stdout, indent=2)
        finally:
            database.close()
    print()


if __name__ == "__main__":
    main()
