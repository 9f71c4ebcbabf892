"""An archive that is replayed for a backtest: the list copied into it, and what became of its texts. Judges nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import event, func, insert, select, update

from apps.finance_sentiment.store.alert_tables import AlertRow, RuleRow
from apps.finance_sentiment.store.archive_tables import DocumentRow, ReadingRow, StoryRow
from apps.finance_sentiment.store.entity_tables import EntityRow, EntityStateRow
from core.database import Database


class Known(NamedTuple):
    """A reading as curves count it, with the time in which it was known. until: None: still"""

    entity: str
    at: datetime
    known_at: datetime
    until: datetime | None
    relevance: int
    echo: bool
    enough: bool
    score: float


@dataclass(frozen=True, slots=True)
class Opened:
    """An alert as it was when it was opened. rule: its name; empty for a signal;  first_told: of the driving stories"""

    entity: str
    rule: str
    at: datetime
    severity: str
    headline: str
    first_told: datetime | None


@dataclass(frozen=True, slots=True)
class Counts:
    """documents: in the archive;  linked: those that name a company;  enough: readings in which a mood can be told"""

    documents: int
    linked: int
    stories: int
    echoes: int
    readings: int
    enough: int
    entities: int


def scratch_database(path: Path) -> Database:
    """An empty SQLite database that is thrown away afterwards, so nothing waits for the disk."""
    database = Database(f"sqlite:///{path}")
    event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return database


def copy_list(source: Database, target: Database, *, own: bool) -> int:
    """Bring the companies, and the rules that are on, into another database that has none. Nobody's channel is taken.

    own: False: only companies of the shipped list, and no rules;  returns: how many rules
    """
    wanted = select(EntityRow.__table__).where(EntityRow.removed.is_(False))
    with source.reading() as connection:
        companies = _rows(connection.execute(wanted if own else wanted.where(EntityRow.origin == "shipped")))
        kept = select(RuleRow.__table__).where(RuleRow.enabled.is_(True), RuleRow.removed.is_(False))
        rules = _rows(connection.execute(kept)) if own else []
    with target.session(write=True) as session:
        if companies:
            session.execute(insert(EntityRow), companies)
        if rules:
            session.execute(insert(RuleRow), [row | {"channels": []} for row in rules])
        session.execute(update(EntityStateRow).values(revision=EntityStateRow.revision + 1))
    return len(rules)


def opened_at(database: Database, now: datetime) -> list[Opened]:
    """The alerts that were opened at this moment, with what they say now."""
    asked = select(AlertRow, RuleRow.name).outerjoin(RuleRow, RuleRow.id == AlertRow.rule_id)
    with database.session() as session:
        found = session.execute(asked.where(AlertRow.opened_at == now).order_by(AlertRow.entity_id)).all()
    return [
        Opened(row.entity_id, name or "", row.opened_at, row.severity, row.headline, _first(row.facts["stories"]))
        for row, name in found
    ]


def counts(database: Database) -> Counts:
    """What an archive holds."""
    linked = func.count(func.distinct(ReadingRow.document_id))
    entities = func.count(func.distinct(ReadingRow.entity_id))
    with database.session() as session:
        documents = session.scalar(select(func.count()).select_from(DocumentRow)) or 0
        stories = session.scalar(select(func.count()).select_from(StoryRow)) or 0
        echoes = session.scalar(select(func.count()).select_from(DocumentRow).where(DocumentRow.echo.is_(True))) or 0
        known = ReadingRow.until.is_(None)
        readings, of_documents, of_entities = session.execute(
            select(func.count(), linked, entities).select_from(ReadingRow).where(known)
        ).one()
        sure = select(func.count()).select_from(ReadingRow).where(known, ReadingRow.enough.is_(True))
        enough = session.scalar(sure) or 0
    return Counts(documents, of_documents, stories, echoes, readings, enough, of_entities)


def all_readings(database: Database) -> list[Known]:
    """Every reading that ever was known, by company and time."""
    columns = [getattr(ReadingRow, name) for name in ("entity_id", *Known._fields[1:])]
    with database.reading() as connection:
        found = connection.execute(select(*columns).order_by(ReadingRow.entity_id, ReadingRow.at, ReadingRow.id))
        return [Known(*row) for row in found]


def _rows(found: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in found.mappings()]


def _first(stories: Sequence[dict[str, Any]]) -> datetime | None:
    return min((datetime.fromisoformat(one["published_at"]) for one in stories), default=None)
