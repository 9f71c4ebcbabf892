"""Numbers: urgency, price, stars. Trains nothing itself; `core.training.fit_values` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import Invalid
from core.tasks import Task
from core.training.recipe import Recipe
from core.training.sources import Source
from core.training.values import Values, check_enough, check_varied, read_values, without

if TYPE_CHECKING:
    from core.backend.checkpoint import Checkpoint
    from core.training.publish import Result
    from core.training.runs import Show

OF_LABELS = ("adversarial", "agreement", "contrast", "label_smoothing", "class_weights")


@dataclass(frozen=True)
class Regression:
    """An objective (see `core.training.objectives.objective`). both: texts that are measured with, so not trained on"""

    examples: Values
    valid: Values | None
    task: Task
    both: int

    @classmethod
    def read(cls, data: Sequence[Path], valid: Sequence[Path], task: Task) -> Regression:
        """raises: Invalid when the rows cannot be read, or no number can be learned or measured with them"""
        read = read_values(data, task)
        measured = read_values(valid, task) if valid else None
        examples = read if measured is None else without(read, measured)
        check_enough(read if measured is None else measured)
        check_varied(examples)
        return cls(examples, measured, task, len(read.rows) - len(examples.rows))

    @property
    def sources(self) -> Sequence[Source]:
        return self.examples.sources

    @property
    def fingerprints(self) -> tuple[str, str]:
        return self.examples.fingerprint, self.valid.fingerprint if self.valid else ""

    def counts(self) -> dict[str, int]:
        examples = self.examples
        return {"rows": len(examples.rows), "repeated": examples.repeated, "disagreeing": examples.disagreeing}

    def told(self) -> list[str]:
        examples = self.examples
        values = [row.value for row in examples.rows]
        lines = [f"{len(values)} examples with values from {min(values):g} to {max(values):g}."]
        if examples.repeated:
            lines.append(f"{examples.repeated} rows say the same again and are used once.")
        if examples.disagreeing:
            lines.append(
                f"{examples.disagreeing} rows give the same text different values: each such text is used once, with "
                "their mean."
            )
        if self.both:
            lines.append(f"{self.both} texts stand among the validation rows too and are not trained on.")
        return lines

    def recipe(self, chosen: Mapping[str, object], *, few_shot: bool) -> Recipe:
        recipe = Recipe.model_validate({**self.task.recipe, **chosen})
        unused = [f"--{name}" if name in chosen else name for name in OF_LABELS if getattr(recipe, name)]
        for option in [*(["--few-shot"] if few_shot else []), *unused]:
            raise Invalid(f"{option} is for tasks of labels, and {self.task.name} is none", remedy="leave it out")
        if recipe.method == "head" and "epochs" in chosen:
            raise Invalid("a head of numbers is solved at once, without epochs", remedy="leave --epochs out")
        return recipe

    def train(self, checkpoint: Checkpoint, recipe: Recipe, folder: Path, show: Show) -> Result:
        from core.training.fit_values import fit_regressor

        return fit_regressor(self.examples, self.valid, checkpoint, recipe, folder, show)
