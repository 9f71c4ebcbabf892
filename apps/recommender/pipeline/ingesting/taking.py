"""Rows into the store, some at a time: what a batch acknowledges is committed. The same for files and bodies."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import Any, TypeVar

from apps.recommender.errors import NothingSent, NothingUsable
from apps.recommender.pipeline.ingesting.events import EventReader
from apps.recommender.pipeline.ingesting.fitting import Faults, Unfit, fit, with_attributes
from apps.recommender.pipeline.ingesting.rows import Row, Told
from apps.recommender.schemas.items import Item
from apps.recommender.schemas.taking import TakenEvents, TakenItems, TakenUsers
from apps.recommender.schemas.users import User
from apps.recommender.store.events import Added, Events
from apps.recommender.store.items import Items, Put
from apps.recommender.store.visitors import Visitors

BATCH = 5_000  # rows of one transaction: 0.1 s, for which other writers wait
ERASED = "was erased; send `after_erasure` true if the person wants to come back"

Taken = TypeVar("Taken", bound=TakenEvents | TakenItems)
T = TypeVar("T")
Show = Callable[[int], None]
Open = Callable[[Told], Iterable[Row]]
"""Opens the rows, and tells those that cannot be read."""


def _nothing(_: int) -> None:
    """Nobody watches."""


def take_events(store: Events, reader: EventReader, rows: Open, show: Show = _nothing) -> TakenEvents:
    """Keep events. show: takes how many rows are done, once they are committed"""
    added = Added()
    for batch in batches(reader.read(rows(reader.faults.unreadable))):
        added = added.plus(store.add(batch))
        show(reader.faults.received)
    return TakenEvents(
        **_told(reader.faults),
        ignored_fields=sorted(reader.ignored),
        **asdict(added),
    )


def take_items(store: Items, rows: Open, show: Show = _nothing) -> TakenItems:
    """Keep items: new ones, and those that differ from what is kept."""
    done, faults = Put(), Faults()
    for batch in batches(rows(faults.unreadable)):
        faults.received += len(batch)
        items = []
        for line, fields in batch:
            try:
                items.append(fit(Item, with_attributes(Item, fields)))
            except Unfit as unfit:
                faults.tell(line, str(unfit))
        done = done.plus(store.put_all(items))
        show(faults.received)
    return TakenItems(**_told(faults), **asdict(done))


def take_users(store: Visitors, rows: Open, show: Show = _nothing) -> TakenUsers:
    """Keep users: new ones, and those that differ from what is kept; nobody who was erased."""
    done, faults = Put(), Faults()
    for batch in batches(rows(faults.unreadable)):
        faults.received += len(batch)
        users, lines = [], {}
        for line, fields in batch:
            try:
                user = fit(User, with_attributes(User, fields))
            except Unfit as unfit:
                faults.tell(line, str(unfit))
                continue
            users.append(user)
            lines[user.id] = line
        put, erased = store.put_all(users)
        done = done.plus(put)
        for user_id in sorted(erased, key=lambda one: lines[one]):
            faults.tell(lines[user_id], ERASED)
        show(faults.received)
    return TakenUsers(**_told(faults), **asdict(done))


def usable(taken: Taken) -> Taken:
    """raises: NothingSent, NothingUsable, where nothing was taken in; nothing was written then"""
    if not taken.received:
        raise NothingSent
    if taken.rejected == taken.received:
        raise NothingUsable([(fault.line, fault.problem) for fault in taken.faults], taken.rejected)
    return taken


def batches(rows: Iterable[T]) -> Iterator[list[T]]:
    """Some at a time: as many as one transaction takes."""
    batch: list[T] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _told(faults: Faults) -> dict[str, Any]:
    told = sorted(faults.told, key=lambda fault: fault.line)
    return {"received": faults.received, "rejected": faults.count, "faults": told}
