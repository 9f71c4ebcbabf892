"""Who was recommended an item, read from the answers that are kept."""

from datetime import UTC, datetime

from sqlalchemy import select

from apps.recommender.schemas.recipients import FIRST, Recipient, Recipients
from apps.recommender.store.answer_tables import AnswerRow
from apps.recommender.store.visitor_tables import USER, VisitorRow
from core.database import Database

MOST_ANSWERS = 1_000
"""The newest ones; each is a short list, so that reading them takes some hundredths of a second."""


def recommended_to(database: Database, item: str, most: int) -> Recipients:
    """Look for an item among the first places of the newest answers. most: people told"""
    asked = (
        select(AnswerRow.at, AnswerRow.place, AnswerRow.model, AnswerRow.items, VisitorRow.kind, VisitorRow.id)
        .outerjoin(VisitorRow, VisitorRow.key == AnswerRow.visitor_key)
        .order_by(AnswerRow.at.desc())
        .limit(MOST_ANSWERS)
    )
    with database.reading() as connection:
        rows = connection.execute(asked).all()
    among_first = 0
    found: dict[tuple[str, str], Recipient] = {}
    for at, place, model, items, kind, name in rows:
        position = next((spot for spot, one in enumerate(items[:FIRST], 1) if one[0] == item), 0)
        among_first += position > 0
        if not position or name is None or len(found) >= most or (kind, name) in found:
            continue
        found[kind, name] = Recipient(
            user=name if kind == USER else None,
            session=None if kind == USER else name,
            place=place,
            position=position,
            model=model,
            at=datetime.fromtimestamp(at, UTC),
        )
    return Recipients(lists=len(rows), among_first=among_first, items=list(found.values()))
