"""Events and items as columns, for training and for the catalogue in memory: rows go straight into arrays."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from apps.recommender.schemas.columns import EventColumns, ItemColumns, natural_order
from apps.recommender.store.event_tables import EventRow, EventTypeRow
from apps.recommender.store.item_tables import STATE, ItemRow, StateRow
from apps.recommender.store.state import table_of
from apps.recommender.store.visitor_tables import USER, VisitorRow

AT_ONCE = 50_000  # rows that are held as Python objects at a time


def read_events(session: Session, *, with_sessions: bool = False, since: float = 0.0) -> EventColumns:
    """All events of users who did not refuse consent, in order.

    with_sessions: those of anonymous sessions too; their names are "session:<id>"
    since: Unix seconds, from which on
    """
    columns = _columns(session, since)
    users, user = _visitors(session, columns[:, 0].astype(np.int64), with_sessions)
    kept = user >= 0
    user, columns = user[kept], columns[kept]
    users, user = _only_used(users, user)
    items, item = _items(session, columns[:, 1].astype(np.int64))
    types, kind = _types(session, columns[:, 2].astype(np.int64))
    seconds = columns[:, 4]
    order = np.lexsort((item, seconds, user))
    return EventColumns(
        users=users,
        items=items,
        types=types,
        user=user[order].astype(np.int32),
        item=item[order].astype(np.int32),
        type=kind[order].astype(np.int16),
        value=columns[order, 3].astype(np.float32),
        seconds=seconds[order],
    )


def read_items(session: Session, *, after: int = 0, after_key: int = 0, most: int | None = None) -> ItemColumns:
    """The catalogue, or what changed in it. after: the revision that was read before

    after_key, most: a part of it only: rows beyond a key, at most so many
    """
    revision = session.scalars(select(StateRow.items).where(StateRow.id == STATE)).one()
    table = table_of(ItemRow)
    asked = select(table).where(table.c.revision > after, table.c.key > after_key).order_by(table.c.key).limit(most)
    rows = session.execute(asked).all()
    return ItemColumns(
        revision=revision,
        keys=np.array([row.key for row in rows], dtype=np.int64),
        ids=[row.id for row in rows],
        titles=[row.title for row in rows],
        descriptions=[row.description for row in rows],
        categories=[tuple(row.categories) for row in rows],
        attributes=[row.attributes for row in rows],
        image_urls=[row.image_url for row in rows],
        price=_numbers([row.price for row in rows], math.nan),
        stock=_numbers([row.stock for row in rows], math.inf),
        available_from=_numbers([_seconds(row.available_from) for row in rows], -math.inf),
        available_until=_numbers([_seconds(row.available_until) for row in rows], math.inf),
        created=_numbers([_seconds(row.created_at) for row in rows], math.nan),
        hidden=np.array([row.hidden for row in rows], dtype=np.bool_),
        known=np.array([row.known for row in rows], dtype=np.bool_),
        removed=np.array([row.removed for row in rows], dtype=np.bool_),
    )


def _seconds(moment: Any) -> float | None:
    return None if moment is None else moment.timestamp()


def _numbers(values: list[float | None], missing: float) -> NDArray[np.float64]:
    return np.array([missing if value is None else value for value in values], dtype=np.float64)


def _columns(session: Session, since: float) -> NDArray[np.float64]:
    """returns: (n, 5): visitor's key, item's key, type's key, value or NaN, seconds; keys are exact below 2**53"""
    table = table_of(EventRow).c
    asked = select(table.visitor_key, table.item_key, table.type, table.value, table.at)
    if since > 0:
        asked = asked.where(table.at >= since)
    parts = _fetched(session, asked)
    return np.concatenate(parts) if parts else np.empty((0, 5))


def _fetched(session: Session, asked: Select[Any]) -> list[NDArray[np.float64]]:
    found = session.connection().execution_options(yield_per=AT_ONCE).execute(asked)
    parts = []
    while rows := found.fetchmany(AT_ONCE):
        parts.append(np.array([tuple(row) for row in rows], dtype=np.float64))
    return parts


def _visitors(session: Session, keys: NDArray[np.int64], with_sessions: bool) -> tuple[list[str], NDArray[np.int64]]:
    """Names in their order, and for each key its place among them, or -1 for whom is not read."""
    asked = select(VisitorRow.key, VisitorRow.kind, VisitorRow.id).where(VisitorRow.consent.is_not(False))
    if not with_sessions:
        asked = asked.where(VisitorRow.kind == USER)
    rows = session.execute(asked).all()
    named = [(key, name if kind == USER else f"session:{name}") for key, kind, name in rows]
    return _places(named, keys)


def _items(session: Session, keys: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
    names, places = _places([(key, name) for key, name in session.execute(select(ItemRow.key, ItemRow.id))], keys)
    return _only_used(names, places)


def _types(session: Session, keys: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
    rows = session.execute(select(EventTypeRow.key, EventTypeRow.name)).all()
    return _places([(key, name) for key, name in rows], keys)


def _places(named: list[tuple[int, str]], keys: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
    order = natural_order([name for _, name in named])
    names = [named[at][1] for at in order]
    if not names:
        return [], np.full(len(keys), -1, dtype=np.int64)
    held = np.array([named[at][0] for at in order], dtype=np.int64)
    by_key = np.argsort(held)
    at = np.minimum(np.searchsorted(held[by_key], keys), len(held) - 1)
    return names, np.where(held[by_key][at] == keys, by_key[at], -1)


def _only_used(names: list[str], places: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
    used = np.unique(places)
    return [names[at] for at in used], np.searchsorted(used, places)
