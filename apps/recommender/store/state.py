"""The one row that every change locks first, and what all stores need: rows put in once, names looked up in parts."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from apps.recommender.store.item_tables import STATE, StateRow
from core.database import Base, Database

PART = 1_000  # values in one list of a query

T = TypeVar("T")


def locked(session: Session) -> StateRow:
    """The counters, held until the transaction ends: changes come one after the other, in every database."""
    return session.scalars(select(StateRow).where(StateRow.id == STATE).with_for_update()).one()


def revisions(database: Database) -> tuple[int, int, int]:
    """Of items, of events, and of moves (merges and erasures); one small query."""
    with database.reading() as connection:
        found = connection.execute(select(StateRow.items, StateRow.events, StateRow.moves).where(StateRow.id == STATE))
        items, events, moves = found.one()
    return items, events, moves


def add_missing(session: Session, row: type[Base], values: Sequence[dict[str, Any]]) -> None:
    """Insert rows, and leave those alone that are there."""
    if not values:
        return
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    session.connection().execute(insert(table_of(row)).on_conflict_do_nothing(), list(values))


def table_of(row: type[Base]) -> Table:
    """The table itself: inserting into it skips what the mapper does for each row."""
    table = row.__table__
    assert isinstance(table, Table)
    return table


def parts(values: Iterable[T]) -> Iterator[list[T]]:
    """Values in lists that a query takes."""
    listed = list(values)
    for at in range(0, len(listed), PART):
        yield listed[at : at + PART]
