"""Other versions as teachers: what they say of a text, as probabilities. They are asked once and learn nothing."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.backend.checkpoint import open_checkpoint
from core.backend.classifier import ENCODER, WrongBackbone, head_of
from core.backend.encoder import Floats
from core.backend.registry import Registry, Version
from core.backend.serving import opened_classifier
from core.outcomes import Labelled
from core.settings import Settings
from core.training.sources import Unusable

ASKED_TOGETHER = 1_024  # texts
LEAST = 1e-9  # probability: its logarithm is taken

Asked = Callable[[int, int, float], None]
"""Told how many texts were asked, of how many, and the seconds left."""


@dataclass(frozen=True)
class Teacher:
    """settings: those whose backbone it stands on"""

    version: Version
    settings: Settings


@dataclass(frozen=True)
class Taught:
    """What teachers said. logs: (n, c), logarithms of their mean probabilities;  refused: (n,), by more than half"""

    logs: Floats
    refused: NDArray[np.bool_]


def find_teachers(
    refs: Sequence[str], labels: Sequence[str], registry: Registry, settings: Sequence[Settings]
) -> tuple[Teacher, ...]:
    """labels: of the examples;  settings: a teacher stands on the backbone of one of these, or has its own

    raises: NoSuchModel, NoSuchVersion, DamagedModel, GivesNoLabels, WrongBackbone, Unusable when labels differ
    """
    return tuple(_find(registry.open(ref), labels, settings) for ref in dict.fromkeys(refs))


def ask(teachers: Sequence[Teacher], rows: Sequence[Labelled], labels: Sequence[str], show: Asked) -> Taught:
    """What the teachers say of every row, with labels in this order; of several, the mean probabilities."""
    means = np.zeros((len(rows), len(labels)))
    refusing = np.zeros(len(rows))
    began, done, all_asked = time.monotonic(), 0, len(rows) * len(teachers)
    for teacher in teachers:
        with opened_classifier(teacher.version.ref, teacher.settings) as classifier:
            for at in range(0, len(rows), ASKED_TOGETHER):
                said = classifier.predict(rows[at : at + ASKED_TOGETHER])
                means[at : at + len(said)] += [[one.probabilities[label] for label in labels] for one in said]
                refusing[at : at + len(said)] += [one.label is None for one in said]
                done += len(said)
                show(done, all_asked, (all_asked - done) * (time.monotonic() - began) / done)
    logs = np.log(np.maximum(means / len(teachers), LEAST)).astype(np.float32)
    return Taught(logs, refusing > len(teachers) / 2)


def ask_once(
    teachers: Sequence[Teacher], rows: Sequence[Labelled], labels: Sequence[str], folder: Path, show: Asked
) -> Taught:
    """As `ask`; a run that was stopped finds the answers in its folder and goes on with the very same ones."""
    import torch

    from core.training import checkpoints, parallel

    path = folder / "taught.safetensors"
    if path.exists():
        try:
            held, _ = checkpoints.read(path)
            return Taught(held["logs"].numpy(), held["refused"].numpy())
        except checkpoints.Damaged:  # they are asked again
            path.unlink()
    taught = ask(teachers, rows, labels, show)
    tensors = {"logs": torch.from_numpy(taught.logs), "refused": torch.from_numpy(taught.refused)}
    if parallel.leads():
        checkpoints.write(path, tensors, {})
    return taught


def _find(version: Version, labels: Sequence[str], settings: Sequence[Settings]) -> Teacher:
    known = head_of(version).about.labels
    _check_none(
        sorted(set(labels) - set(known)),
        "the examples have the label",
        f"which the teacher {version.ref} does not know",
    )
    _check_none(
        sorted(set(known) - set(labels)), f"the teacher {version.ref} knows the label", "which the examples do not have"
    )
    fitting = [each for each in settings if open_checkpoint(each).fingerprint == version.card.base.fingerprint]
    if not fitting and not (version.path / ENCODER).is_dir():
        raise WrongBackbone(version.ref, version.card.base.name)
    return Teacher(version, (*fitting, *settings)[0])


def _check_none(odd: Sequence[str], has: str, but: str) -> None:
    if odd:
        more = f" and {len(odd) - 1} more" if len(odd) > 1 else ""
        raise Unusable(
            f"{has} {odd[0]!r:.80}{more}, {but}",
            remedy="teacher and examples must have the same labels: correct the file, or name another teacher",
        )
