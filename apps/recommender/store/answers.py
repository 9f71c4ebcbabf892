"""What was recommended, kept for off-policy estimates; written many at a time."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select

from apps.recommender.store.answer_tables import AnswerRow
from apps.recommender.store.state import parts, table_of
from apps.recommender.store.visitor_tables import VisitorRow
from core.database import Database


class Given(NamedTuple):
    """An answer as it is kept; see `AnswerRow`. asked: `filters` and `wish`, without what is as everywhere"""

    request: str
    visitor_key: int | None
    place: str
    model: str
    at: float
    items: list[Any]
    asked: dict[str, Any] | None = None


def keep_answers(database: Database, answers: Sequence[Given]) -> int:
    """Keep answers; those to visitors who were erased meanwhile are dropped. returns: how many were kept"""
    with database.session(write=True) as session:
        keys = {one.visitor_key for one in answers if one.visitor_key is not None}
        held: set[int | None] = {None}
        for part in parts(keys):
            held.update(session.scalars(select(VisitorRow.key).where(VisitorRow.key.in_(part))))
        kept = [one._asdict() for one in answers if one.visitor_key in held]
        if kept:
            session.connection().execute(insert(table_of(AnswerRow)), kept)
    return len(kept)


def drop_answers(database: Database, before: float) -> None:
    """Forget answers that are older than a moment (Unix seconds)."""
    with database.session(write=True) as session:
        session.execute(delete(AnswerRow).where(AnswerRow.at < before))
