"""The folders that the recommender's benchmarks read: events.jsonl(.gz) and items.jsonl(.gz). Encodes no text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from apps.recommender.pipeline.model.histories import Histories
from apps.recommender.schemas.columns import natural_order
from core.rows import read_rows


@dataclass(frozen=True)
class Data:
    """histories: over all items that are listed or had by somebody;  about: the row of each, {} where it has none"""

    histories: Histories
    about: list[Mapping[str, Any]]


def _file(folder: Path, stem: str) -> Path:
    packed = folder / f"{stem}.jsonl.gz"
    return packed if packed.exists() else folder / f"{stem}.jsonl"


def _seconds(moment: str | float) -> float:
    return datetime.fromisoformat(moment).timestamp() if isinstance(moment, str) else float(moment)


def events_of(folder: Path) -> Data:
    """Events in order of user and time, equal times by item id, as numbers where ids are numbers."""
    rows = [row.fields for row in read_rows(_file(folder, "events"), column=None)]
    about = {str(row.fields["id"]): row.fields for row in read_rows(_file(folder, "items"), column=None)}
    found = list({*about, *(str(row["item"]) for row in rows)})
    items = [found[at] for at in natural_order(found)]
    named = list({str(row["user"]) for row in rows})
    users = {named[at]: place for place, at in enumerate(natural_order(named))}
    place = {name: at for at, name in enumerate(items)}
    user = np.array([users[str(row["user"])] for row in rows], dtype=np.int32)
    item = np.array([place[str(row["item"])] for row in rows], dtype=np.int32)
    seconds = np.array([_seconds(row["timestamp"]) for row in rows])
    order = np.lexsort((item, seconds, user))
    histories = Histories.gather(user[order], item[order], seconds[order], user_count=len(users), item_count=len(items))
    return Data(histories, [about.get(name, {}) for name in items])
