"""What an assistant replies: conversations. Trains nothing itself; `core.training.causal` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.tasks import Task
from core.training.conversations import Conversations, check_enough, conversations_apart, opening, read_conversations
from core.training.objectives.objective import check_without_labels
from core.training.recipe import Recipe
from core.training.sources import Source

if TYPE_CHECKING:
    from core.generation.decoder import Decoder
    from core.training.publish import Result
    from core.training.runs import Show

RECIPE = {"epochs": 3, "batch": 8, "max_tokens": 512}


@dataclass(frozen=True)
class Dialogue:
    """An objective (see `core.training.objectives.objective`)."""

    conversations: Conversations
    valid: Conversations | None
    task: Task

    @classmethod
    def read(cls, data: Sequence[Path], valid: Sequence[Path], task: Task) -> Dialogue:
        """raises: Invalid when the rows cannot be read, or are too few"""
        conversations = read_conversations(data)
        check_enough(conversations)
        measured = read_conversations(valid) if valid else None
        conversations_apart(conversations, measured, seed=0)  # said now when nothing is left to learn from
        return cls(conversations, measured, task)

    @property
    def sources(self) -> Sequence[Source]:
        return self.conversations.sources

    @property
    def fingerprints(self) -> tuple[str, str]:
        return self.conversations.fingerprint, self.valid.fingerprint if self.valid else ""

    def counts(self) -> dict[str, int]:
        held = self.conversations
        return {"rows": len(held.rows), "repeated": held.repeated, "replies": held.replies}

    def told(self) -> list[str]:
        held = self.conversations
        lines = [f"{len(held.rows)} conversations with {held.replies} replies."]
        if held.repeated:
            lines.append(f"{held.repeated} conversations stand there again and are used once.")
        if self.valid and (both := {opening(row) for row in held.rows} & {opening(row) for row in self.valid.rows}):
            lines.append(f"{len(both)} beginnings stand among the validation rows too and are not trained on.")
        return lines

    def recipe(self, chosen: Mapping[str, object], *, few_shot: bool) -> Recipe:
        check_without_labels(self.task, chosen, few_shot=few_shot)
        return Recipe.model_validate({**RECIPE, **self.task.recipe, **chosen})

    def train(self, base: Decoder, recipe: Recipe, folder: Path, show: Show) -> Result:
        from core.training.causal import fit_replies

        return fit_replies(self.conversations, self.valid, base, recipe, folder, show)
