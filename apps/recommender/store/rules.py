"""Rules in SQL: made, changed, taken away. Other processes follow their revision."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from apps.recommender.errors import NoSuchRule
from apps.recommender.store.rule_tables import RuleRow
from apps.recommender.store.state import locked
from core.clock import Clock
from core.database import Database


class Rules:
    """All rules of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def all(self) -> Sequence[RuleRow]:
        """Those that stand, the oldest first."""
        with self.database.session() as session:
            asked = select(RuleRow).where(RuleRow.removed.is_(False)).order_by(RuleRow.key)
            return list(session.scalars(asked))

    def add(self, values: Mapping[str, Any]) -> RuleRow:
        """Make one."""
        now = self.clock()
        with self.database.session(write=True) as session:
            locked(session)
            newest = session.scalar(select(func.max(RuleRow.revision))) or 0
            row = RuleRow(**values, removed=False, revision=newest + 1, created_at=now, updated_at=now)
            session.add(row)
        return row

    def change(self, key: int, values: Mapping[str, Any]) -> RuleRow:
        """Replace what a rule says. raises: NoSuchRule"""
        with self.database.session(write=True) as session:
            locked(session)
            row = session.get(RuleRow, key)
            if row is None or row.removed:
                raise NoSuchRule(key)
            for name, value in values.items():
                setattr(row, name, value)
            row.revision = (session.scalar(select(func.max(RuleRow.revision))) or 0) + 1
            row.updated_at = self.clock()
        return row

    def remove(self, key: int) -> None:
        """Take a rule away. raises: NoSuchRule"""
        self.change(key, {"removed": True})
