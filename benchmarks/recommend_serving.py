"""How fast the recommender answers: `GET /v1/recommend/users/{id}` with filters, over HTTP and by itself.

python -m benchmarks.recommend_serving
python -m benchmarks.recommend_serving --items 1000000 --rate 20 --clients 1
python -m benchmarks.recommend_serving --untrained

Made data in a fresh SQLite file: 100,000 items with title, 25 categories, brand and price, a tenth of them sold out;
vectors of their texts by chance; 20,000 users with 30 events each. A made version of full size: a network of two
layers, width 128, 50 events; neighbours of 20,000 items, 200 each, twice; texts; popularity; its numbers are by chance,
which costs what learned ones cost. `--untrained`: what answers without a version. Each request asks for 10 items of two
categories below a price, of another user.

Over HTTP a server with two worker processes on this machine is asked by 16 clients, 300 requests a second together
(an answer that had to wait counts its waiting), then as fast as it answers. Then the same answers in this process, one
after the other: milliseconds of a processor, which tell more on a machine that others use as well, and where they go.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from apps.recommender.pipeline.recommending.answering import Answering
from apps.recommender.schemas.recommend import Filters, Wish
from apps.recommender.settings import RecommenderSettings
from benchmarks.recommend_made import CATEGORIES, SEED, USERS, fill, publish
from core.app import installed_apps
from core.auth import create_key
from core.clock import system_clock
from core.evaluation.clients import Pace, ask_all
from core.evaluation.scratch import scratch_home
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings, read_settings

REQUESTS = 400


def queries() -> list[tuple[str, Filters]]:
    """Who asks, and for what."""
    chance = np.random.default_rng(SEED)
    found = []
    for _ in range(REQUESTS):
        first, second = (f"category {at}" for at in chance.choice(CATEGORIES, 2, replace=False))
        filters = Filters(categories=[first, second], max_price=float(chance.integers(50, 200)))
        found.append((f"user-{chance.integers(0, USERS)}", filters))
    return found


def requests(key: str) -> list[bytes]:
    """The same, as they go over the wire."""
    found = []
    for user, filters in queries():
        first, second = (name.replace(" ", "%20") for name in filters.categories)
        path = f"/v1/recommend/users/{user}?k=10&category={first}&category={second}&max_price={filters.max_price}"
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n"
        found.append(head.encode())
    return found


@contextmanager
def served(settings: Settings, workers: int, port: int) -> Iterator[int]:
    """A server that is ready. yields: its process"""
    environment = {**os.environ, "TRIVIUM_HOME": str(settings.home), "TRIVIUM_PORT": str(port)}
    environment["TRIVIUM_REQUESTS_PER_MINUTE"] = "1000000"  # a key's own limit is not what is measured
    environment.pop("TRIVIUM_DATABASE_URL", None)
    command = [sys.executable, "-m", "core.cli", "serve", "--workers", str(workers)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(1_200):
            try:
                if httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=5).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def over_http(settings: Settings, key: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds under a load of so many requests a second, and how many there can be."""
    asked = requests(key)
    with served(settings, chosen.workers, chosen.port) as server:
        ask_all(chosen.port, asked, chosen.clients, 10, Pace(None, chosen.clients))  # each worker reads what it needs
        paced = ask_all(chosen.port, asked, chosen.clients, chosen.seconds, Pace(chosen.rate, chosen.clients))
        fast = ask_all(chosen.port, asked, chosen.clients, chosen.seconds, Pace(None, chosen.clients))
        memory = resident_mb(server)
    return {
        "asked_a_second": chosen.rate,
        "answered_a_second": round(len(paced) / chosen.seconds, 1),
        "paced_ms": [round(1_000 * float(np.percentile(paced, share)), 1) for share in (50, 95, 99)],
        "most_a_second": round(len(fast) / chosen.seconds, 1),
        "unpaced_ms": [round(1_000 * float(np.percentile(fast, share)), 1) for share in (50, 95, 99)],
        "resident_mb": memory,
    }


def resident_mb(process: int) -> dict[str, int]:
    """Of a server and each of its workers."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if process in (int(lines["Pid"]), int(lines["PPid"])) and "VmRSS" in lines:
            found[lines["Pid"].strip()] = int(lines["VmRSS"].split()[0]) // 1_024
    return found


def in_process(settings: Settings) -> dict[str, Any]:
    """Milliseconds of a processor for each answer, and what the memory takes to be read."""
    services = open_services(settings)
    try:
        house = Answering(services, RecommenderSettings.of(settings))
        began = time.process_time()
        model = house.for_visitor("user", "user-0", Filters(), Wish()).model
        opened = time.process_time() - began
        took = []
        for user, filters in queries():
            began = time.thread_time()
            answer = house.for_visitor("user", user, filters, Wish())
            took.append(time.thread_time() - began)
            assert len(answer.items) == 10
    finally:
        close_services(services)
    return {
        "model": model,
        "first_answer_cpu_s": round(opened, 1),
        "answer_cpu_ms": [round(1_000 * float(np.percentile(took, share)), 2) for share in (50, 95)],
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--rate", type=float, default=300.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--port", type=int, default=8_391)
    parser.add_argument("--untrained", action="store_true")
    parser.add_argument("--no-http", action="store_true", help="only in this process")
    chosen = parser.parse_args(arguments)
    with scratch_home(read_settings()) as settings:
        services = open_services(settings)
        try:
            upgrade(services.database, installed_apps()[0])
            key = create_key(services.database, "bench", ["admin"], known_scopes=(), now=system_clock()).key
            fill(services.database, chosen.items, services.encoder.fingerprint, services.encoder.dim)
            if not chosen.untrained:
                publish(services, chosen.items)
        finally:
            close_services(services)
        found = {"items": chosen.items, "clients": chosen.clients, "workers": chosen.workers, **in_process(settings)}
        if not chosen.no_http:
            found |= over_http(settings, key, chosen)
    json.dump(found, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
