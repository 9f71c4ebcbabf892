"""From a fetched entry to a curve that moved and rules that were looked at: how many a second, and how late.

python -m benchmarks.arrivals --feeds 50 --items 100

The feeds of `benchmarks.feeds`, the shipped model, SQLite, two rules. First all feeds are looked at at once, and the
time is taken until the last entry is read: entries a second. Then each feed has new entries and they are looked at one
after the other at a steady pace (`--pace` entries a second), while a thread reads as a server does; the lag of an entry
is from the moment at which its feed was asked for until its reading, its hour and the rules' look were committed.

Prints one JSON object.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from apps.finance_sentiment.app import app
from apps.finance_sentiment.pipeline import sources as pipeline
from apps.finance_sentiment.pipeline.alerting import Watch
from apps.finance_sentiment.pipeline.entities import LiveEntities, open_entities
from apps.finance_sentiment.pipeline.mood import MoodReader
from apps.finance_sentiment.pipeline.reading import DocumentReader
from apps.finance_sentiment.pipeline.rounds import Rounds
from apps.finance_sentiment.pipeline.scoring import Scorer
from apps.finance_sentiment.pipeline.stories import Stories
from apps.finance_sentiment.schemas.rules import RuleEdit
from apps.finance_sentiment.schemas.sources import NewSource
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.archive_tables import DocumentRow, HourRow
from apps.finance_sentiment.store.rules import Rules
from benchmarks.feeds import serve
from core.app import Services
from core.clock import system_clock
from core.database import Database
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings

RULES: tuple[dict[str, Any], ...] = (
    {"name": "Low", "who": {"kind": "all"}, "what": {"kind": "mood", "below": -0.5, "window_minutes": 60}},
    {"name": "Many", "who": {"kind": "all"}, "what": {"kind": "volume", "times_usual": 5, "window_minutes": 240}},
)


def open_rounds(services: Services) -> Rounds:
    """What a server reads and watches with."""
    own = FinanceSettings.of(services.settings)
    live = LiveEntities(open_entities(services.database, system_clock, own))
    scorer = Scorer(live, MoodReader(lambda: services.classifiers.get(own.mood_model)), own.enough_from)
    reader = DocumentReader(services.database, scorer, Stories(services.database, system_clock), system_clock)
    for rule in RULES:
        Rules(services.database, system_clock).add(RuleEdit.model_validate(rule))
    return Rounds(reader, Watch(services.database, own), system_clock, services.stopping)


def measure(home: Path, feeds: int, items: int, pace: float) -> dict[str, Any]:
    """Both parts. pace: entries a second in the second part"""
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'arrivals.db'}").model_copy(
        update={"apps": {"finance_sentiment": {"allow_private_addresses": True}}}
    )
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs, feeds, items), daemon=True)
    server.start()
    port = ours.recv()
    database = Database(settings.database)
    upgrade(database, [app])
    database.close()
    services = open_services(settings)
    try:
        rounds = open_rounds(services)
        poller = pipeline.open_poller(services.database, settings, system_clock, services.stopping)
        for number in range(feeds):
            new = NewSource(kind="feed", address=f"http://127.0.0.1:{port}/{number}", id=f"s{number}")
            pipeline.add(poller, new)
        for version in range(2):  # the first one warms up: the model is converted and opened
            ours.send(version)
            ours.recv()
            begun = time.perf_counter()
            poller.poll_all()
            while rounds.read():
                pass
            at_once = feeds * items / (time.perf_counter() - begun)
        ours.send(2)
        ours.recv()
        lags = _paced(services, rounds, poller, feeds, items, pace)
        with services.database.session() as session:
            told = session.query(HourRow).with_entities(HourRow.volume, HourRow.echoes).all()
        poller.wait()
    finally:
        ours.send(None)
        close_services(services)
    return {
        "feeds": feeds,
        "items": items,
        "items_per_second": round(at_once, 1),
        "pace": pace,
        "lag_seconds": {
            "p50": round(float(np.quantile(lags, 0.5)), 2),
            "p95": round(float(np.quantile(lags, 0.95)), 2),
        },
        "counted": sum(volume + echoes for volume, echoes in told),
        "load": round(os.getloadavg()[0], 1),
    }


def _paced(services: Services, rounds: Rounds, poller: Any, feeds: int, items: int, pace: float) -> list[float]:
    """Look at one feed after the other, while another thread reads. returns: the lag of each entry, in seconds"""
    over = threading.Event()
    looked: dict[str, float] = {}

    def read() -> None:
        while not over.is_set():
            if not rounds.read():
                over.wait(0.05)

    thread = threading.Thread(target=read)
    thread.start()
    begun = time.time()
    for number in range(feeds):
        time.sleep(max(0.0, begun + number * items / pace - time.time()))
        looked[f"s{number}"] = time.time()
        poller.poll(f"s{number}")
    deadline = time.time() + 120
    read_at: dict[int, tuple[str, float]] = {}
    while len(read_at) < feeds * items and time.time() < deadline:
        time.sleep(0.2)
        with services.database.session() as session:
            rows = session.query(DocumentRow.id, DocumentRow.source, DocumentRow.read_at).filter(
                DocumentRow.read_at.is_not(None), DocumentRow.external_id.like("%-2-%")
            )
            read_at = {key: (source, at.timestamp()) for key, source, at in rows if at is not None}
    over.set()
    thread.join()
    assert len(read_at) == feeds * items, f"{len(read_at)} of {feeds * items} were read"
    return [at - looked[source] for source, at in read_at.values()]


def main(arguments: Sequence[str]) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=50)
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--pace", type=float, default=150.0)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        found = measure(Path(place), asked.feeds, asked.items, asked.pace)
    json.dump(found, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main(sys.argv[1:])
