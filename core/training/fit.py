"""From files of labelled examples to a measured, calibrated version: the steps of `trivium train`. Keeps no state."""

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core.backend.checkpoint import Checkpoint
from core.backend.encoder import Floats
from core.backend.head import Head, HeadAbout, marked
from core.backend.tokens import Tokens
from core.outcomes import Labelled, Prediction
from core.training import calibration, classify, loop
from core.training.calibration import Fitted
from core.training.examples import Examples
from core.training.loop import Progress
from core.training.network import Network
from core.training.recipe import Recipe

FOLDS = 4  # in which few examples are held out in turn
SINGLE_FOLD_FROM = 3_000  # examples; from here on one held-out part is enough
HELD_OUT = 0.1  # that part
NOTHING = -1  # the target of a text that is out of scope

Show = Callable[[str, Progress], None]


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
        logits, places = _predict_by_folds(rows, checkpoint, recipe, labels, folder, show)
        watched, held = rows.some(places), tuple(examples.rows[at] for at in places)
        network = _train(rows, checkpoint, recipe, labels, folder, "Training", show)
    fitted = _fit(logits, watched, recipe)
    vectors = torch.nn.functional.normalize(network.labels.detach(), dim=-1).cpu().numpy()
    head = Head(HeadAbout(tuple(labels), recipe.scale, fitted.temperature, fitted.refuse_below), vectors)
    return Trained(network, head, held, tuple(head.decide(logits)), time.monotonic() - began)


def machine() -> dict[str, object]:
    """What computed it: no names of hosts or people."""
    return {"cpu": _processor(), "cores": torch.get_num_threads(), "torch": str(torch.__version__)}


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return torch.cuda.get_device_name() if torch.cuda.is_available() else named or platform.machine()


def _read(rows: Sequence[Labelled], labels: Sequence[str], tokens: Tokens, recipe: Recipe) -> _Rows:
    number = {label: at for at, label in enumerate(labels)}
    ids = [
        row[: recipe.max_tokens - 1] + row[-1:] if len(row) > recipe.max_tokens else row for row in tokens(marked(rows))
    ]
    return _Rows(ids, [NOTHING if row.label is None else number[row.label] for row in rows])


def _predict_by_folds(
    rows: _Rows, checkpoint: Checkpoint, recipe: Recipe, labels: Sequence[str], folder: Path, show: Show
) -> tuple[Floats, list[int]]:
    """Hold parts out in turn, train on the rest as in earnest, and look at what is said of the parts.

    returns: logits (m, c) of the places that were held out (m,)
    """
    parts = held_out_parts(rows.targets, recipe.seed)
    logits: list[Floats] = []
    held: list[int] = []
    for number, part in enumerate(parts, start=1):
        out = set(part)
        rest = rows.some([at for at in range(len(rows.ids)) if at not in out])
        stage = f"Calibrating ({number} of {len(parts)})" if len(parts) > 1 else "Calibrating"
        single = recipe.model_copy(update={"runs": 1})
        network = _train(rest, checkpoint, single, labels, folder / f"fold-{number}", stage, show)
        logits.append(_logits(network, rows.some(part)))
        held += part
    return np.concatenate(logits), held


def held_out_parts(targets: Sequence[int], seed: int) -> list[list[int]]:
    """Places to hold out: FOLDS parts that cover few examples, one part of HELD_OUT of many; by label where that goes.

    >>> sorted(place for part in held_out_parts([0, 0, 1, 1], seed=1) for place in part)
    [0, 1, 2, 3]
    """
    chance = np.random.default_rng(seed)
    if len(targets) >= SINGLE_FOLD_FROM:
        return [chance.permutation(len(targets))[: int(HELD_OUT * len(targets))].tolist()]
    parts: list[list[int]] = [[] for _ in range(FOLDS)]
    order = sorted(chance.permutation(len(targets)).tolist(), key=lambda at: targets[at])
    for turn, at in enumerate(order):
        parts[turn % FOLDS].append(at)
    return [part for part in parts if part]


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
    networks = []
    for run in range(recipe.runs):
        seed = recipe.seed + run
        torch.manual_seed(seed)
        network = Network(checkpoint, recipe, len(labels)).to("cuda" if torch.cuda.is_available() else "cpu")
        classify.start_head(network, classify.encode(network, rows.ids), rows.targets)
        lesson = classify.Classify(network, rows.ids, rows.targets, recipe)
        named = f"{stage}, run {run + 1} of {recipe.runs}" if recipe.runs > 1 else stage

        def score(network: Network = network) -> float:
            return _accuracy(network, watched) if watched else 0.0

        loop.train(
            network,
            lesson,
            recipe,
            folder / f"run-{run}",
            seed=seed,
            score=score if watched and recipe.patience else None,
            show=lambda progress, named=named: show(named, progress),  # type: ignore[misc]
        )
        networks.append(network)
    return averaged(networks)


@torch.no_grad()
def averaged(networks: Sequence[Network]) -> Network:
    """The mean of the trained weights (Wortsman et al., 2022, "Model soups"); they must come from one beginning."""
    first = networks[0]
    others = [network.trained() for network in networks[1:]]
    for name, value in first.trained().items():
        if others:
            value.copy_(torch.stack([value, *(other[name] for other in others)]).mean(dim=0))
    return first


def _logits(network: Network, rows: _Rows) -> Floats:
    with torch.no_grad():
        vectors = classify.encode(network, rows.ids).to(network.labels.device)
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
