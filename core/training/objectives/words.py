"""One's own language: plain texts. Trains nothing itself; `core.training.fill_mask` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.tasks import Task
from core.training.objectives.objective import check_without_labels
from core.training.recipe import Recipe
from core.training.sources import Source
from core.training.texts import Texts, check_enough, read_texts, texts_apart

if TYPE_CHECKING:
    from core.backend.checkpoint import Checkpoint
    from core.training.publish import Result
    from core.training.runs import Show

RECIPE = {"epochs": 3, "learning_rate": 5e-5}


@dataclass(frozen=True)
class Words:
    """An objective (see `core.training.objectives.objective`)."""

    texts: Texts
    valid: Texts | None
    task: Task

    @classmethod
    def read(cls, data: Sequence[Path], valid: Sequence[Path], task: Task) -> Words:
        """raises: Invalid when the texts cannot be read, or are too few"""
        texts = read_texts(data)
        check_enough(texts)
        measured = read_texts(valid) if valid else None
        texts_apart(texts, measured, seed=0)  # said now when the validation rows leave nothing to learn from
        return cls(texts, measured, task)

    @property
    def sources(self) -> Sequence[Source]:
        return self.texts.sources

    @property
    def fingerprints(self) -> tuple[str, str]:
        return self.texts.fingerprint, self.valid.fingerprint if self.valid else ""

    def counts(self) -> dict[str, int]:
        return {"rows": len(self.texts.rows), "repeated": self.texts.repeated}

    def told(self) -> list[str]:
        texts = self.texts
        lines = [f"{len(texts.rows)} texts."]
        if texts.repeated:
            lines.append(f"{texts.repeated} texts stand there again and are used once.")
        if self.valid and (both := len(set(texts.rows) & set(self.valid.rows))):
            lines.append(f"{both} texts stand among the validation rows too and are not trained on.")
        return lines

    def recipe(self, chosen: Mapping[str, object], *, few_shot: bool) -> Recipe:
        check_without_labels(self.task, chosen, few_shot=few_shot)
        return Recipe.model_validate({**RECIPE, **self.task.recipe, **chosen})

    def train(self, checkpoint: Checkpoint, recipe: Recipe, folder: Path, show: Show) -> Result:
        from core.training.fill_mask import fit_masked

        return fit_masked(self.texts, self.valid, checkpoint, recipe, folder, show)
