"""Hourly sums in SQL: added to, and made anew. What a reading adds is the pipeline's."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session as Session

from apps.finance_sentiment.store.archive_tables import HourRow, ReadingRow

SUMS = ("volume", "echoes", "weight", "weighted", "squared", "negative", "neutral", "positive")
_HOURS = cast(Table, HourRow.__table__)
READ_AT_ONCE = 10_000

Key = tuple[str, datetime]
Sums = Mapping[str, float]


def add(session: Session, sums: Mapping[Key, Sums]) -> None:
    """Add to the sums of hours; those that are missing are made. Whoever else adds at once waits, nothing is lost."""
    rows: list[dict[str, Any]] = [
        {"entity_id": entity, "hour": hour, **of_hour} for (entity, hour), of_hour in sorted(sums.items())
    ]  # in one order, so that two that add at once never wait for each other
    if not rows:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = insert(_HOURS)
    more = {name: _HOURS.c[name] + made.excluded[name] for name in SUMS}
    session.connection().execute(made.on_conflict_do_update(index_elements=["entity_id", "hour"], set_=more), rows)


def forget(session: Session, entity: str | None) -> None:
    """Remove all hours of a company, or of all."""
    gone = delete(HourRow)
    session.execute(gone if entity is None else gone.where(HourRow.entity_id == entity))


def known_readings(session: Session, entity: str | None) -> Iterator[ReadingRow]:
    """Readings as they are known now, of a company or of all, company by company."""
    asked = select(ReadingRow).where(ReadingRow.until.is_(None)).order_by(ReadingRow.entity_id)
    asked = asked.execution_options(yield_per=READ_AT_ONCE)
    yield from session.scalars(asked if entity is None else asked.where(ReadingRow.entity_id == entity))
