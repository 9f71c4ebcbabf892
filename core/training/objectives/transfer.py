"""Labels from examples and from elsewhere: their own words, teachers, further data sets. Trains nothing itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.backend.registry import Registry
from core.errors import Invalid
from core.settings import Settings
from core.tasks import Task
from core.training.examples import check_known, read_examples, without
from core.training.objectives.classification import Classification
from core.training.objectives.elsewhere import Elsewhere
from core.training.recipe import Recipe
from core.training.sources import Source, fingerprint
from core.training.transfer.further import Further, read_further
from core.training.transfer.labels import LabelTexts, as_examples, check_agree, read_labels, without_examples
from core.training.transfer.teachers import Teacher, ask_once, find_teachers
from core.training.transfer.unlabelled import Unlabelled, read_unlabelled

if TYPE_CHECKING:
    from core.backend.checkpoint import Checkpoint
    from core.training.publish import Result
    from core.training.runs import Show


@dataclass(frozen=True)
class Transfer:
    """An objective (see `core.training.objectives.objective`)."""

    own: Classification
    words: LabelTexts | None
    teachers: tuple[Teacher, ...]
    unlabelled: Unlabelled
    further: tuple[Further, ...]

    @classmethod
    def read(
        cls,
        data: Sequence[Path],
        valid: Sequence[Path],
        task: Task,
        elsewhere: Elsewhere,
        *,
        brought: Sequence[Task],
        registry: Registry,
        settings: Sequence[Settings],
    ) -> Transfer:
        """raises: Invalid when something cannot be read, or does not agree with the examples"""
        words = read_labels(elsewhere.labels, task) if elsewhere.labels else None
        own = _read_beside(words, data, valid, task) if words else Classification.read(data, valid, task)
        examples, measured = own.examples, own.valid
        labels = list(words.texts) if words else examples.labels
        return cls(
            own=own,
            words=words,
            teachers=find_teachers(elsewhere.teachers, labels, registry, settings),
            unlabelled=read_unlabelled(elsewhere.unlabelled, task).without(
                (*examples.rows, *(measured.rows if measured else ()))
            ),
            further=read_further(elsewhere.also, brought),
        )

    @property
    def labels(self) -> list[str]:
        """All that there are."""
        return list(self.words.texts) if self.words else self.own.examples.labels

    @property
    def sources(self) -> Sequence[Source]:
        return [
            *self.own.sources,
            *([self.words.source] if self.words else ()),
            *self.unlabelled.sources,
            *(source for each in self.further for source in each.data.sources),
        ]

    @property
    def fingerprints(self) -> tuple[str, str]:
        data, valid = self.own.fingerprints
        parts = [
            data,
            f"labels {self.words.source.sha256 if self.words else ''}",
            *(f"teacher {teacher.version.fingerprint}" for teacher in self.teachers),
            f"unlabelled {fingerprint(self.unlabelled.sources)}",
            *(f"also {each.task.name} {each.data.fingerprint}" for each in self.further),
        ]
        return " ".join(parts), valid

    def counts(self) -> dict[str, int]:
        return {
            **self.own.counts(),
            "labels": len(self.labels),
            "labels_without_examples": len(self._alone),
            "teachers": len(self.teachers),
            "unlabelled": len(self.unlabelled.rows),
            "also": len(self.further),
        }

    def told(self) -> list[str]:
        return [*self.own.told(), *self._besides()]

    def recipe(self, chosen: Mapping[str, object], *, few_shot: bool) -> Recipe:
        """raises: Invalid when further data sets cannot help the method"""
        recipe = self.own.recipe(chosen, few_shot=few_shot)
        if self.further and recipe.method == "head":
            raise Invalid(
                "--also teaches the backbone, which --method head leaves as it is", remedy="choose full or lora"
            )
        return recipe

    def train(self, checkpoint: Checkpoint, recipe: Recipe, folder: Path, show: Show) -> Result:
        from core.training.fit import fit_classifier
        from core.training.loop import Progress
        from core.training.transfer.besides import Besides

        examples, valid, about = self.own.examples, self.own.valid, self._besides()
        described = as_examples(self.words, examples, recipe.templates) if self.words else ()
        unlabelled, taught = self.unlabelled.rows, None

        def asked(done: int, of: int, left_s: float) -> None:
            show("Asking the teachers", Progress(done, of, math.nan, (of - done) / max(left_s, 1e-9), left_s))

        if self.teachers:
            rows = (*examples.rows, *described, *unlabelled)
            said = ask_once(self.teachers, rows, self.labels, folder, asked)
            first = len(rows) - len(unlabelled)
            kept = [at for at in range(len(rows)) if at < first or not said.refused[at]]
            unlabelled, taught = tuple(rows[at] for at in kept if at >= first), said.logs[kept]
            if left := len(rows) - len(kept):
                about.append(f"{left} texts without labels were left out: to the teachers they are out of scope.")
        besides = Besides(
            labels=tuple(self.labels),
            described=described,
            unlabelled=unlabelled,
            taught=taught,
            further=self.further,
            about=" ".join(about),
        )
        return fit_classifier(examples, valid, checkpoint, recipe, folder, show, besides)

    @property
    def _alone(self) -> list[str]:
        return without_examples(self.words, self.own.examples) if self.words else []

    def _besides(self) -> list[str]:
        """What is learned from besides the examples, for people and the card."""
        lines = []
        if self.words:
            lines.append(f"The words of {len(self.words.texts)} labels count as examples.")
        if self._alone:
            lines.append(f"Learned from their words alone, and hardly measured: {', '.join(self._alone)}.")
        for teacher in self.teachers:
            version = teacher.version
            lines.append(f"Taught by {version.ref} (fingerprint {version.fingerprint}).")
            measured = (self.own.valid or self.own.examples).sources
            if {data.sha256 for data in version.card.data} & {source.sha256 for source in measured}:
                lines.append(f"{version.ref} was trained on rows that are measured, so that the figures may flatter.")
        if self.unlabelled.rows:
            lines.append(f"{len(self.unlabelled.rows)} texts without labels are for the teachers.")
        for each in self.further:
            lines.append(f"Learned along, with a head of its own that is not published: {each.told}.")
            if again := self._measured_texts() & _texts(each):
                lines.append(
                    f"{len(again)} texts of it stand among those that are measured, so that the figures may flatter."
                )
        return lines

    def _measured_texts(self) -> set[str]:
        return {row.text for row in (self.own.valid or self.own.examples).rows}


def _read_beside(words: LabelTexts, data: Sequence[Path], valid: Sequence[Path], task: Task) -> Classification:
    """Examples of some of these labels, or of all."""
    examples = read_examples(data, task)
    check_agree(words, examples)
    measured = read_examples(valid, task) if valid else None
    if measured is None:
        return Classification(examples, None, task)
    check_known(measured, list(words.texts))
    learned = without(examples, measured)
    return Classification(learned, measured, task, len(examples.rows) - len(learned.rows))


def _texts(further: Further) -> set[str]:
    from core.training.pairs import Pairs

    data = further.data
    return {row.query for row in data.rows} if isinstance(data, Pairs) else {row.text for row in data.rows}
