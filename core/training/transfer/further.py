"""Read the further data sets of a run, each for a task of its own. Knows no model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import Invalid
from core.tasks import Task, find_task
from core.training.examples import Examples, check_trainable, read_examples
from core.training.pairs import Pairs, check_learnable, read_pairs

OBJECTIVES = ("classify", "retrieve")


@dataclass(frozen=True)
class Further:
    """A further data set."""

    task: Task
    data: Examples | Pairs

    @property
    def told(self) -> str:
        """What it is, for people."""
        return f"{len(self.data.rows)} rows of {self.data.sources[0].path.name} for {self.task.name}"


def read_further(words: Sequence[str], brought: Sequence[Task]) -> tuple[Further, ...]:
    """words: TASK=FILE;  brought: the apps' tasks

    raises: Invalid when a task or file cannot be used, NoSuchTask
    """
    return tuple(_read(word, brought) for word in words)


def _read(word: str, brought: Sequence[Task]) -> Further:
    name, equals, file = word.partition("=")
    if not (name and equals and file):
        raise Invalid(f"{word!r:.80} is no further data set", remedy="write --also TASK=FILE")
    task = find_task(name, brought)
    if task.objective not in OBJECTIVES:
        raise Invalid(
            f"{name} is of the kind {task.objective!r}, which cannot be learned along with labels",
            remedy=f"give rows for {' or '.join(OBJECTIVES)}, or train {name} first and use it as the --base",
        )
    if task.objective == "retrieve":
        pairs = read_pairs([Path(file)])
        check_learnable(pairs)
        return Further(task, pairs)
    examples = read_examples([Path(file)], task)
    check_trainable(examples, task)
    return Further(task, examples)
