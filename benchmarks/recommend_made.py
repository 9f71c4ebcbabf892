"""A made catalogue of any size and a made version over it, to measure serving with. Serves nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from sqlalchemy import insert, update

from apps.recommender.pipeline.recommending.catalogue import Catalogue
from apps.recommender.pipeline.recommending.opening import ARRAYS, FORMAT, ITEMS, PLAN
from apps.recommender.settings import RecommenderSettings
from apps.recommender.store.event_tables import EventRow, EventTypeRow
from apps.recommender.store.item_tables import ItemRow, StateRow
from apps.recommender.store.item_vectors import ItemVector, write_vectors
from apps.recommender.store.learning import read_items
from apps.recommender.store.visitor_tables import USER, VisitorRow
from core.app import Services
from core.backend.registry import Backbone, Card, Machine
from core.database import Database

USERS, EVENTS_EACH, CATEGORIES, BRANDS = 20_000, 30, 25, 300
WIDTH, TEXT, LONGEST, NEIGHBOURS, MODELLED = 128, 128, 50, 200, 20_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)
AT_ONCE = 20_000
SEED = 7


def fill(database: Database, items: int, space: str, dim: int, users: int = USERS) -> None:
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
            connection.execute(insert(VisitorRow), [_user(at) for at in range(users)])
            taken = chance.zipf(1.2, users * EVENTS_EACH) % items + 1
            for first in range(0, len(taken), AT_ONCE):
                rows = [_event(at, at % users, int(taken[at])) for at in range(first, min(len(taken), first + AT_ONCE))]
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
        keys: list[int] = catalogue.keys[first : first + size].tolist()
        digests = (row.tobytes() for row in catalogue.digests[first : first + size])
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


def _event(at: int, user: int, item: int) -> dict[str, Any]:
    told = {"digest": at.to_bytes(16, "big"), "visitor_key": user + 1, "item_key": item, "type": 1}
    return {**told, "at": NOW.timestamp() + at}


def publish(services: Services, items: int) -> None:
    """Let a made version answer."""
    name = RecommenderSettings().served_model
    card = Card(
        task="recommend",
        objective="recommend",
        base=Backbone(name="made", fingerprint=services.encoder.fingerprint),
        method="by chance",
        trained_at=services.clock(),
        seconds=0,
        machine=Machine(cpu="none", cores=1, torch="none"),
    )
    with services.registry.draft(name) as draft:
        write_version(draft, items, services.encoder.dim)
        services.registry.publish(name, draft, card)


def write_version(folder: Path, items: int, dim: int) -> None:
    """A version of full size, its numbers by chance. dim: of the vectors of texts"""
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
    arrays: dict[str, np.ndarray] = {"space.middle": numbers(dim), "space.directions": numbers(TEXT, dim)}
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
    plan = {"format": FORMAT, "signals": signals, "blend": blend, "space_scale": 1.0, "about": {}}
    (folder / PLAN).write_text(json.dumps(plan), encoding="utf-8")
    (folder / ITEMS).write_text(json.dumps([f"item-{at}" for at in range(items)]), encoding="utf-8")
    save_file(arrays, folder / ARRAYS)
