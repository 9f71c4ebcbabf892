"""Experiments' arms in the lists that go out: which model and wish a visitor's list is made with. Ranks nothing.

An arm that cannot answer, since its version was deleted or is damaged, takes nothing from anybody: its visitors get
their list as if there were no experiment, which is counted, logged and told with the experiment.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import Counter

from apps.recommender.errors import HalfAnArm
from apps.recommender.pipeline.experimenting.applying import COUNTING, settings_of, takes_part
from apps.recommender.pipeline.experimenting.choosing import Chooser, Chosen
from apps.recommender.pipeline.experimenting.exposing import Exposing, Happened
from apps.recommender.pipeline.experimenting.showing import open_experiments
from apps.recommender.pipeline.recommending.keeping import Log
from apps.recommender.pipeline.recommending.models import Model, Models
from apps.recommender.schemas.recommend import NO_EXPERIMENT, ArmShown, Place, Wish
from apps.recommender.store.exposures import Exposures
from apps.recommender.store.history import History
from core.app import Services
from core.errors import TriviumError

TRIED_AGAIN_AFTER_S = 5.0  # opening a damaged version reads all of it
WARNED_AGAIN_AFTER_S = 60.0
ANSWERED = Counter("trivium_recommend_arm_lists", "Lists that arms made.", ["experiment", "arm"])
UNABLE = Counter(
    "trivium_recommend_arm_lists_without",
    "Lists of arms' visitors made as if there were no experiment, since the arm could not answer.",
    ["experiment", "arm"],
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tried:
    """How a list is to be made. chosen: arms by which it is;  counted: whether they are kept as shown"""

    wish: Wish
    model: Model
    chosen: Sequence[Chosen] = ()
    counted: bool = True
    who: tuple[str, str] = ("", "")

    @property
    def told(self) -> list[ArmShown]:
        """As the answer tells it."""
        return [ArmShown(experiment=one.experiment, arm=one.arm.name, counted=self.counted) for one in self.chosen]


class Arms:
    """Which arms make whose list, in one process."""

    def __init__(self, services: Services, models: Models) -> None:
        exposures = Exposures(services.database)
        self._clock, self._models = services.clock, models
        self.chooser = Chooser(open_experiments(services.database, services.clock), services.clock)
        self.exposing = Exposing(exposures, services.clock)
        self.log: Log[Happened] = Log("recommend-exposures", self.exposing.keep)
        self._lock = threading.Lock()
        self._unable: dict[str, tuple[float, TriviumError]] = {}
        self._warned: dict[str, float] = {}

    def of(self, place: Place, history: History, kind: str, name: str, wish: Wish) -> Tried:
        """The arms of a visitor, and what they make of a wish. kind: "" for nobody

        raises: HalfAnArm, NoSuchExperiment, NoSuchArm, UnknownModel
        """
        if wish.arm is not None or wish.experiment not in (None, NO_EXPERIMENT):
            return self._asked_for(place, wish)
        if not kind or wish.experiment == NO_EXPERIMENT or history.consent is False:
            return Tried(wish, self._models.get(wish.model))
        who = kind if not history.user else "user", history.user or name  # a session that signed in is its user
        chosen: list[Chosen] = []
        named = wish.model_fields_set
        said: dict[str, Any] = {}
        for one in self.chooser.choose(who):
            if not takes_part(one.about, place, named):
                continue
            own = {key: value for key, value in settings_of(one.arm).items() if key in COUNTING[place]}
            own = {key: value for key, value in own.items() if key not in named and key not in said}
            if "model" in own and (error := self._cannot(own["model"])) is not None:
                self._note_unable(one, error, lists=1 if wish.keep else 0)
                continue
            said |= own
            chosen.append(one)
        wish = wish.model_copy(update=said) if said else wish
        return Tried(wish, self._models.get(wish.model), chosen, counted=wish.keep, who=who)

    def gone_out(self, tried: Tried, history: History) -> None:
        """Keep that the list was made: call it when it is there, not before."""
        if not tried.counted:
            return
        at = self._clock().timestamp()
        for one in tried.chosen:
            ANSWERED.labels(one.experiment, one.arm.name).inc()
            self.log.add(Happened(one.experiment, one.arm.name, at, tried.who, history.key))

    def look(self) -> None:
        """Open the versions that arms name before somebody waits for them, and note those that cannot be."""
        arms = [
            (one, arm) for one in self.chooser.running() for arm in one.arms if arm.model and not arm.stopped_because
        ]
        self._models.wanted = frozenset(str(arm.model) for _, arm in arms)
        for one, arm in arms:
            if (error := self._cannot(str(arm.model))) is not None:
                self._note_unable(Chosen(one.id, arm), error, lists=0)
            elif self._warned.pop(f"{one.id} {arm.name}", None) is not None:
                self.log.add(Happened(one.id, arm.name, self._clock().timestamp(), lists=0))

    def _asked_for(self, place: Place, wish: Wish) -> Tried:
        if wish.arm is None or wish.experiment in (None, NO_EXPERIMENT):
            raise HalfAnArm
        one = self.chooser.named(str(wish.experiment), wish.arm)
        own = {key: value for key, value in settings_of(one.arm).items() if key in COUNTING[place]}
        wish = wish.model_copy(update={key: own[key] for key in own.keys() - wish.model_fields_set})
        return Tried(wish, self._models.get(wish.model), [one], counted=False)

    def _cannot(self, ref: str) -> TriviumError | None:
        """Why a model cannot answer, None where it can."""
        known = self._unable.get(ref)
        if known is not None and 0 <= time.monotonic() - known[0] < TRIED_AGAIN_AFTER_S:
            return known[1]
        try:
            self._models.get(ref)
        except TriviumError as error:
            with self._lock:
                self._unable = {**self._unable, ref: (time.monotonic(), error)}
            return error
        if known is not None:
            with self._lock:
                self._unable = {key: value for key, value in self._unable.items() if key != ref}
        return None

    def _note_unable(self, one: Chosen, error: TriviumError, *, lists: int) -> None:
        now, arm = time.monotonic(), f"{one.experiment} {one.arm.name}"
        if lists:
            UNABLE.labels(one.experiment, one.arm.name).inc()
        new = arm not in self._warned or now - self._warned[arm] > WARNED_AGAIN_AFTER_S
        if new:
            self._warned[arm] = now
            _log.warning(
                "an arm cannot answer; its visitors get the usual list",
                extra={"model": one.arm.model, "reason": type(error).__name__},
            )
        if new or lists:
            at = self._clock().timestamp()
            self.log.add(Happened(one.experiment, one.arm.name, at, because=error.fact, lists=lists))
