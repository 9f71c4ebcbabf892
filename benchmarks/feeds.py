"""How fast feeds are looked at: from the first request until every entry stands in the archive.

python -m benchmarks.feeds --feeds 50 --items 100 --rounds 5

A server in a process of its own serves so many feeds of so many entries, each with a title and a paragraph. Each round
has new entries in all feeds, so that every entry is fetched, read, made plain and kept; entries are counted in SQL. The
lag of a round is measured for each entry from the moment at which its feed was first asked for until the transaction
that keeps it is committed. The processor's time is this process's own, whatever else the machine does.

Prints one JSON object.
"""

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select

from apps.finance_sentiment.app import app
from apps.finance_sentiment.pipeline import sources as pipeline
from apps.finance_sentiment.schemas.sources import NewSource
from apps.finance_sentiment.store.archive_tables import DocumentRow
from apps.finance_sentiment.store.documents import Kept, NewDocument
from apps.finance_sentiment.store.sources import Claim, Sources
from core.clock import Clock, system_clock
from core.database import Database
from core.migrations import upgrade
from core.settings import Settings

SEED = 11
WORDS = (
    "shares rose fell after results beat missed forecast profit sales quarter analysts expected company said its chief"
    " would cut raise outlook demand costs plant order market rival bank cloud chips drug trial talks merger recall"
).split()


NAMES = ("Boeing", "Siemens", "Toyota", "Ford Motor", "Pfizer", "Netflix", "Nvidia", "Coca-Cola", "Walmart", "BMW")


def feed(number: int, version: int, items: int) -> bytes:
    """A feed whose entries are new with each version: a title of 10 words, a text of 60."""
    chance = random.Random(f"{SEED} {number} {version}")
    entries = "".join(
        f"<item><guid>{number}-{version}-{n}</guid>"
        f"<title>{chance.choice(NAMES)} {' '.join(chance.choices(WORDS, k=9))}</title>"
        f"<description>&lt;p&gt;{' '.join(chance.choices(WORDS, k=60))}.&lt;/p&gt;</description>"
        "<pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate></item>"
        for n in range(items)
    )
    return f"<rss version='2.0'><channel><title>Wire {number}</title>{entries}</channel></rss>".encode()


class Timed(Sources):
    """Sources that note when what a look brought was committed."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self.kept_at: dict[str, float] = {}

    def settle(self, claim: Claim, documents: Sequence[NewDocument], changes: Mapping[str, Any]) -> Kept:
        """As it is, and the time once it is done."""
        kept = super().settle(claim, documents, changes)
        self.kept_at[claim.source.id] = time.time()
        return kept


def serve(pipe: Connection, feeds: int, items: int) -> None:
    """Serve feeds of the version that the pipe names last; tells when each was asked for."""
    held: dict[str, bytes] = {}
    asked: dict[str, float] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.setdefault(self.path, time.time())
            data = held.get(self.path)
            self.send_response(200 if data is not None else 404)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pipe.send(server.server_address[1])
    while (version := pipe.recv()) is not None:
        held.update({f"/{number}": feed(number, version, items) for number in range(feeds)})
        pipe.send(dict(asked))
        asked.clear()


def measure(url: str, feeds: int, items: int, rounds: int) -> dict[str, Any]:
    """Time rounds over so many feeds."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs, feeds, items), daemon=True)
    server.start()
    port = ours.recv()
    database = Database(url)
    upgrade(database, [app])
    house = Settings(apps={"finance_sentiment": {"allow_private_addresses": True}})
    poller = pipeline.open_poller(database, house, system_clock, threading.Event())
    poller.sources = sources = Timed(database, system_clock)
    for number in range(feeds):
        new = NewSource(kind="feed", address=f"http://127.0.0.1:{port}/{number}", id=f"s{number}")
        pipeline.add(poller, new)
    rates, costs, lags = [], [], []
    for version in range(rounds + 1):  # the first one warms up
        ours.send(version)
        ours.recv()
        begun, worked = time.perf_counter(), time.process_time()
        done = poller.poll_all()
        seconds = time.perf_counter() - begun
        assert sum(one.new for one in done) == feeds * items, done
        if version:
            rates.append(feeds * items / seconds)
            costs.append(1_000 * (time.process_time() - worked) / (feeds * items))
            ours.send(version)
            asked = ours.recv()
            lags += [at - asked[f"/{source[1:]}"] for source, at in sources.kept_at.items() for _ in range(items)]
    poller.wait()
    ours.send(None)
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(DocumentRow)) == feeds * items * (rounds + 1)
    database.close()
    return {
        "feeds": feeds,
        "items": items,
        "rounds": rounds,
        "items_per_second": round(float(np.median(rates)), 1),
        "slowest_round": round(min(rates), 1),
        "processor_ms_per_item": round(float(np.median(costs)), 3),
        "lag_s": {f"p{q}": round(float(np.percentile(lags, q)), 3) for q in (50, 95, 100)},
    }


def main(arguments: Sequence[str]) -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=50)
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--database", default="", help="address of an empty database; default: SQLite in a new folder")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        url = chosen.database or f"sqlite:///{Path(folder) / 'feeds.db'}"
        print(json.dumps(measure(url, chosen.feeds, chosen.items, chosen.rounds)))


if __name__ == "__main__":
    main(sys.argv[1:])
