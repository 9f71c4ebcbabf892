"""That arms were shown, and that they could not be, on its way into the database: who saw what, and how many lists."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from apps.recommender.pipeline.experimenting.choosing import Chosen
from apps.recommender.store.arm_lists import Lists
from apps.recommender.store.exposures import Exposure, Exposures
from core.clock import Clock

MOST_REMEMBERED = 200_000  # exposures that need not be written again; 30 MB


class Happened(NamedTuple):
    """That an arm made a list, or could not. at: Unix seconds UTC;  because: why it could not, else ""

    who: kind and id of who saw it, None for nobody;  key: the visitor's number, 0 where nothing was heard yet
    lists: 0 where nobody asked for one
    """

    experiment: str
    arm: str
    at: float
    who: tuple[str, str] | None = None
    key: int = 0
    because: str = ""
    lists: int = 1


class Exposing:
    """Keeps what happened, each exposure once. By the visitor's number, which nobody inherits who was erased."""

    def __init__(self, exposures: Exposures, clock: Clock) -> None:
        self._exposures, self._clock = exposures, clock
        self._lock = threading.Lock()
        self._written: OrderedDict[tuple[str, int, str], None] = OrderedDict()

    def shown(self, who: tuple[str, str], chosen: Sequence[Chosen]) -> None:
        """Keep that somebody saw these arms in a list that a shop made itself."""
        now = self._clock()
        self._exposures.log([Exposure(one.experiment, who, one.arm.name, now.timestamp()) for one in chosen], now)

    def keep(self, happened: Sequence[Happened]) -> None:
        """Keep all of it, in one transaction."""
        counted: dict[tuple[str, str], Lists] = {}
        seen: dict[tuple[str, tuple[str, str], str], Exposure] = {}
        keys = []
        for one in happened:
            arm = one.experiment, one.arm
            counted[arm] = counted.get(arm, Lists()).and_also(_counted(one))
            if one.who is None or self._known(one):
                continue
            exposure = Exposure(one.experiment, one.who, one.arm, one.at)
            seen.setdefault((one.experiment, one.who, one.arm), exposure)
            if one.key:
                keys.append((one.experiment, one.key, one.arm))
        self._exposures.log(list(seen.values()), self._clock(), counted)
        with self._lock:
            self._written.update(dict.fromkeys(keys))
            while len(self._written) > MOST_REMEMBERED:
                self._written.popitem(last=False)

    def _known(self, one: Happened) -> bool:
        with self._lock:
            return (one.experiment, one.key, one.arm) in self._written


def _counted(one: Happened) -> Lists:
    if one.because:
        return Lists(without=one.lists, unable_at=one.at, because=one.because)
    return Lists(made=one.lists, well_at=one.at)
