"""Lists that were served with something left to chance, and what came of them, somebody's after somebody else's."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, literal, or_, select

from apps.recommender.store.answer_tables import AnswerRow
from apps.recommender.store.event_tables import EventRow, EventTypeRow, FeedbackRow
from apps.recommender.store.item_tables import ItemRow
from apps.recommender.store.state import PART, parts
from apps.recommender.store.visitor_tables import VisitorRow

PEOPLE_AT_ONCE = 500


class Served(NamedTuple):
    """A list. who: number of the user or session, 0 where nobody was known;  at: Unix seconds UTC

    items: id and chance, best first;  asked: see `AnswerRow`
    """

    request: str
    who: int
    place: str
    at: float
    items: list[tuple[str, float]]
    asked: dict[str, Any] | None


class Outcome(NamedTuple):
    """An event that may have come of a list. who: as in `Served`;  request: of the list it names, "" where none"""

    who: int
    item: str
    at: float
    request: str


_WHO = func.coalesce(VisitorRow.user_key, VisitorRow.key)


def count_explored(connection: Connection, since: float, places: Sequence[str]) -> int:
    """How many lists left something to chance since a moment (Unix seconds)."""
    wanted = (AnswerRow.at >= since) & AnswerRow.place.in_(places) & AnswerRow.asked.is_not(None)
    return connection.scalar(select(func.count()).select_from(AnswerRow).where(wanted)) or 0


def served_people(connection: Connection, since: float, places: Sequence[str]) -> Iterator[list[Served]]:
    """All lists since a moment (Unix seconds), in parts; all of one person's lists are in one part, by time.

    Those of nobody who was known come last, some at a time.
    """
    wanted = (AnswerRow.at >= since) & AnswerRow.place.in_(places)
    keys = select(_WHO).join(AnswerRow, AnswerRow.visitor_key == VisitorRow.key).where(wanted).distinct()
    columns = (AnswerRow.request, _WHO, AnswerRow.place, AnswerRow.at, AnswerRow.items, AnswerRow.asked)
    for part in _in_parts(sorted(connection.scalars(keys)), PEOPLE_AT_ONCE):
        asked = (
            select(*columns)
            .join(VisitorRow, VisitorRow.key == AnswerRow.visitor_key)
            .where(wanted, or_(VisitorRow.key.in_(part), VisitorRow.user_key.in_(part)))
            .order_by(_WHO, AnswerRow.at, AnswerRow.request)
        )
        yield _served(connection, asked)
    after = ""
    nobody = (AnswerRow.request, literal(0), AnswerRow.place, AnswerRow.at, AnswerRow.items, AnswerRow.asked)
    while True:
        strangers = select(*nobody).where(wanted, AnswerRow.visitor_key.is_(None), AnswerRow.request > after)
        found = _served(connection, strangers.order_by(AnswerRow.request).limit(PART))
        if found:
            yield found
        if len(found) < PART:
            return
        after = found[-1].request


def read_outcomes(
    connection: Connection, served: Sequence[Served], types: Sequence[str], within_s: float
) -> list[Outcome]:
    """Events of these types that name one of the lists, or that its person did within a time after it."""
    columns = (EventRow.visitor_key, ItemRow.id, EventRow.at, func.coalesce(FeedbackRow.request, ""))
    asked = (
        select(*columns)
        .join(ItemRow, ItemRow.key == EventRow.item_key)
        .join(EventTypeRow, EventTypeRow.key == EventRow.type)
        .where(EventTypeRow.name.in_(types))
    )
    found: list[Outcome] = []
    for requests in parts(sorted({one.request for one in served})):
        named = asked.join(FeedbackRow, FeedbackRow.event_id == EventRow.id).where(FeedbackRow.request.in_(requests))
        found += (Outcome(*row) for row in connection.execute(named))
    people = sorted({one.who for one in served if one.who})
    if people:
        first, last = min(one.at for one in served), max(one.at for one in served) + within_s
        for part in parts(people):
            unnamed = asked.outerjoin(FeedbackRow, FeedbackRow.event_id == EventRow.id).where(
                FeedbackRow.request.is_(None), EventRow.visitor_key.in_(part), EventRow.at.between(first, last)
            )
            found += (Outcome(*row) for row in connection.execute(unnamed))
    return found


def _served(connection: Connection, asked: Select[Any]) -> list[Served]:
    rows = connection.execute(asked)
    return [
        Served(request, who, place, at, [(item, float(chance)) for item, chance in items], said)
        for request, who, place, at, items, said in rows
    ]


def _in_parts(values: list[int], size: int) -> Iterator[list[int]]:
    for at in range(0, len(values), size):
        yield values[at : at + size]
