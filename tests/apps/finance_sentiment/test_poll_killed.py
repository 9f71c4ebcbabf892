"""A process that looks at sources is killed (SIGKILL) at many points: no item is lost, none is kept twice."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from sqlalchemy import func, select

from apps.finance_sentiment.pipeline import sources as pipeline
from apps.finance_sentiment.schemas.sources import NewSource
from apps.finance_sentiment.store.archive_tables import DocumentRow
from apps.finance_sentiment.store.source_tables import SourceRow
from core.clock import system_clock
from core.database import Database
from core.settings import Settings
from tests.apps.finance_sentiment.web import answering, web

FEEDS, ITEMS, KILLS = 4, 150, 6
POLL = """
import sys, threading
from datetime import timedelta
from apps.finance_sentiment.pipeline.sources import open_poller
from core.clock import system_clock
from core.database import Database
from core.settings import Settings
later = timedelta(hours=int(sys.argv[2]))
allowed = {"finance_sentiment": {"allow_private_addresses": True, "fetch_seconds": 20}}
poller = open_poller(Database(sys.argv[1]), Settings(apps=allowed), lambda: system_clock() + later, threading.Event())
print("ready", flush=True)
poller.poll_all()
"""


def feed(number: int, newest: int) -> str:
    items = "".join(f"<item><title>Item {number} {n}</title><guid>{n}</guid></item>" for n in range(newest))
    return f"<rss version='2.0'><channel><title>Wire {number}</title>{items}</channel></rss>"


@pytest.mark.integration
def test_a_poll_that_is_killed_anywhere_loses_nothing_and_doubles_nothing(database: Database, database_url: str):
    chance = random.Random(7)
    begun: dict[str, subprocess.Popen[str]] = {}
    with web() as site:
        house = Settings(apps={"finance_sentiment": {"allow_private_addresses": True}})
        poller = pipeline.open_poller(database, house, system_clock, threading.Event())
        for number in range(FEEDS):
            site.put(f"/{number}", feed(number, ITEMS))
            new = NewSource(kind="feed", address=f"{site.url}/{number}", id=f"s{number}")
            pipeline.add(poller, new)

        def deadly(handler: BaseHTTPRequestHandler) -> None:
            """Answers the feed; while it is sent or soon after, whoever asked is killed."""
            data = feed(0, ITEMS).encode()
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(data)))
            handler.end_headers()
            middle = chance.random() < 0.3
            handler.wfile.write(data[: len(data) // 2] if middle else data)
            handler.wfile.flush()
            time.sleep(0 if middle else 0.25 * chance.random())
            os.kill(begun["now"].pid, signal.SIGKILL)

        def run(turn: int) -> int:
            words = [sys.executable, "-c", POLL, database_url, str(turn)]  # an hour later each, so that no claim holds
            begun["now"] = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])
            begun["now"].communicate(timeout=120)
            return begun["now"].returncode

        site.put_raw("/0", deadly)
        assert [run(turn) for turn in range(KILLS)] == [-signal.SIGKILL] * KILLS
        site.pages["/0"] = answering(feed(0, ITEMS))
        assert run(KILLS) == 0
    with database.session() as session:
        held = session.scalar(select(func.count()).select_from(DocumentRow))
        told = session.scalar(select(func.sum(SourceRow.items_new)))
        states = set(session.scalars(select(SourceRow.state)))
    assert held == told == FEEDS * ITEMS
    assert states == {"ok"}
