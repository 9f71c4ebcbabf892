"""What each kind of training can do, in the order in which `core.training.command` asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from core.errors import Invalid
from core.tasks import Task
from core.training.recipe import Recipe
from core.training.sources import Source

if TYPE_CHECKING:
    from core.training.publish import Result
    from core.training.runs import Show


class Objective(Protocol):
    """One training, from data that was read and can be learned from."""

    @property
    def sources(self) -> Sequence[Source]:
        """The files that are learned from."""
        ...

    @property
    def fingerprints(self) -> tuple[str, str]:
        """Of what is learned from and of the validation rows, "" without these."""
        ...

    def counts(self) -> dict[str, int]:
        """What was read, for --json."""
        ...

    def told(self) -> list[str]:
        """What was read, in sentences."""
        ...

    def recipe(self, chosen: Mapping[str, object], *, few_shot: bool) -> Recipe:
        """How to train; what was chosen wins.

        raises: Invalid when this kind of training has no use for what was chosen
        """
        ...

    def train(self, base: Any, recipe: Recipe, folder: Path, show: Show, /) -> Result:
        """base: as `core.training.bases` opens it for this kind of task;  folder: of this run's checkpoints"""
        ...


Reads = Callable[[Sequence[Path], Sequence[Path], Task], Objective]
"""From files to learn from, files to measure with (or none) and the task to an objective.

raises: Invalid when they cannot be read or nothing can be learned from them
"""


def check_without_labels(task: Task, chosen: Mapping[str, object], *, few_shot: bool) -> None:
    """raises: Invalid when something was chosen that only a training of labels knows"""
    of_labels = {
        "--few-shot": few_shot,
        "--method head": chosen.get("method") == "head",
        "--adversarial": bool(chosen.get("adversarial")),
    }
    for option, is_chosen in of_labels.items():
        if is_chosen:
            raise Invalid(f"{option} is for tasks of labels, and {task.name} is none", remedy="leave it out")
