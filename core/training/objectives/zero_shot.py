"""Labels from their own words alone. Makes nothing itself; `core.training.transfer.zero_shot` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import Invalid
from core.tasks import Task
from core.training.examples import Examples, check_known, read_examples
from core.training.recipe import Recipe
from core.training.sources import Source
from core.training.transfer.labels import LabelTexts, read_labels

if TYPE_CHECKING:
    from core.backend.checkpoint import Checkpoint
    from core.training.publish import Result
    from core.training.runs import Show

METHOD = "zero-shot"


@dataclass(frozen=True)
class WordsAlone:
    """An objective (see `core.training.objectives.objective`)."""

    labels: LabelTexts
    valid: Examples | None
    task: Task

    @classmethod
    def read(cls, labels: Path, valid: Sequence[Path], task: Task) -> WordsAlone:
        """raises: Invalid when a file cannot be read, or the two do not agree"""
        described = read_labels(labels, task)
        measured = read_examples(valid, task) if valid else None
        if measured is not None:
            check_known(measured, list(described.texts))
        return cls(described, measured, task)

    @property
    def sources(self) -> Sequence[Source]:
        return [self.labels.source]

    @property
    def fingerprints(self) -> tuple[str, str]:
        return self.labels.source.sha256, self.valid.fingerprint if self.valid else ""

    def counts(self) -> dict[str, int]:
        return {"rows": 0, "labels": len(self.labels.texts)}

    def told(self) -> list[str]:
        told = f"{len(self.labels.texts)} labels in their own words, and no example"
        if self.valid is None:
            return [f"{told}: the confidence will not be calibrated and nothing is measured; --valid FILE does both."]
        return [f"{told}; {len(self.valid.rows)} rows to calibrate and measure with."]

    def recipe(self, chosen: Mapping[str, object], *, few_shot: bool) -> Recipe:
        """raises: Invalid when something was chosen that only a training knows"""
        own = self.task.recipe
        asked = {name: value for name, value in chosen.items() if name not in own or own[name] != value}
        for name in [name for name in asked if name != "seed" and asked[name] != METHOD] + ["few-shot"] * few_shot:
            raise Invalid(f"--{name} is for training, and there are no examples to train on", remedy="leave it out")
        return Recipe.model_validate({**self.task.recipe, **chosen, "method": METHOD})

    def train(self, checkpoint: Checkpoint, recipe: Recipe, folder: Path, show: Show) -> Result:
        from core.training.transfer.zero_shot import fit_zero_shot

        return fit_zero_shot(self.labels, self.valid, checkpoint, recipe)
