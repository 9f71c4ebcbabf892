"""What a process that serves reads all the time: revisions, and events as they arrive. One small query each."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from apps.recommender.store.event_tables import EventRow, EventTypeRow
from apps.recommender.store.item_tables import STATE, ItemRow, StateRow
from apps.recommender.store.rule_tables import RuleRow
from apps.recommender.store.state import table_of
from apps.recommender.store.visitor_tables import VisitorRow
from core.database import Database

AT_ONCE = 50_000


class Revisions(NamedTuple):
    """Counters of items, events, moves (merges, erasures) and rules."""

    items: int
    events: int
    moves: int
    rules: int


_NEWEST_RULE = select(func.coalesce(func.max(RuleRow.revision), 0)).scalar_subquery()
REVISIONS = select(StateRow.items, StateRow.events, StateRow.moves, _NEWEST_RULE).where(StateRow.id == STATE)


def read_revisions(connection: Connection) -> Revisions:
    """As committed this moment."""
    return Revisions(*connection.execute(REVISIONS).one())


class Arrived(NamedTuple):
    """Events by arrival. item: keys (n,);  type: keys (n,);  value: (n,), NaN where none;  seconds: (n,)"""

    last: int
    item: NDArray[np.int64]
    type: NDArray[np.int64]
    value: NDArray[np.float64]
    seconds: NDArray[np.float64]
    types: dict[int, str]


def read_arrived(session: Session, after: int) -> Arrived:
    """Events that arrived after a number, of all who did not refuse consent. after: 0 for all"""
    table = table_of(EventRow).c
    asked = (
        select(table.id, table.item_key, table.type, table.value, table.at)
        .join(VisitorRow, VisitorRow.key == table.visitor_key)
        .where(table.id > after, VisitorRow.consent.is_not(False))
    )
    found = session.connection().execution_options(yield_per=AT_ONCE).execute(asked)
    parts = [np.empty((0, 5))]
    while rows := found.fetchmany(AT_ONCE):
        parts.append(np.array([tuple(row) for row in rows], dtype=np.float64))
    columns = np.concatenate(parts)
    types = {row.key: row.name for row in session.execute(select(EventTypeRow.key, EventTypeRow.name))}
    last = int(columns[:, 0].max()) if len(columns) else after
    return Arrived(
        last, columns[:, 1].astype(np.int64), columns[:, 2].astype(np.int64), columns[:, 3], columns[:, 4], types
    )


def read_together(database: Database, item: str, types: list[str], most: int, within_s: float) -> dict[int, float]:
    """What was had together with an item: by the same visitors at about the same time, in the item's newest events.

    types: that count, such as purchases;  most: events of the item that are looked at
    returns: key of an item -> with how many visitors it went
    """
    kinds = select(EventTypeRow.key).where(EventTypeRow.name.in_(types))
    own = (
        select(EventRow.visitor_key, EventRow.at, EventRow.item_key)
        .join(ItemRow, ItemRow.key == EventRow.item_key)
        .where(ItemRow.id == item, EventRow.type.in_(kinds))
        .order_by(EventRow.at.desc())
        .limit(most)
        .subquery()
    )
    table = table_of(EventRow).alias().c
    near = table.at.between(own.c.at - within_s, own.c.at + within_s)
    asked = (
        select(table.item_key, func.count(func.distinct(table.visitor_key)))
        .join(own, own.c.visitor_key == table.visitor_key)
        .where(near, table.type.in_(kinds), table.item_key != own.c.item_key)
        .group_by(table.item_key)
    )
    with database.reading() as connection:
        return {key: float(count) for key, count in connection.execute(asked)}
