"""How many lists each arm has made, and whether it can, counted by all processes together."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from apps.recommender.store.experiment_tables import ArmListsRow
from apps.recommender.store.state import table_of
from core.database import Database

Arm = tuple[str, str]
"""Experiment and name."""


class Lists(NamedTuple):
    """Lists of one arm. made: with it;  without: that its visitors got as if there were no experiment

    well_at, unable_at: when it last made one, and last could not, Unix seconds UTC; 0: never;  because: why not
    """

    made: int = 0
    without: int = 0
    well_at: float = 0.0
    unable_at: float = 0.0
    because: str = ""

    @property
    def unable(self) -> str:
        """Why it cannot answer now, "" where it can."""
        return self.because if self.unable_at > self.well_at else ""

    def and_also(self, later: "Lists") -> "Lists":
        """Both together."""
        newer = later if later.unable_at >= self.unable_at else self
        times = max(self.well_at, later.well_at), max(self.unable_at, later.unable_at)
        return Lists(self.made + later.made, self.without + later.without, *times, newer.because)


def add_lists(session: Session, counted: Mapping[Arm, Lists]) -> None:
    """Add to what is counted, in one order, so that two processes never wait for one another in a ring."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    table = table_of(ArmListsRow).c
    for (experiment, arm), one in sorted(counted.items()):
        said = insert(table_of(ArmListsRow)).values(experiment_id=experiment, arm=arm, **one._asdict())
        changed: dict[str, Any] = {"made": table.made + one.made, "without": table.without + one.without}
        changed |= {"well_at": one.well_at} if one.well_at else {}
        changed |= {"unable_at": one.unable_at, "because": one.because} if one.unable_at else {}
        keys = [table.experiment_id, table.arm]
        session.execute(said.on_conflict_do_update(index_elements=keys, set_=changed))


def read_lists(database: Database, experiment: str) -> dict[str, Lists]:
    """By the arm's name; arms that made none yet are left out."""
    with database.session() as session:
        rows = session.scalars(select(ArmListsRow).where(ArmListsRow.experiment_id == experiment))
        return {row.arm: Lists(row.made, row.without, row.well_at, row.unable_at, row.because) for row in rows}
