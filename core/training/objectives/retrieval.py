"""Finding: pairs of queries and passages. Trains nothing itself; `core.training.retrieve` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.tasks import Task
from core.training.objectives.objective import check_without_labels
from core.training.pairs import Pairs, apart, check_learnable, read_pairs
from core.training.recipe import Recipe
from core.training.sources import Source

if TYPE_CHECKING:
    from core.backend.checkpoint import Checkpoint
    from core.training.publish import Result
    from core.training.runs import Show

RECIPE = {"epochs": 3, "learning_rate": 5e-5, "max_tokens": 256}  # passages are longer than what is asked


@dataclass(frozen=True)
class Retrieval:
    """An objective (see `core.training.objectives.objective`)."""

    pairs: Pairs
    valid: Pairs | None
    task: Task

    @classmethod
    def read(cls, data: Sequence[Path], valid: Sequence[Path], task: Task) -> Retrieval:
        """raises: Invalid when the rows cannot be read, or there is nothing to tell apart in them"""
        pairs = read_pairs(data)
        check_learnable(pairs)
        measured = read_pairs(valid) if valid else None
        apart(pairs, measured, seed=0)  # said now when the validation rows leave nothing to learn from
        return cls(pairs, measured, task)

    @property
    def sources(self) -> Sequence[Source]:
        return self.pairs.sources

    @property
    def fingerprints(self) -> tuple[str, str]:
        return self.pairs.fingerprint, self.valid.fingerprint if self.valid else ""

    def counts(self) -> dict[str, int]:
        return {
            "rows": len(self.pairs.rows),
            "repeated": self.pairs.repeated,
            "conflicting": self.pairs.conflicting,
            "queries": len(self.pairs.queries),
            "passages": len(self.pairs.passages),
        }

    def told(self) -> list[str]:
        pairs = self.pairs
        lines = [f"{len(pairs.rows)} pairs of {len(pairs.queries)} queries and {len(pairs.passages)} passages."]
        if pairs.repeated:
            lines.append(f"{pairs.repeated} rows say the same again and are used once.")
        if pairs.conflicting:
            lines.append(f"{pairs.conflicting} negatives are left out: other rows say that they answer the query.")
        if self.valid and (both := len(set(pairs.queries) & set(self.valid.queries))):
            lines.append(f"{both} queries stand among the validation rows too and are not trained on.")
        return lines

    def recipe(self, chosen: Mapping[str, object], *, few_shot: bool) -> Recipe:
        check_without_labels(self.task, chosen, few_shot=few_shot)
        return Recipe.model_validate({**RECIPE, **self.task.recipe, **chosen})

    def train(self, checkpoint: Checkpoint, recipe: Recipe, folder: Path, show: Show) -> Result:
        from core.training.retrieve import fit_retriever

        return fit_retriever(self.pairs, self.valid, checkpoint, recipe, folder, show)
