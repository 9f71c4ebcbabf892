"""Labels: intents, moods, and what apps bring. Trains nothing itself; `core.training.fit` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from core.tasks import Task
from core.training.examples import Examples, check_known, check_trainable, read_examples, without
from core.training.recipe import FEW, Recipe, recipe_for
from core.training.sources import Source

if TYPE_CHECKING:
    from core.backend.checkpoint import Checkpoint
    from core.training.publish import Result
    from core.training.runs import Show


@dataclass(frozen=True)
class Classification:
    """An objective (see `core.training.objectives.objective`). both: examples left out, being validation rows too"""

    examples: Examples
    valid: Examples | None
    task: Task
    both: int = 0

    @classmethod
    def read(cls, data: Sequence[Path], valid: Sequence[Path], task: Task) -> Classification:
        """raises: Invalid when the rows cannot be read, or labels cannot be learned from them"""
        examples = read_examples(data, task)
        check_trainable(examples, task)
        measured = read_examples(valid, task) if valid else None
        if measured is None:
            return cls(examples, None, task)
        check_known(measured, examples.labels)
        learned = without(examples, measured)
        return cls(learned, measured, task, len(examples.rows) - len(learned.rows))

    @property
    def sources(self) -> Sequence[Source]:
        return self.examples.sources

    @property
    def fingerprints(self) -> tuple[str, str]:
        return self.examples.fingerprint, self.valid.fingerprint if self.valid else ""

    def counts(self) -> dict[str, int]:
        return {
            "rows": len(self.examples.rows),
            "repeated": self.examples.repeated,
            "conflicting": self.examples.conflicting,
            "labels": len(self.examples.labels),
        }

    def told(self) -> list[str]:
        examples, strangers = self.examples, sum(row.label is None for row in self.examples.rows)
        told = f"{len(examples.rows)} examples of {len(examples.labels)} labels"
        lines = [f"{told}, {strangers} out of scope." if strangers else f"{told}."]
        if examples.repeated:
            lines.append(f"{examples.repeated} rows say the same again and are used once.")
        if examples.conflicting:
            lines.append(f"{examples.conflicting} rows are left out: the same text stands there under several labels.")
        if self.both:
            lines.append(f"{self.both} examples stand among the validation rows too and are not trained on.")
        return lines

    def recipe(self, chosen: Mapping[str, object], *, few_shot: bool) -> Recipe:
        examples = self.examples
        counts = [sum(row.label == label for row in examples.rows) for label in examples.labels]
        return recipe_for(FEW if few_shot else median(counts), len(examples.rows), **{**self.task.recipe, **chosen})

    def train(self, checkpoint: Checkpoint, recipe: Recipe, folder: Path, show: Show) -> Result:
        from core.training.fit import fit_classifier

        return fit_classifier(self.examples, self.valid, checkpoint, recipe, folder, show)
