"""Recommendations for many users into a file that stands once it is whole; a stopped run goes on. Knows no SQL."""

from __future__ import annotations

import glob
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np

from apps.recommender.errors import ExportRuns
from apps.recommender.pipeline.learning import Learnable
from apps.recommender.pipeline.model.files import Stored
from apps.recommender.pipeline.model.histories import Histories
from apps.recommender.pipeline.model.ranking import Ranking
from core.backend.registry.durable import locked, sync, writing
from core.backend.registry.errors import CannotWrite
from core.writing import drafted

ROWS = 20_000  # of a Parquet file that are turned into columns at a time
THREADS = max(1, min(4, os.cpu_count() or 1))
"""Each holds the scores of 256 users, 104 MB at most; more than four gain little, since lines are written by one."""


def export(
    stored: Stored,
    learned: Learnable,
    users: Sequence[str],
    target: Path,
    *,
    k: int,
    exclude_seen: bool,
    version: str = "",
    show: Callable[[int], None] = lambda done: None,
) -> int:
    """Write `{"user", "items"}` a line, best first; users who did nothing yet get what is popular.

    Lists grow in a hidden file beside `target` and take its place when all stand there. What a run that was stopped
    left there stays if it asked the same of the same version for the same users: those whose line is whole are passed
    over, a torn last line is written again.

    target: Parquet with the columns `user` and `items` if its name ends so, otherwise JSON Lines
    version: name and number of the version
    returns: how many users were there already
    raises: ExportRuns while another process writes the same lists; DiskFull, CannotWrite
    """
    if not target.parent.is_dir():
        raise CannotWrite(target.parent, "there is no such folder")
    asked = json.dumps([version, k, exclude_seen, list(users)])
    with writing(target.parent), _alone(target, hashlib.sha256(asked.encode()).hexdigest()[:12]) as part:
        done = _resume(part)
        left = [user for user in users if user not in done]
        before = len(users) - len(left)
        show(before)
        with part.open("ab") as file:
            for number, lines in _lists(stored, learned, left, k, exclude_seen):
                file.write(lines.encode())
                file.flush()
                show(before + number)
        if target.suffix == ".parquet":
            with drafted(target) as whole:
                _columns(part, whole)
                sync(whole)
            part.unlink()
        else:
            sync(part)
            part.replace(target)
        sync(target.parent)
    _drop_others(target)
    return before


def _drop_others(target: Path) -> None:
    """What stopped runs left that asked for other lists, unless somebody writes it now."""
    for part in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        with locked(part, wait=False) as held:
            if held:
                part.unlink(missing_ok=True)


@contextmanager
def _alone(target: Path, asked: str) -> Iterator[Path]:
    """yields: the hidden file that grows, for this process alone"""
    part = target.with_name(f".{target.name}.{asked}.part")
    with locked(part, wait=False) as held:
        if not held:
            raise ExportRuns(target)
        yield part


def _columns(part: Path, target: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema([("user", pa.string()), ("items", pa.list_(pa.string()))])
    with part.open(encoding="utf-8") as lines, parquet.ParquetWriter(target, schema) as writer:
        while some := list(islice(lines, ROWS)):
            writer.write_table(pa.Table.from_pylist([json.loads(line) for line in some], schema))


def _lists(
    stored: Stored, learned: Learnable, users: Sequence[str], k: int, exclude_seen: bool
) -> Iterator[tuple[int, str]]:
    """yields: how many users are done, and the lines of those since the last time"""
    if not users:
        return
    places = {name: at for at, name in enumerate(learned.users)}
    asked = _of(renumbered(learned.histories, learned.items, stored.items), [places.get(user, -1) for user in users])
    written = [json.dumps(item, ensure_ascii=False) for item in stored.items]
    for start, found in Ranking(stored.recommender).recommend(asked, k, exclude_seen=exclude_seen, threads=THREADS):
        some = users[start : start + len(found)]
        yield start + len(some), "".join(_lines(some, found.tolist(), written))


def _lines(users: Sequence[str], found: Sequence[Sequence[int]], written: Sequence[str]) -> Iterator[str]:
    """written: each item as JSON, since the same few thousand stand in all lines"""
    for user, places in zip(users, found, strict=True):
        items = ", ".join([written[at] for at in places if at >= 0])
        yield f'{{"user": {json.dumps(user, ensure_ascii=False)}, "items": [{items}]}}\n'


def _resume(target: Path) -> set[str]:
    """Users whose line is whole; what a kill tore off is cut away."""
    whole, users = 0, set[str]()
    with target.open("rb") as file:
        for line in file:
            try:
                users.add(str(json.loads(line)["user"]))
            except (ValueError, KeyError, TypeError):
                break
            if not line.endswith(b"\n"):
                break
            whole += len(line)
    with target.open("rb+") as file:
        file.truncate(whole)
    return users


def renumbered(histories: Histories, names: Sequence[str], items: Sequence[str]) -> Histories:
    """The histories with the numbers of `items` instead of `names`; events with others are left out."""
    place = {name: at for at, name in enumerate(items)}
    number = np.array([place.get(name, -1) for name in names], dtype=np.int32)
    item = number[histories.item]
    kept = item >= 0
    return Histories.gather(
        histories.user[kept],
        item[kept],
        histories.seconds[kept],
        user_count=len(histories),
        item_count=len(items),
        weight=histories.weight[kept],
    )


def _of(histories: Histories, places: Sequence[int]) -> Histories:
    """Histories of users by their place; an empty one for -1."""
    known = np.array([at for at in places if at >= 0], dtype=np.int32)
    some = histories.of_users(known)
    lengths = np.zeros(len(places), dtype=np.int64)
    lengths[[at >= 0 for at in places]] = some.lengths
    starts = np.zeros(len(places) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return Histories(starts, some.item, some.seconds, some.weight, histories.item_count)
