"""From files of labelled examples to a measured, calibrated version: the steps of `trivium train`. Keeps no state."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core.backend.checkpoint import Checkpoint
from core.backend.encoder import Floats
from core.backend.head import Head, HeadAbout, marked
from core.backend.tokens import Tokens
from core.evaluation.classification import measure
from core.evaluation.intervals import Figure
from core.outcomes import Labelled, Prediction
from core.training import calibration, classify
from core.training.backbone import best_device, cut, encode
from core.training.calibration import Fitted
from core.training.examples import Examples
from core.training.folds import predict_in_turn
from core.training.loop import Lesson, Score
from core.training.network import Network
from core.training.recipe import Recipe
from core.training.runs import Show, train_runs

NOTHING = -1  # the target of a text that is out of scope


@dataclass(frozen=True)
class Trained:
    """What a training gives.

    rows, predictions: what was not trained on (the validation rows, or parts held out in turn), and what was said of it
    """

    network: Network
    head: Head
    rows: tuple[Labelled, ...]
    predictions: tuple[Prediction, ...]
    seconds: float

    @property
    def held_out(self) -> int:
        """How many rows were not trained on."""
        return len(self.rows)

    @property
    def labels(self) -> list[str]:
        """What it tells apart."""
        return list(self.head.about.labels)

    @property
    def notes(self) -> str:
        """What its card says besides."""
        return f"Calibrated on {self.held_out} rows that were not trained on; the metrics are of those rows."

    def measure(self) -> dict[str, Figure]:
        """Figures of the rows that were not trained on."""
        return measure(self.rows, self.predictions)

    def save(self, draft: Path) -> None:
        """Write backbone and head."""
        self.network.save_backbone(draft)
        self.head.save(draft)


@dataclass(frozen=True)
class _Rows:
    """ids: n token id lists;  targets: n label numbers, NOTHING where out of scope"""

    ids: list[list[int]]
    targets: list[int]

    def some(self, places: Sequence[int]) -> "_Rows":
        return _Rows([self.ids[at] for at in places], [self.targets[at] for at in places])


def fit_classifier(
    examples: Examples,
    valid: Examples | None,
    checkpoint: Checkpoint,
    recipe: Recipe,
    folder: Path,
    show: Show = lambda _, __: None,
) -> Trained:
    """Train, then calibrate on rows that were not trained on: the validation rows, else a part held out in turn.

    folder: of this run's checkpoints;  show: told the stage and where it is
    """
    began = time.monotonic()
    labels = examples.labels
    tokens = Tokens(checkpoint)
    rows = _read(examples.rows, labels, tokens, recipe)
    if valid is not None:
        watched, held = _read(valid.rows, labels, tokens, recipe), valid.rows
        network = _train(rows, checkpoint, recipe, labels, folder, "Training", show, watched)
        logits = _logits(network, watched)
    else:
        single = recipe.model_copy(update={"runs": 1})

        def train(rest: Sequence[int], within: Path, stage: str) -> Network:
            return _train(rows.some(rest), checkpoint, single, labels, within, stage, show)

        logits, places = predict_in_turn(
            rows.targets, recipe.seed, folder, train, lambda network, part: _logits(network, rows.some(part))
        )
        watched, held = rows.some(places), tuple(examples.rows[at] for at in places)
        network = _train(rows, checkpoint, recipe, labels, folder, "Training", show)
    fitted = _fit(logits, watched, recipe)
    vectors = torch.nn.functional.normalize(network.labels.detach(), dim=-1).cpu().numpy()
    head = Head(HeadAbout(tuple(labels), recipe.scale, fitted.temperature, fitted.refuse_below), vectors)
    return Trained(network, head, held, tuple(head.decide(logits)), time.monotonic() - began)


def _read(rows: Sequence[Labelled], labels: Sequence[str], tokens: Tokens, recipe: Recipe) -> _Rows:
    number = {label: at for at, label in enumerate(labels)}
    return _Rows(
        cut(marked(rows), tokens, recipe), [NOTHING if row.label is None else number[row.label] for row in rows]
    )


def _train(
    rows: _Rows,
    checkpoint: Checkpoint,
    recipe: Recipe,
    labels: Sequence[str],
    folder: Path,
    stage: str,
    show: Show,
    watched: _Rows | None = None,
) -> Network:
    """One network, or the average of several that began alike and differ by chance."""

    def begin(_: int) -> tuple[Network, Lesson, Score | None]:
        network = Network(checkpoint, recipe, len(labels)).to(best_device())
        classify.start_head(network, encode(network, rows.ids), rows.targets)
        lesson = classify.Classify(network, rows.ids, rows.targets, recipe)
        return network, lesson, (lambda: _accuracy(network, watched)) if watched else None

    return train_runs(begin, recipe, folder, stage, show)


def _logits(network: Network, rows: _Rows) -> Floats:
    with torch.no_grad():
        vectors = encode(network, rows.ids).to(network.device)
        logits: Floats = network.logits(vectors).cpu().numpy()
    return logits


def _accuracy(network: Network, rows: _Rows) -> float:
    inside = np.array(rows.targets) != NOTHING
    right = _logits(network, rows).argmax(axis=1) == np.array(rows.targets)
    return float(right[inside].mean()) if inside.any() else 0.0


def _fit(logits: Floats, rows: _Rows, recipe: Recipe) -> Fitted:
    targets = np.array(rows.targets)
    inside = targets != NOTHING
    return calibration.fit(logits[inside], targets[inside], recipe.scale, logits[~inside])
