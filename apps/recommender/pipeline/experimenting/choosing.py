"""Which experiment and which arm somebody is in, by what runs now. That it was shown is kept elsewhere.

A visitor is in at most one experiment of a lane, so that two of them never change the same list.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from apps.recommender.pipeline.experimenting.applying import varied
from apps.recommender.pipeline.experimenting.assigning import allot, arm_of, claim, slot_of
from apps.recommender.schemas.experiments import Arm
from apps.recommender.store.experiment_tables import ExperimentRow
from apps.recommender.store.experiments import Experiments, NoSuchArm
from core.clock import Clock

FRESH_S = 1.0  # after this time what was changed elsewhere is known here


class Slots:
    """How slots are given to arms and lanes."""

    def arms(self, shares: Sequence[float], before: Sequence[int] | None) -> list[int]:
        """(1,000,), the position of each slot's arm."""
        return allot(shares, before)

    def lane(self, taken: Sequence[int], share: float) -> list[int] | None:
        """Free slots of a lane; None where there are too few."""
        return claim(taken, share)


class Chosen(NamedTuple):
    """An arm that somebody is in. experiment: its id;  about: the settings that the experiment varies"""

    experiment: str
    arm: Arm
    about: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Running:
    """An experiment, read once for many visitors. slots: see `ExperimentRow`"""

    id: str
    lane: str
    lane_slots: frozenset[int]
    slots: Sequence[int]
    arms: list[Arm]
    about: frozenset[str]

    @classmethod
    def of(cls, row: ExperimentRow) -> Running:
        """A row as visitors meet it."""
        arms = [Arm.model_validate(one) for one in row.arms]
        held = frozenset(row.lane_slots) if row.state == "running" else frozenset()
        return cls(row.id, row.lane, held, row.slots, arms, varied(arms))

    def arm(self, unit: str) -> Arm | None:
        """See `choose`."""
        if slot_of(unit, f"lane:{self.lane}") not in self.lane_slots:
            return None
        at = arm_of(unit, self.id, self.slots)
        return None if at is None or self.arms[at].stopped_because else self.arms[at]


def choose(row: ExperimentRow, unit: str) -> Arm | None:
    """The arm of a user or session; None where the experiment leaves it alone, or its arm was stopped.

    Who was in an arm that was stopped is served as if there were no experiment, and is not moved to another arm, whose
    figures would then mix with what the stopped one did.
    """
    return Running.of(row).arm(unit)


class Chooser:
    """Chooses for each request. Reads what runs at most once a second.

    who: the kind and id of a visitor, as the store of visitors names them
    """

    def __init__(self, experiments: Experiments, clock: Clock) -> None:
        self._experiments, self._clock = experiments, clock
        self._lock = threading.Lock()
        self._running: list[Running] | None = None
        self._read_at = 0.0

    def choose(self, who: tuple[str, str]) -> list[Chosen]:
        """The arms of all running experiments that somebody is in, one a lane at most; the oldest experiment first."""
        running = self.running()
        if not running:
            return []
        unit = f"{who[0]}:{who[1]}"
        chosen = ((one, one.arm(unit)) for one in running)
        return [Chosen(one.id, arm, one.about) for one, arm in chosen if arm is not None]

    def named(self, experiment: str, arm: str) -> Chosen:
        """An arm by its name, whether it runs or not. raises: NoSuchExperiment, NoSuchArm"""
        found = Running.of(self._experiments.get(experiment))
        for one in found.arms:
            if one.name == arm:
                return Chosen(found.id, one, found.about)
        raise NoSuchArm([one.name for one in found.arms])

    def running(self) -> list[Running]:
        """What runs, as it was at most a second ago."""
        now = self._clock().timestamp()
        known = self._running
        if known is not None and 0 <= now - self._read_at < FRESH_S:
            return known
        with self._lock:  # who comes while another thread reads waits for it: what it knew may be old by any time
            if self._running is None or not 0 <= now - self._read_at < FRESH_S:
                self._running, self._read_at = [Running.of(row) for row in self._experiments.running()], now
            return self._running
