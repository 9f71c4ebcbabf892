"""From texts with numbers to a measured version that says a number and an interval. Keeps no state."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core.backend.checkpoint import Checkpoint
from core.backend.head import marked
from core.backend.tokens import Tokens
from core.backend.value_head import ValueHead, ValueHeadAbout
from core.evaluation.intervals import Figure, Floats
from core.evaluation.regression import measure_regression
from core.outcomes import Valued
from core.training.backbone import best_device, cut, encode
from core.training.conformal import COVERAGE, half_width
from core.training.folds import predict_in_turn
from core.training.loop import Lesson, Score
from core.training.recipe import Recipe
from core.training.regress import Regress, ValueNetwork, solve_head
from core.training.runs import Show, train_runs
from core.training.values import Values


@dataclass(frozen=True)
class TrainedValues:
    """What a training gives. truth, said: (n,), of rows that were not trained on"""

    network: ValueNetwork
    head: ValueHead
    truth: Floats
    said: Floats
    seconds: float
    labels: tuple[str, ...] = ()

    @property
    def notes(self) -> str:
        """What its card says besides."""
        about = self.head.about
        return (
            f"The metrics are of {len(self.truth)} rows that were not trained on; of these, {about.coverage:.0%} lie "
            f"within {about.half_width:.4g} of what is said, which is the interval given with every number. R² is "
            "measured against saying the mean of the values for every text, as is mae_of_the_mean."
        )

    def measure(self) -> dict[str, Figure]:
        """Figures of the rows that were not trained on, beside those of a model that always says the mean."""
        return measure_regression(self.truth, self.said, constant=self.head.about.mean)

    def save(self, draft: Path) -> None:
        """Write backbone and head."""
        self.network.save_backbone(draft)
        self.head.save(draft)


@dataclass(frozen=True)
class _Rows:
    """ids: n token id lists;  values: (n,), in the unit of the data"""

    ids: list[list[int]]
    values: list[float]

    def some(self, places: Sequence[int]) -> "_Rows":
        return _Rows([self.ids[at] for at in places], [self.values[at] for at in places])


def fit_regressor(
    examples: Values,
    valid: Values | None,
    checkpoint: Checkpoint,
    recipe: Recipe,
    folder: Path,
    show: Show = lambda _, __: None,
) -> TrainedValues:
    """Train, then take an interval from rows that were not trained on: validation rows, else parts held out in turn.

    folder: of this run's checkpoints;  show: told the stage and where it is
    """
    began = time.monotonic()
    tokens = Tokens(checkpoint)
    rows = _read(examples.rows, tokens, recipe)
    if valid is not None:
        watched = _read(valid.rows, tokens, recipe)
        network = _train(rows, checkpoint, recipe, folder, "Training", show, watched)
        truth, said = np.array(watched.values), _say(network, watched)
    else:
        single = recipe.model_copy(update={"runs": 1})

        def train(rest: Sequence[int], within: Path, stage: str) -> ValueNetwork:
            return _train(rows.some(rest), checkpoint, single, within, stage, show)

        said, places = predict_in_turn(
            rows.values, recipe.seed, folder, train, lambda network, part: _say(network, rows.some(part))
        )
        truth = np.array(rows.some(places).values)
        network = _train(rows, checkpoint, recipe, folder, "Training", show)
    about = ValueHeadAbout(network.mean, network.scale, half_width(truth, said), COVERAGE)
    head = ValueHead(about, network.weights.detach().cpu().numpy(), float(network.bias.detach()))
    return TrainedValues(network, head, truth, said, time.monotonic() - began)


def _read(rows: Sequence[Valued], tokens: Tokens, recipe: Recipe) -> _Rows:
    return _Rows(cut(marked(rows), tokens, recipe), [row.value for row in rows])


def _train(
    rows: _Rows,
    checkpoint: Checkpoint,
    recipe: Recipe,
    folder: Path,
    stage: str,
    show: Show,
    watched: _Rows | None = None,
) -> ValueNetwork:
    """One network, or the average of several that began alike and differ by chance; of a head alone, the solution."""

    def solved() -> ValueNetwork:
        network = ValueNetwork(checkpoint, recipe, rows.values).to(best_device())
        solve_head(network, rows.ids, rows.values)
        return network

    def begin(_: int) -> tuple[ValueNetwork, Lesson, Score | None]:
        network = solved()
        lesson = Regress(network, rows.ids, rows.values)
        return network, lesson, (lambda: 1 / (1 + _mean_error(network, watched))) if watched else None

    if recipe.method == "head":  # steps would only lead away from the solution
        return solved().eval()
    return train_runs(begin, recipe, folder, stage, show)


@torch.no_grad()
def _say(network: ValueNetwork, rows: _Rows) -> Floats:
    """returns: (n,), in the unit of the data"""
    standard = network.estimate(encode(network, rows.ids).to(network.device)).cpu().numpy()
    said: Floats = network.mean + network.scale * standard.astype(np.float64)
    return said


def _mean_error(network: ValueNetwork, rows: _Rows) -> float:
    """In scales."""
    return float(np.abs(_say(network, rows) - np.array(rows.values)).mean() / network.scale)
