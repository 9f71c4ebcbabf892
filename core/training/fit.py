"""From files of labelled examples to a measured, calibrated version: the steps of `trivium train`. Keeps no state."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from core.backend.checkpoint import Checkpoint
from core.backend.encoder import Floats
from core.backend.head import Head, HeadAbout, marked
from core.backend.tokens import Tokens
from core.outcomes import Labelled
from core.training import calibration, classify
from core.training.backbone import best_device, cut, encode
from core.training.calibration import Fitted
from core.training.classify import UNLABELLED
from core.training.examples import Examples
from core.training.folds import one_part_is_enough, predict_in_turn
from core.training.loop import Lesson, Score
from core.training.network import Network
from core.training.recipe import Recipe
from core.training.runs import Show, train_runs
from core.training.trained import Trained
from core.training.transfer.besides import NOTHING_BESIDES, Besides
from core.training.transfer.several import along

NOTHING = classify.STRANGE
GOING_ON = 0.3  # of the rates, where a trained network learns the part that had been held out


@dataclass(frozen=True)
class _Rows:
    """ids: n token id lists;  targets: n label numbers, NOTHING where out of scope;  taught: (n, c) or None

    besides: how many, at the end, are never held out
    """

    ids: list[list[int]]
    targets: list[int]
    taught: Floats | None = None
    besides: int = 0

    def some(self, places: Sequence[int]) -> "_Rows":
        taught = None if self.taught is None else self.taught[list(places)]
        return _Rows([self.ids[at] for at in places], [self.targets[at] for at in places], taught)


def fit_classifier(
    examples: Examples,
    valid: Examples | None,
    checkpoint: Checkpoint,
    recipe: Recipe,
    folder: Path,
    show: Show = lambda _, __: None,
    besides: Besides = NOTHING_BESIDES,
) -> Trained:
    """Train, then calibrate on rows that were not trained on: the validation rows, else a part held out in turn.

    folder: of this run's checkpoints;  show: told the stage and where it is
    besides: what else is learned from; none of it is held out
    """
    began = time.monotonic()
    labels = list(besides.labels) or examples.labels
    tokens = Tokens(checkpoint)
    rows = _all(examples, besides, labels, tokens, recipe)
    if valid is not None:
        watched, held = _read(valid.rows, labels, tokens, recipe), valid.rows
        network = _train(rows, checkpoint, recipe, labels, folder, "Training", show, watched, besides)
        logits = _logits(network, watched)
    else:
        single = recipe.model_copy(update={"runs": 1})
        held_in_turn = len(rows.targets) - rows.besides
        always = range(held_in_turn, len(rows.targets))
        last: Network | None = None

        def train(rest: Sequence[int], within: Path, stage: str) -> Network:
            nonlocal last
            part = rows.some([*rest, *always])
            last = _train(part, checkpoint, single, labels, within, stage, show, besides=besides)
            return last

        logits, places = predict_in_turn(
            rows.targets[:held_in_turn],
            recipe.seed,
            folder,
            train,
            lambda network, part: _logits(network, rows.some(part)),
        )
        watched, held = rows.some(places), tuple(examples.rows[at] for at in places)
        if recipe.runs == 1 and one_part_is_enough(held_in_turn):  # it has seen nearly all: the rest is learned besides
            recipe_of_rest, begun = _lighter(recipe), last
        else:
            recipe_of_rest, begun = recipe, None
        network = _train(
            rows, checkpoint, recipe_of_rest, labels, folder, "Training on all", show, besides=besides, begun=begun
        )
    fitted = _fit(logits, watched, recipe)
    vectors = torch.nn.functional.normalize(network.labels.detach(), dim=-1).cpu().numpy()
    head = Head(HeadAbout(tuple(labels), recipe.scale, **asdict(fitted)), vectors)
    return Trained(network, head, held, tuple(head.decide(logits)), time.monotonic() - began, besides.about)


def _read(rows: Sequence[Labelled], labels: Sequence[str], tokens: Tokens, recipe: Recipe) -> _Rows:
    number = {label: at for at, label in enumerate(labels)}
    return _Rows(
        cut(marked(rows), tokens, recipe), [NOTHING if row.label is None else number[row.label] for row in rows]
    )


def _all(examples: Examples, besides: Besides, labels: Sequence[str], tokens: Tokens, recipe: Recipe) -> _Rows:
    """The examples, then what is learned from besides."""
    extra = (*besides.described, *besides.unlabelled)
    read = _read((*examples.rows, *extra), labels, tokens, recipe)
    targets = read.targets[: len(read.targets) - len(besides.unlabelled)] + [UNLABELLED] * len(besides.unlabelled)
    return _Rows(read.ids, targets, besides.taught, len(extra))


def _train(
    rows: _Rows,
    checkpoint: Checkpoint,
    recipe: Recipe,
    labels: Sequence[str],
    folder: Path,
    stage: str,
    show: Show,
    watched: _Rows | None = None,
    besides: Besides = NOTHING_BESIDES,
    begun: Network | None = None,
) -> Network:
    """One network, or the average of several that began alike and differ by chance. begun: one to go on with"""

    def begin(_: int) -> tuple[Network, Lesson, Score | None]:
        network = begun or Network(checkpoint, recipe, len(labels)).to(best_device())
        if begun is None:
            classify.start_head(network, encode(network, rows.ids), rows.targets)
        lesson: Lesson = classify.Classify(network, rows.ids, rows.targets, recipe, rows.taught)
        if besides.further:
            lesson = along(lesson, network, besides.further, Tokens(checkpoint), recipe)
        return network, lesson, (lambda: _accuracy(network, watched)) if watched else None

    return train_runs(begin, recipe, folder, stage, show)


def _lighter(recipe: Recipe) -> Recipe:
    """For one more epoch over everything, of a network that is trained."""
    return recipe.model_copy(
        update={
            "epochs": 1,
            "learning_rate": GOING_ON * recipe.learning_rate,
            "head_learning_rate": GOING_ON * recipe.head_learning_rate,
        }
    )


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
    return calibration.fit(logits[inside], targets[inside], recipe.scale, logits[~inside], recipe.answer_from)
