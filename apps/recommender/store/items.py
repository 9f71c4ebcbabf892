"""Items in SQL. Every change grows the catalogue's revision, which its rows carry; what is the same is not written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from apps.recommender.errors import NoSuchItem
from apps.recommender.schemas.items import COLUMNS, Item
from apps.recommender.store.event_tables import EventRow
from apps.recommender.store.item_tables import ItemRow
from apps.recommender.store.state import add_missing, locked, parts, table_of
from core.clock import Clock
from core.database import Database

EMPTY: Mapping[str, Any] = {
    "title": "",
    "description": "",
    "categories": [],
    "attributes": {},
    "price": None,
    "stock": None,
    "available_from": None,
    "available_until": None,
    "hidden": False,
    "image_url": "",
}
"""What is kept of an item of which only the id is known."""


@dataclass
class Put:
    """What became of items or users. completed: that only events had named, or that were removed before"""

    added: int = 0
    completed: int = 0
    changed: int = 0
    unchanged: int = 0

    def plus(self, other: "Put") -> "Put":
        """Both together."""
        return Put(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


class Items:
    """All items of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def put_all(self, items: Sequence[Item]) -> Put:
        """Make items or replace them, all in one transaction. Of two with the same id, the last counts."""
        wanted = {item.id: item.columns() for item in items}
        done = Put(unchanged=len(items) - len(wanted))
        with self.database.session(write=True) as session:
            state = locked(session)
            held = _held(session, list(wanted))
            now, revision = self.clock(), state.items + 1
            new, changed = [], []
            for name, columns in wanted.items():
                row = held.get(name)
                if row is None:
                    new.append({"id": name, **columns, **_kept(revision, now), "created_at": now})
                elif row["known"] and not row["removed"] and all(row[column] == columns[column] for column in COLUMNS):
                    done.unchanged += 1
                else:
                    done.changed += row["known"] and not row["removed"]
                    changed.append({"its_key": row["key"], **columns, **_kept(revision, now)})
            add_missing(session, ItemRow, new)
            if changed:
                table = table_of(ItemRow)
                session.connection().execute(update(table).where(table.c.key == bindparam("its_key")), changed)
            if new or changed:
                state.items = revision
            done.added, done.completed = len(new), len(changed) - done.changed
        return done

    def patch(self, item: str, values: Mapping[str, Any]) -> ItemRow:
        """Change some of an item's columns. raises: NoSuchItem"""
        with self.database.session(write=True) as session:
            state = locked(session)
            row = _one(session, item)
            if any(getattr(row, name) != value for name, value in values.items()):
                state.items += 1
                for name, value in values.items():
                    setattr(row, name, value)
                row.revision, row.updated_at = state.items, self.clock()
        return row

    def remove(self, item: str) -> None:
        """Take an item out of the catalogue. Its events stay, and count again if it comes back. raises: NoSuchItem"""
        with self.database.session(write=True) as session:
            state = locked(session)
            row = _one(session, item)
            state.items += 1
            for name, value in EMPTY.items():
                setattr(row, name, value)
            row.removed, row.revision, row.updated_at = True, state.items, self.clock()

    def get(self, item: str) -> tuple[ItemRow, int]:
        """An item, and how many events name it. raises: NoSuchItem"""
        with self.database.session() as session:
            row = _one(session, item)
            events = select(func.count()).select_from(EventRow).where(EventRow.item_key == row.key)
            return row, session.scalar(events) or 0

    def page(self, after: str, most: int, *, known: bool | None = None) -> list[ItemRow]:
        """By id. known: only those that were sent, or only those that events name"""
        asked = select(ItemRow).where(ItemRow.removed.is_(False), ItemRow.id > after).order_by(ItemRow.id).limit(most)
        if known is not None:
            asked = asked.where(ItemRow.known.is_(known))
        with self.database.session() as session:
            return list(session.scalars(asked))


def keys_of(session: Session, ids: Sequence[str]) -> dict[str, int]:
    """The catalogue's numbers of ids that it knows."""
    found: dict[str, int] = {}
    for part in parts(ids):
        found.update((name, key) for name, key in session.execute(_KEYS, {"ids": part}))
    return found


def add_unknown(session: Session, ids: Sequence[str], revision: int, now: datetime) -> None:
    """Keep ids that events name, so that the items can follow."""
    row = {**EMPTY, "known": False, "removed": False, "revision": revision, "created_at": now, "updated_at": now}
    add_missing(session, ItemRow, [{"id": name, **row} for name in ids])


_KEYS = select(ItemRow.id, ItemRow.key).where(ItemRow.id.in_(bindparam("ids", expanding=True)))


def _kept(revision: int, now: datetime) -> dict[str, Any]:
    return {"known": True, "removed": False, "revision": revision, "updated_at": now}


def _held(session: Session, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    table = table_of(ItemRow)
    found: dict[str, Mapping[str, Any]] = {}
    for part in parts(ids):
        for row in session.execute(select(table).where(table.c.id.in_(part))).mappings():
            found[row["id"]] = dict(row)
    return found


def _one(session: Session, item: str) -> ItemRow:
    row = session.scalars(select(ItemRow).where(ItemRow.id == item)).one_or_none()
    if row is None or row.removed:
        raise NoSuchItem(item)
    return row
