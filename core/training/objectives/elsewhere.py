"""What was asked for besides examples, and whether it goes together. Reads no files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import Invalid
from core.tasks import Task


class NothingToLearnFrom(Invalid):
    """Neither examples nor labels."""

    def __init__(self, task: Task) -> None:
        also = ", or --labels FILE to learn from the labels' own words" if task.objective == "classify" else ""
        super().__init__("there is nothing to learn from", remedy=f"give --data FILE{also}")


@dataclass(frozen=True)
class Elsewhere:
    """labels: a file of labels and what they mean;  teachers: NAME or NAME@VERSION

    unlabelled: files of texts for the teachers;  also: TASK=FILE, further data sets
    """

    labels: Path | None = None
    teachers: Sequence[str] = ()
    unlabelled: Sequence[Path] = ()
    also: Sequence[str] = ()

    @property
    def options(self) -> list[str]:
        """The options that were given."""
        given = {
            "--labels": self.labels,
            "--teacher": self.teachers,
            "--unlabelled": self.unlabelled,
            "--also": self.also,
        }
        return [option for option, value in given.items() if value]

    def check(self, task: Task, data: Sequence[Path]) -> None:
        """raises: Invalid when these do not go with the task or with each other, NothingToLearnFrom"""
        if not data and not self.labels:
            raise NothingToLearnFrom(task)
        if self.options and task.objective != "classify":
            raise Invalid(f"{self.options[0]} is for tasks of labels, and {task.name} is none", remedy="leave it out")
        if self.unlabelled and not self.teachers:
            raise Invalid("--unlabelled gives texts that nobody labels", remedy="name who shall, with --teacher")
        if not data and (more := [option for option in self.options if option != "--labels"]):
            raise Invalid(f"{more[0]} goes with examples, and there are none", remedy="give --data FILE")
