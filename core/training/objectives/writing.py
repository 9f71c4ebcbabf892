"""What comes next in plain texts: a causal language model. Trains nothing itself; `core.training.causal` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import Invalid
from core.tasks import Task
from core.training.bases import Blank
from core.training.objectives.objective import check_without_labels
from core.training.objectives.words import Words
from core.training.recipe import Recipe
from core.training.sources import Source

if TYPE_CHECKING:
    from core.generation.decoder import Decoder
    from core.training.publish import Result
    from core.training.runs import Show

RECIPE = {"epochs": 3, "batch": 16, "max_tokens": 512, "weight_decay": 0.1}


@dataclass(frozen=True)
class Writing:
    """An objective (see `core.training.objectives.objective`); it reads what `Words` reads."""

    words: Words

    @classmethod
    def read(cls, data: Sequence[Path], valid: Sequence[Path], task: Task) -> Writing:
        """raises: Invalid when the texts cannot be read, or are too few"""
        return cls(Words.read(data, valid, task))

    @property
    def sources(self) -> Sequence[Source]:
        return self.words.sources

    @property
    def fingerprints(self) -> tuple[str, str]:
        return self.words.fingerprints

    def counts(self) -> dict[str, int]:
        return self.words.counts()

    def told(self) -> list[str]:
        return self.words.told()

    def recipe(self, chosen: Mapping[str, object], *, few_shot: bool) -> Recipe:
        check_without_labels(self.words.task, chosen, few_shot=few_shot)
        return Recipe.model_validate({**RECIPE, **self.words.task.recipe, **chosen})

    def train(self, base: Blank | Decoder, recipe: Recipe, folder: Path, show: Show) -> Result:
        """raises: Invalid when there is nothing that an adapter could stand on"""
        if isinstance(base, Blank) and recipe.method != "full":
            raise Invalid(f"--method {recipe.method} needs a base to stand on", remedy="give --base, or leave it out")
        from core.training.causal import fit_texts

        return fit_texts(self.words.texts, self.words.valid, base, recipe, folder, show)
