"""A new version trained by the server: at the press of a button, or when enough is new. Trains in another process."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from datetime import timedelta

from apps.recommender.pipeline.trainings import NEWEST_EVENT, Diary, diary_of, hold, last_training
from apps.recommender.schemas.versions import Training, Trainings
from apps.recommender.settings import RecommenderSettings
from apps.recommender.store.counting import events_after
from core.app import Services
from core.backend.registry.errors import NoSuchModel

LOOKS_EVERY_S = 60.0
AGAIN_AFTER = timedelta(minutes=10)
"""After which a training that was killed is gone on with: one that dies of itself may not do so every minute."""

_log = logging.getLogger(__name__)


class Retraining:
    """What this server may begin. A process of its own, of low priority, trains; answers keep their speed."""

    def __init__(self, services: Services, settings: RecommenderSettings) -> None:
        self._services, self._settings, self._name = services, settings, settings.served_model
        self._home, self._clock = services.settings.home, services.clock

    def told(self) -> Trainings:
        """What runs, or ran last, whichever process began it."""
        return Trainings(
            last=last_training(self._home, self._name),
            every_hours=self._settings.retrain_every_hours,
            promote=self._settings.promote,
        )

    def begin(self) -> Training:
        """Begin now.

        raises: TrainingRuns; DiskFull, CannotWrite
        """
        lock = hold(self._home, self._name)  # the child inherits it: between the two nobody else can begin
        try:
            diary = Diary(diary_of(self._home, self._name), self._clock)
            log = diary_of(self._home, self._name).with_suffix(".log")
            try:
                with log.open("wb") as file:
                    child = subprocess.Popen(  # noqa: S603  our own command
                        self._command(lock),
                        env=self._environment(),
                        pass_fds=(lock,),
                        stdin=subprocess.DEVNULL,
                        stdout=file,
                        stderr=file,
                    )
            except OSError as error:
                diary.end(f"it could not be begun ({error.strerror})", failed=True)
                raise
        finally:
            os.close(lock)
        _log.info("a training has begun", extra={"model": self._name, "child": child.pid})
        threading.Thread(target=self._await, args=(child,), name="recommender-training", daemon=True).start()
        return diary.said

    def look(self) -> bool:
        """Begin if it is time and enough is new. returns: whether it did"""
        every = timedelta(hours=self._settings.retrain_every_hours)
        last = last_training(self._home, self._name)
        if not every or (last is not None and last.running):
            return False
        if last is not None:
            killed = last.failed and last.ended_at is None
            if self._clock() - last.started_at < (min(every, AGAIN_AFTER) if killed else every):
                return False
        new = events_after(self._services.database, self._known())
        if new < self._settings.retrain_least_events:
            return False
        self.begin()
        return True

    def _known(self) -> int:
        """Number of the newest event that was there when the newest version was trained."""
        try:
            newest = self._services.registry.get(f"{self._name}@latest")
        except NoSuchModel:
            return 0
        known = newest.card.recipe.get(NEWEST_EVENT)
        return int(known) if isinstance(known, int | float) else 0

    def _command(self, lock: int) -> list[str]:
        minutes = f"{self._settings.retrain_budget_minutes:g}"
        command = [sys.executable, "-m", "core.cli", "recommend", "train", "--name", self._name, "--in-background"]
        command += ["--budget-minutes", minutes, "--holding", str(lock)]
        return command + (["--promote-if-not-worse"] if self._settings.promote == "if_not_worse" else [])

    def _environment(self) -> dict[str, str]:
        settings = self._services.settings
        # Threads that wait for each other sleep: spinning, they would hold the processors that they give way on.
        chosen = {"TRIVIUM_HOME": str(settings.home), "TRIVIUM_DATABASE_URL": settings.database}
        return {"OMP_WAIT_POLICY": "PASSIVE", **os.environ, **chosen}

    def _await(self, child: subprocess.Popen[bytes]) -> None:
        if status := child.wait():
            _log.warning("a training ended without a version", extra={"model": self._name, "status": status})
