"""Vectors of items' texts in SQL: written by whoever encoded them first, followed by all others."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import delete, insert, select

from apps.recommender.store.answer_tables import ItemVectorRow
from apps.recommender.store.item_tables import ItemRow
from apps.recommender.store.state import locked, parts, table_of
from core.database import Database

AT_ONCE = 20_000  # vectors that one look brings


class ItemVector(NamedTuple):
    """A vector as it is kept. digest: of the text that it is of;  vector: float16 bytes"""

    item_key: int
    digest: bytes
    vector: bytes


def read_vectors(database: Database, space: str, after: int) -> tuple[int, list[ItemVector]]:
    """Vectors that were written after a number. returns: the number to go on from, and at most `AT_ONCE` of them"""
    table = table_of(ItemVectorRow).c
    asked = (
        select(table.number, table.item_key, table.digest, table.vector)
        .where(table.number > after, table.space == space)
        .order_by(table.number)
        .limit(AT_ONCE)
    )
    with database.reading() as connection:
        rows = connection.execute(asked).all()
    return (rows[-1][0] if rows else after), [ItemVector(*row[1:]) for row in rows]


def write_vectors(database: Database, space: str, vectors: Sequence[ItemVector]) -> None:
    """Keep vectors; older ones of the same items go. All writers wait for one another: numbers appear in order."""
    table = table_of(ItemVectorRow)
    with database.session(write=True) as session:
        locked(session)
        for part in parts(vectors):
            session.execute(delete(table).where(table.c.item_key.in_([one.item_key for one in part])))
            session.connection().execute(insert(table), [{"space": space, **one._asdict()} for one in part])


def read_texts(database: Database, keys: Sequence[int]) -> dict[int, tuple[str, list[str], str]]:
    """Title, categories and description of items by key."""
    found: dict[int, tuple[str, list[str], str]] = {}
    with database.session() as session:
        for part in parts(keys):
            asked = select(ItemRow.key, ItemRow.title, ItemRow.categories, ItemRow.description)
            for key, title, categories, description in session.execute(asked.where(ItemRow.key.in_(part))):
                found[key] = title, categories, description
    return found
