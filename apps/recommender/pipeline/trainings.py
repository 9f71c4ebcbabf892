"""One training of a name at a time, and where it stands, in a file that every process reads. Trains nothing."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from apps.recommender.errors import TrainingRuns
from apps.recommender.schemas.versions import Training
from core.backend.registry.durable import drop_parts, replace_file, writing
from core.clock import Clock
from core.errors import TriviumError

NEWEST_EVENT = "newest_event"
"""In a card's recipe: number of the event that was taken in last before the training."""

_log = logging.getLogger(__name__)


class Diary:
    """What a training says of itself. path: of its file, which only the process that trains writes"""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock = path, clock
        self.said = Training(running=True, started_at=clock(), line="It begins")
        drop_parts(path.parent, path.name)
        self._write()

    def tell(self, line: str) -> None:
        """Say what it is at."""
        self.said = self.said.model_copy(update={"line": line})
        self._write()

    def end(self, outcome: str, version: str | None = None, *, failed: bool = False) -> None:
        """Say what came of it. version: its reference, if one was published"""
        told = {"running": False, "ended_at": self._clock(), "outcome": outcome, "version": version, "failed": failed}
        self.said = self.said.model_copy(update=told)
        self._write()
        _log.info("a training has ended", extra={"outcome": outcome})

    def _write(self) -> None:
        with writing(self._path.parent):
            replace_file(self._path, self.said.model_dump_json().encode())


@contextmanager
def alone(home: Path, name: str, clock: Clock, *, holding: int | None = None) -> Iterator[Diary]:
    """Keep other trainings of this name away; a kill lets go. What goes wrong inside is told in the diary too.

    holding: an open file that holds the lock already, from `hold` of the process that began this one
    raises: TrainingRuns; DiskFull, CannotWrite
    """
    lock = hold(home, name) if holding is None else holding
    try:
        diary = Diary(diary_of(home, name), clock)
        try:
            yield diary
        except TriviumError as error:
            diary.end(str(error), failed=True)
            raise
        except BaseException as error:
            diary.end(f"it was ended by {type(error).__name__}", failed=True)
            raise
    finally:
        os.close(lock)


def hold(home: Path, name: str) -> int:
    """Take the lock, to be kept or handed to another process: whoever has the file open holds it.

    returns: the open file's number
    raises: TrainingRuns; DiskFull, CannotWrite
    """
    import fcntl

    folder = home / "training"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / f"recommend-{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise TrainingRuns(name) from error
    return lock


def last_training(home: Path, name: str) -> Training | None:
    """The training that runs, or the last one; None: there was none."""
    try:
        said = Training.model_validate_json(diary_of(home, name).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    if not said.running:
        return said
    try:
        os.close(hold(home, name))
    except TrainingRuns:
        return said
    stopped = {
        "running": False,
        "failed": True,
        "outcome": "It was stopped before its end; the next one goes on there.",
    }
    return said.model_copy(update=stopped)


def diary_of(home: Path, name: str) -> Path:
    """The file in which it stands how far the training is."""
    return home / "training" / f"recommend-{name}.json"
