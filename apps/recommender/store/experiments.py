"""Experiments in SQL: made, changed, started and stopped. What came of them is the pipeline's."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from apps.recommender.schemas.experiments import ExperimentEdit, ExperimentPatch
from apps.recommender.store.experiment_tables import ExperimentChangeRow, ExperimentRow
from apps.recommender.store.state import locked
from core.clock import Clock
from core.database import Database
from core.errors import Conflict, Invalid, NotFound

DRAFT, RUNNING, STOPPED = "draft", "running", "stopped"
MOST_EXPERIMENTS = 1_000


class NoSuchExperiment(NotFound):
    """An experiment that never was."""

    def __init__(self) -> None:
        super().__init__("there is no such experiment", remedy="see `GET /v1/recommend/experiments`")


class TooManyExperiments(Conflict):
    """More than one house holds."""

    def __init__(self) -> None:
        super().__init__(f"there are {MOST_EXPERIMENTS} experiments already", remedy="go on with one of them")


class ExperimentChanged(Conflict):
    """Somebody else was faster."""

    def __init__(self, read: int, now: int) -> None:
        super().__init__(
            f"the experiment has changed: you read version {read}, it is at {now}", remedy="read it again, then decide"
        )


class LaneFull(Conflict):
    """A lane that has no visitors left. free: share of it that is"""

    def __init__(self, lane: str, free: float) -> None:
        super().__init__(
            f"running experiments leave {free:.1%} of the lane {lane!r} free, which is too little",
            remedy="stop one of them, take less traffic, or choose another lane",
        )


class NoSuchArm(Invalid):
    """Arms that the experiment does not have, or shares that are not all of them."""

    def __init__(self, arms: Sequence[str]) -> None:
        super().__init__(
            "the arms are not those of the experiment, or their shares do not sum to 1",
            remedy=f"name {', '.join(arms)}, with shares that sum to 1",
        )


class ControlRuns(Conflict):
    """Stopping the arm against which all others are held."""

    def __init__(self) -> None:
        super().__init__("the first arm is the control and cannot be stopped", remedy="stop the experiment")


class Allotment(Protocol):
    """How slots are given: the pipeline knows, the store keeps them."""

    def arms(self, shares: Sequence[float], before: Sequence[int] | None) -> list[int]:
        """(1,000,), the position of each slot's arm."""

    def lane(self, taken: Sequence[int], share: float) -> list[int] | None:
        """Free slots of a lane; None where there are too few."""


class Experiments:
    """All experiments of one database."""

    def __init__(self, database: Database, clock: Clock, allotment: Allotment) -> None:
        self.database = database
        self.clock = clock
        self._allotment = allotment

    def add(self, edit: ExperimentEdit) -> ExperimentRow:
        """Make an experiment, which does not run yet. raises: TooManyExperiments"""
        now = self.clock()
        with self.database.session(write=True) as session:
            if (session.scalar(select(func.count()).select_from(ExperimentRow)) or 0) >= MOST_EXPERIMENTS:
                raise TooManyExperiments
            told = edit.model_dump(mode="json", exclude={"arms"})
            arms = [{**arm.model_dump(mode="json"), "stopped_because": "", "stopped_at": None} for arm in edit.arms]
            row = ExperimentRow(
                id=f"exp_{secrets.token_hex(8)}",
                **told,
                arms=arms,
                slots=self._allotment.arms([arm.share for arm in edit.arms], None),
                lane_slots=[],
                state=DRAFT,
                version=1,
                created_at=now,
                started_at=None,
                stopped_at=None,
                updated_at=now,
            )
            session.add(row)
        return row

    def all(self) -> list[ExperimentRow]:
        """The latest first."""
        with self.database.session() as session:
            return list(
                session.scalars(select(ExperimentRow).order_by(ExperimentRow.created_at.desc(), ExperimentRow.id))
            )

    def running(self) -> list[ExperimentRow]:
        """Those that run, the one that began first at the beginning."""
        asked = select(ExperimentRow).where(ExperimentRow.state == RUNNING)
        asked = asked.order_by(ExperimentRow.started_at, ExperimentRow.id)
        with self.database.session() as session:
            return list(session.scalars(asked))

    def get(self, experiment: str) -> ExperimentRow:
        """raises: NoSuchExperiment"""
        with self.database.session() as session:
            return _held(session, experiment)

    def change(self, experiment: str, patch: ExperimentPatch) -> ExperimentRow:
        """Rename, start, stop, give other shares or guardrails, stop an arm or let it run again, all or nothing.

        raises: NoSuchExperiment, ExperimentChanged, NoSuchArm, ControlRuns, LaneFull
        """
        with self.database.session(write=True) as session:
            locked(session)  # one after the other, so that two that start never get the same slots
            row, now = _held(session, experiment), self.clock()
            if patch.version is not None and patch.version != row.version:
                raise ExperimentChanged(patch.version, row.version)
            before = _told(row)
            row.name = row.name if patch.name is None else patch.name
            row.hypothesis = row.hypothesis if patch.hypothesis is None else patch.hypothesis
            if patch.guardrails is not None:
                row.guardrails = [one.model_dump(mode="json") for one in patch.guardrails]
            if patch.shares is not None:
                self._share(row, patch.shares)
            for arm, state in (patch.arms or {}).items():
                _set_arm(row, arm, "" if state == RUNNING else "stopped by hand", now)
            if patch.state == RUNNING and row.state != RUNNING:
                self._start(session, row, now)
            elif patch.state == STOPPED and row.state == RUNNING:
                row.state, row.stopped_at, row.lane_slots = STOPPED, now, []
            _note(session, row, before, now)
        return row

    def changes(self, experiment: str) -> list[ExperimentChangeRow]:
        """What was changed since it was made, the latest first. raises: NoSuchExperiment"""
        asked = select(ExperimentChangeRow).where(ExperimentChangeRow.experiment_id == experiment)
        with self.database.session() as session:
            _held(session, experiment)
            return list(session.scalars(asked.order_by(ExperimentChangeRow.version.desc())))

    def stop_arm(self, experiment: str, arm: str, because: str) -> bool:
        """Stop an arm that does harm. returns: whether it was running until now"""
        with self.database.session(write=True) as session:
            locked(session)
            row, now = _held(session, experiment), self.clock()
            held = next(one for one in row.arms if one["name"] == arm)
            if row.state != RUNNING or held["stopped_because"]:
                return False
            before = _told(row)
            _set_arm(row, arm, because, now)
            _note(session, row, before, now)
        return True

    def _share(self, row: ExperimentRow, shares: Mapping[str, float]) -> None:
        names = [arm["name"] for arm in row.arms]
        if set(shares) != set(names) or abs(sum(shares.values()) - 1) > 1e-6:
            raise NoSuchArm(names)
        row.arms = [{**arm, "share": shares[arm["name"]]} for arm in row.arms]
        row.slots = self._allotment.arms([shares[name] for name in names], row.slots)

    def _start(self, session: Session, row: ExperimentRow, now: datetime) -> None:
        others = select(ExperimentRow.lane_slots).where(
            ExperimentRow.lane == row.lane, ExperimentRow.state == RUNNING, ExperimentRow.id != row.id
        )
        taken = [slot for slots in session.scalars(others) for slot in slots]
        claimed = self._allotment.lane(taken, row.traffic)
        if claimed is None:
            raise LaneFull(row.lane, 1 - len(taken) / len(row.slots))
        row.lane_slots, row.state, row.stopped_at = claimed, RUNNING, None
        row.started_at = row.started_at or now


def _told(row: ExperimentRow) -> dict[str, Any]:
    """What people change, as it is now."""
    return {
        "name": row.name,
        "hypothesis": row.hypothesis,
        "state": row.state,
        "guardrails": row.guardrails,
        "shares": {arm["name"]: arm["share"] for arm in row.arms},
        "stopped": {arm["name"]: arm["stopped_because"] for arm in row.arms if arm["stopped_because"]},
    }


def _note(session: Session, row: ExperimentRow, before: dict[str, Any], now: datetime) -> None:
    after = _told(row)
    changed = [name for name, value in after.items() if value != before[name]]
    row.version, row.updated_at = row.version + 1, now
    parts = {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}
    session.add(ExperimentChangeRow(experiment_id=row.id, version=row.version, at=now, **parts))


def _set_arm(row: ExperimentRow, arm: str, because: str, now: datetime) -> None:
    names = [one["name"] for one in row.arms]
    if arm not in names:
        raise NoSuchArm(names)
    if because and arm == names[0]:
        raise ControlRuns
    stopped: dict[str, Any] = {"stopped_because": because, "stopped_at": now.isoformat() if because else None}
    row.arms = [{**one, **stopped} if one["name"] == arm else one for one in row.arms]


def _held(session: Session, experiment: str) -> ExperimentRow:
    row = session.get(ExperimentRow, experiment)
    if row is None:
        raise NoSuchExperiment
    return row
