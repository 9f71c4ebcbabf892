"""The sample's shop as files."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from apps.recommender.sample.catalogue import item_rows
from apps.recommender.sample.events import generate

Show = Callable[[int], None]
SHOWN_EVERY = 1_000


def write_shop(
    folder: Path, now: datetime, items: int, users: int, events: int, seed: int, show: Show
) -> dict[str, int]:
    """Items, users and events. show: takes how many events are written;  returns: how many of each"""
    shop = generate(now, items=items, users=users, events=events, seed=seed)
    return {
        "items": _write(folder / "items.jsonl", (one.row() for one in shop.catalogue.items)),
        "users": _write(folder / "users.jsonl", (one.row() for one in shop.visitors)),
        "events": _write(folder / "events.jsonl", shop.event_rows(), show),
    }


def write_items(folder: Path, now: datetime, items: int, seed: int, show: Show) -> dict[str, int]:
    """Items only, without holding them all: for millions. show: takes how many are written"""
    return {"items": _write(folder / "items.jsonl", item_rows(now, items, seed), show)}


def _write(path: Path, rows: Iterable[dict[str, Any]], show: Show = lambda _: None) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for count, row in enumerate(rows, 1):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            if count % SHOWN_EVERY == 0:
                show(count)
    return count
