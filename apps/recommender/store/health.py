"""What an operator looks at first: events by day, and how much of the catalogue is fit to be recommended."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, case, cast, exists, func, or_, select

from apps.recommender.schemas.health import Coverage, DayCount
from apps.recommender.store.answer_tables import ItemVectorRow
from apps.recommender.store.event_tables import EventRow, EventTypeRow
from apps.recommender.store.item_tables import ItemRow
from apps.recommender.store.visitor_tables import USER, VisitorRow
from core.database import Database

DAY_S = 86_400


def count_days(database: Database, since: float) -> list[DayCount]:
    """Events by day (UTC) and type, the oldest first. since: Unix seconds"""
    day = cast(EventRow.at, BigInteger).op("/")(DAY_S)  # of whole numbers: cut, not rounded
    counted = (
        select(day.label("day"), EventRow.type.label("type"), func.count().label("events"))
        .where(EventRow.at >= since)
        .group_by(day, EventRow.type)
        .subquery()
    )
    asked = select(counted.c.day, EventTypeRow.name, counted.c.events).join(counted, counted.c.type == EventTypeRow.key)
    with database.reading() as connection:
        rows = connection.execute(asked.order_by(counted.c.day, EventTypeRow.name)).all()
    return [
        DayCount(day=datetime.fromtimestamp(int(day) * DAY_S, UTC).date(), type=name, events=events)
        for day, name, events in rows
    ]


def cover(database: Database) -> Coverage:
    """Count what of the catalogue has text, a price, a vector, events."""
    in_use = ItemRow.known & ItemRow.removed.is_(False)
    tallies = (
        in_use,
        in_use & (ItemRow.description != ""),
        in_use & (cast(ItemRow.categories, String) != "[]"),
        in_use & ItemRow.price.is_not(None),
        in_use & exists().where(ItemVectorRow.item_key == ItemRow.key),
        in_use & exists().where(EventRow.item_key == ItemRow.key),
        in_use & or_(ItemRow.hidden, func.coalesce(ItemRow.stock, 1) == 0),
    )
    user = (VisitorRow.kind == USER) & VisitorRow.known
    with database.reading() as connection:
        items = connection.execute(select(*(_tally(one) for one in tallies))).one()
        visitors = connection.execute(
            select(_tally(user), _tally(user & exists().where(EventRow.visitor_key == VisitorRow.key)))
        ).one()
    return Coverage.model_validate(dict(zip(Coverage.model_fields, (*items, *visitors), strict=True)))


def _tally(condition: ColumnElement[Any]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
