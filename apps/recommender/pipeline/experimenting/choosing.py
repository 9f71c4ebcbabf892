"""Which experiment and which arm somebody is in, by what runs now; and that it was shown, written once.

A visitor is in at most one experiment of a lane, so that two of them never change the same list.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from apps.recommender.pipeline.experimenting.assigning import allot, arm_of, claim, slot_of
from apps.recommender.schemas.experiments import Arm
from apps.recommender.store.experiment_tables import ExperimentRow
from apps.recommender.store.experiments import Experiments
from apps.recommender.store.exposures import Exposure, Exposures
from core.clock import Clock

FRESH_S = 1.0  # after this time what was changed elsewhere is known here
MOST_REMEMBERED = 200_000  # exposures that need not be written again; 30 MB


class Slots:
    """How slots are given to arms and lanes."""

    def arms(self, shares: Sequence[float], before: Sequence[int] | None) -> list[int]:
        """(1,000,), the position of each slot's arm."""
        return allot(shares, before)

    def lane(self, taken: Sequence[int], share: float) -> list[int] | None:
        """Free slots of a lane; None where there are too few."""
        return claim(taken, share)


class Chosen(NamedTuple):
    """An arm that somebody is in. experiment: its id"""

    experiment: str
    arm: Arm


def choose(row: ExperimentRow, unit: str) -> Arm | None:
    """The arm of a user or session; None where the experiment leaves it alone, or its arm was stopped.

    Who was in an arm that was stopped is served as if there were no experiment, and is not moved to another arm, whose
    figures would then mix with what the stopped one did.
    """
    if row.state != "running" or slot_of(unit, f"lane:{row.lane}") not in set(row.lane_slots):
        return None
    at = arm_of(unit, row.id, row.slots)
    arm = None if at is None else Arm.model_validate(row.arms[at])
    return None if arm is None or arm.stopped_because else arm


class Chooser:
    """Chooses for each request, and writes an exposure once. Reads what runs at most once a second.

    of: the kind and id of a visitor, as the store of visitors names them
    """

    def __init__(self, experiments: Experiments, exposures: Exposures, clock: Clock) -> None:
        self._experiments, self._exposures, self._clock = experiments, exposures, clock
        self._lock = threading.Lock()
        self._running: list[ExperimentRow] = []
        self._read_at: float | None = None
        self._written: OrderedDict[tuple[str, tuple[str, str], str], None] = OrderedDict()

    def choose(self, who: tuple[str, str]) -> list[Chosen]:
        """The arms of all running experiments that somebody is in, one a lane at most."""
        unit = f"{who[0]}:{who[1]}"
        chosen = ((row.id, choose(row, unit)) for row in self._now_running())
        return [Chosen(experiment, arm) for experiment, arm in chosen if arm is not None]

    def shown(self, who: tuple[str, str], chosen: Sequence[Chosen]) -> None:
        """Keep that somebody saw these arms: call it when the list has gone out, not before."""
        now = self._clock()
        keys = [(one.experiment, who, one.arm.name) for one in chosen]
        with self._lock:
            new = [key for key in keys if key not in self._written]
        if not new:
            return
        self._exposures.log([Exposure(experiment, who, arm, now.timestamp()) for experiment, who, arm in new], now)
        with self._lock:
            for key in new:
                self._written[key] = None
            while len(self._written) > MOST_REMEMBERED:
                self._written.popitem(last=False)

    def _now_running(self) -> list[ExperimentRow]:
        now = self._clock().timestamp()
        with self._lock:
            if self._read_at is not None and 0 <= now - self._read_at < FRESH_S:
                return self._running
        running = self._experiments.running()
        with self._lock:
            self._running, self._read_at = running, now
        return running
