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
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from safetensors.numpy import save_file
from sqlalchemy import insert, update

from apps.recommender.pipeline.recommending.answering import Answering
from apps.recommender.pipeline.recommending.catalogue import Catalogue
from apps.recommender.pipeline.recommending.opening import ARRAYS, FORMAT, ITEMS, PLAN
from apps.recommender.schemas.recommend import Filters, Wish
from apps.recommender.settings import RecommenderSettings
from apps.recommender.store.event_tables import EventRow, EventTypeRow
from apps.recommender.store.item_tables import ItemRow, StateRow
from apps.recommender.store.item_vectors import ItemVector, write_vectors
from apps.recommender.store.learning import read_items
from apps.recommender.store.visitor_tables import USER, VisitorRow
from core.app import installed_apps
from core.auth import create_key
from core.backend.registry import Backbone, Card, Machine
from core.clock import system_clock
from core.database import Database
from core.evaluation.clients import Pace, ask_all
from core.evaluation.scratch import scratch_home
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings, read_settings

USERS, EVENTS_EACH, CATEGORIES, BRANDS = 20_000, 30, 25, 300
WIDTH, TEXT, LONGEST, NEIGHBOURS, MODELLED = 128, 128, 50, 200, 20_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)
AT_ONCE = 20_000
REQUESTS = 400
SEED = 7


def fill(database: Database, items: int, space: str, dim: int) -> None:
    """Items, their vectors, users and events, written straight into the tables."""
    chance = np.random.default_rng(SEED)
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        for pragma in ("synchronous=OFF", "foreign_keys=OFF", "secure_delete=OFF", "cache_size=-200000"):
            driver.execute(f"PRAGMA {pragma}")
        with connection.begin():
            for first in range(0, items, AT_ONCE):
                connection.execute(
                    insert(ItemRow), [_item(at, chance) for at in range(first, min(items, first + AT_ONCE))]
                )
            connection.execute(insert(EventTypeRow), [{"key": 1, "name": "click"}])
            connection.execute(insert(VisitorRow), [_user(at) for at in range(USERS)])
            taken = chance.zipf(1.2, USERS * EVENTS_EACH) % items + 1
            for first in range(0, len(taken), AT_ONCE):
                rows = [_event(at, int(taken[at])) for at in range(first, min(len(taken), first + AT_ONCE))]
                connection.execute(insert(EventRow), rows)
            connection.execute(update(StateRow).values(items=1, events=1, moves=0))
    catalogue = Catalogue()
    with database.session() as session:
        catalogue.apply(read_items(session))
    for first in range(0, items, AT_ONCE):
        size = min(AT_ONCE, items - first)
        made = chance.standard_normal((size, dim), dtype=np.float32)
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        packed = made.astype("<f2")
        places = range(first, first + size)
        keys, digests = [catalogue.keys[at] for at in places], [catalogue.digests[at] for at in places]
        vectors = [ItemVector(*one) for one in zip(keys, digests, (row.tobytes() for row in packed), strict=True)]
        write_vectors(database, space, vectors)


def _item(at: int, chance: np.random.Generator) -> dict[str, Any]:
    brand, category, stock, price = (int(number) for number in chance.integers(0, [BRANDS, CATEGORIES, 10, 200]))
    return {
        "id": f"item-{at}",
        "title": f"Thing {at} of brand {brand}",
        "description": "",
        "categories": [f"category {category}"],
        "attributes": {"brand": f"brand {brand}"},
        "price": float(price),
        "stock": stock,
        "hidden": False,
        "image_url": "",
        "known": True,
        "removed": False,
        "revision": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }


def _user(at: int) -> dict[str, Any]:
    named = {"key": at + 1, "kind": USER, "id": f"user-{at}", "known": True, "attributes": {}}
    return {**named, "created_at": NOW, "updated_at": NOW}


def _event(at: int, item: int) -> dict[str, Any]:
    told = {"digest": at.to_bytes(16, "big"), "visitor_key": at % USERS + 1, "item_key": item, "type": 1}
    return {**told, "at": NOW.timestamp() + at}


def write_version(folder: Path, items: int) -> None:
    """A version of full size, its numbers by chance."""
    chance = np.random.default_rng(SEED)

    def numbers(*shape: int) -> np.ndarray:
        return (0.05 * chance.standard_normal(shape)).astype(np.float32)

    shape: dict[str, Any] = {
        "items": items,
        "text": TEXT,
        "width": WIDTH,
        "layers": 2,
        "heads": 2,
        "longest": LONGEST,
        "inner": 2,
    }
    shape |= {"block": "plain", "relative": True, "gaps": True, "cosine": False}
    arrays: dict[str, np.ndarray] = {"space.middle": numbers(384), "space.directions": numbers(TEXT, 384)}
    network = {"learned": numbers(items, WIDTH), "popularity": numbers(items), "project.weight": numbers(WIDTH, TEXT)}
    network |= {"trust": np.ones(items, dtype=np.float32), "gap.weight": numbers(24, WIDTH)}
    network |= {"distance": numbers(2, LONGEST), "enter.weight": np.ones(WIDTH, dtype=np.float32)}
    network |= {"enter.bias": numbers(WIDTH), "leave.weight": np.ones(WIDTH, dtype=np.float32)}
    network |= {"leave.bias": numbers(WIDTH)}
    for layer in range(2):
        for name, out, into in (
            ("attention.inward", 3 * WIDTH, WIDTH),
            ("attention.outward", WIDTH, WIDTH),
            ("widen", 2 * WIDTH, WIDTH),
            ("narrow", WIDTH, 2 * WIDTH),
        ):
            network |= {
                f"blocks.{layer}.{name}.weight": numbers(out, into),
                f"blocks.{layer}.{name}.bias": numbers(out),
            }
        for norm in ("norms.0", "norms.1"):
            network |= {f"blocks.{layer}.{norm}.weight": np.ones(WIDTH, np.float32)}
            network |= {f"blocks.{layer}.{norm}.bias": numbers(WIDTH)}
    arrays |= {f"sequence.0.{name}": value for name, value in network.items()}
    rows = min(items, MODELLED)
    starts = np.minimum(np.arange(items + 1), rows).astype(np.int64) * NEIGHBOURS
    for name in ("linear", "together"):
        targets = chance.integers(0, items, (rows, NEIGHBOURS)).astype(np.int32)
        arrays |= {f"{name}.starts": starts, f"{name}.items": np.sort(targets, axis=1).ravel()}
        arrays[f"{name}.weights"] = chance.random(rows * NEIGHBOURS, dtype=np.float32)
    arrays["popular.amounts"] = chance.random(items, dtype=np.float32) * 100
    signals: dict[str, Any] = {
        "sequence": {"kind": "sequence", "shapes": [shape]},
        "linear": {"kind": "neighbours", "fade": 0.8, "damped": False},
        "together": {"kind": "neighbours", "fade": 0.9, "damped": False},
        "popular": {"kind": "popularity"},
        "text": {"kind": "text", "fade": 0.8},
    }
    weights = [1.0, 0.5, 0.3, 0.2, 0.2]
    blend = {"names": list(signals), "weights": weights, "slopes": [0.0] * 5, "middle": 3.0}
    plan = {"format": FORMAT, "signals": signals, "blend": blend, "repeats": False, "space_scale": 1.0, "about": {}}
    (folder / PLAN).write_text(json.dumps(plan), encoding="utf-8")
    (folder / ITEMS).write_text(json.dumps([f"item-{at}" for at in range(items)]), encoding="utf-8")
    save_file(arrays, folder / ARRAYS)


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
                _publish(services, chosen.items)
        finally:
            close_services(services)
        found = {"items": chosen.items, "clients": chosen.clients, "workers": chosen.workers, **in_process(settings)}
        if not chosen.no_http:
            found |= over_http(settings, key, chosen)
    json.dump(found, sys.stdout, indent=2)
    print()


def _publish(services: Any, items: int) -> None:
    card = Card(
        task="recommend",
        objective="recommend",
        base=Backbone(name="made", fingerprint=services.encoder.fingerprint),
        method="by chance",
        trained_at=services.clock(),
        seconds=0,
        machine=Machine(cpu="none", cores=1, torch="none"),
    )
    name = RecommenderSettings().served_model
    with services.registry.draft(name) as draft:
        write_version(draft, items)
        services.registry.publish(name, draft, card)


if __name__ == "__main__":
    main()
