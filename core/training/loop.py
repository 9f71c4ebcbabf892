"""The one loop: epochs over batches, with warm-up, attacks, early stopping and checkpoints. Knows no task."""

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from core.training import checkpoints, parallel
from core.training.checkpoints import Place
from core.training.recipe import Recipe

SORTED_TOGETHER = 10  # batches among which texts of like length are put together
CHECKPOINT_EVERY_S = 30.0
REPORT_EVERY_S = 0.1


class Lesson(Protocol):
    """What is learned. size: how many examples there are"""

    size: int

    def begin(self, epoch: int) -> None:
        """An epoch begins, or goes on after a stop: what chance there is comes from its number."""
        ...

    def length(self, example: int) -> int:
        """Tokens of an example: what stands together in a batch should be alike in this."""
        ...

    def loss(self, batch: Sequence[int]) -> Tensor:
        """The loss of a batch, by the numbers of its examples; ready for `backward`."""
        ...

    def weight(self, batch: Sequence[int]) -> float:
        """Over how many things `loss` is a mean: so much does a part of a batch count for in the whole."""
        ...


@dataclass(frozen=True)
class Progress:
    """Where training is, for a person. loss: mean since the last report;  left_s: seconds to go"""

    step: int
    steps: int
    loss: float
    rate: float
    left_s: float


Show = Callable[[Progress], None]
Score = Callable[[], float]


def train(
    network: nn.Module,
    lesson: Lesson,
    recipe: Recipe,
    folder: Path,
    *,
    seed: int,
    score: Score | None = None,
    show: Show = lambda _: None,
) -> Place:
    """Train to the end, or to where `score` (higher is better) stops rising; leaves the best weights in the network.

    Several processes (see `core.training.parallel`) take a share of every batch each, and end with the same weights.

    folder: holds the run's checkpoints; a run that was stopped goes on from the last one, to the same result
    """
    parameters = {name: value for name, value in network.named_parameters() if value.requires_grad}
    optimizer = torch.optim.AdamW(_groups(parameters, recipe), fused=True)
    torch.manual_seed(seed)
    latest, best = folder / "latest.safetensors", folder / "best.safetensors"
    place = checkpoints.load(latest, parameters, optimizer) or Place()
    parallel.begin_alike(parameters.values(), place.step)
    per_epoch = math.ceil(len(batches(lesson, recipe, seed, 0)) / recipe.accumulate)
    steps = per_epoch * recipe.epochs
    clock = _Clock(place.step, steps, show)
    saved_at = time.monotonic()
    network.train()
    while place.epoch < recipe.epochs and not _has_stalled(place, recipe):
        lesson.begin(place.epoch)
        chosen = batches(lesson, recipe, seed, place.epoch)
        for at in range(place.step - place.epoch * per_epoch, per_epoch):
            part = chosen[at * recipe.accumulate : (at + 1) * recipe.accumulate]
            _set_rate(optimizer, place.step, steps)
            parallel.begin_step(seed, place.step)
            loss = 0.0
            for batch in part:
                if own := parallel.share(batch):
                    value = lesson.loss(own) * (lesson.weight(own) / lesson.weight(batch)) / len(part)
                    value.backward()  # type: ignore[no-untyped-call]
                    loss += float(value.detach())
            parallel.add_up(parameters.values())
            nn.utils.clip_grad_norm_(list(parameters.values()), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            place.step += 1
            clock.tick(place.step, parallel.total(loss))
            if parallel.leads() and time.monotonic() - saved_at > CHECKPOINT_EVERY_S:
                checkpoints.save(latest, parameters, optimizer, place)
                saved_at = time.monotonic()
        place.epoch += 1
        if score is not None and (reached := parallel.agreed(score())) > place.best:
            place.best, place.best_epoch = reached, place.epoch
            if recipe.patience and parallel.leads():
                checkpoints.write(best, {name: value.detach() for name, value in parameters.items()}, {})
        network.train()
    parallel.wait()  # for rank 0, which may still be writing the best weights
    if recipe.patience and place.best_epoch not in (-1, place.epoch):
        _take_best(best, parameters)
    network.eval()
    return place


def batches(lesson: Lesson, recipe: Recipe, seed: int, epoch: int) -> list[list[int]]:
    """All examples once, in an order that seed and epoch decide; texts of like length stand together."""
    chance = random.Random(f"{seed} {epoch}")  # noqa: S311  nothing secret
    order = list(range(lesson.size))
    chance.shuffle(order)
    together = recipe.batch * SORTED_TOGETHER
    made: list[list[int]] = []
    for at in range(0, len(order), together):
        part = sorted(order[at : at + together], key=lambda example: lesson.length(example) + 4 * chance.random())
        made += [part[begin : begin + recipe.batch] for begin in range(0, len(part), recipe.batch)]
    chance.shuffle(made)
    return made


def _groups(parameters: dict[str, nn.Parameter], recipe: Recipe) -> list[dict[str, object]]:
    """Matrices of the backbone decay, biases and norms do not; what stands on the backbone has a rate of its own."""
    return [
        {
            "params": [value],
            "lr": recipe.learning_rate if (within := name.startswith("backbone.")) else recipe.head_learning_rate,
            "weight_decay": recipe.weight_decay if value.dim() > 1 and within else 0.0,
            "peak": recipe.learning_rate if within else recipe.head_learning_rate,
        }
        for name, value in parameters.items()
    ]


def _set_rate(optimizer: torch.optim.Optimizer, step: int, steps: int) -> None:
    """Up over the first tenth, then down to nothing."""
    warm = max(1, steps // 10)
    share = (step + 1) / warm if step < warm else (steps - step) / max(1, steps - warm)
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * share


def _has_stalled(place: Place, recipe: Recipe) -> bool:
    return bool(recipe.patience) and place.best_epoch >= 0 and place.epoch - place.best_epoch >= recipe.patience


def _take_best(path: Path, parameters: dict[str, nn.Parameter]) -> None:
    held, _ = checkpoints.read(path)
    with torch.no_grad():
        for name, value in parameters.items():
            value.copy_(held[name])


class _Clock:
    """Reports every now and then."""

    def __init__(self, done: int, steps: int, show: Show) -> None:
        self._began, self._first, self._steps, self._show = time.monotonic(), done, steps, show
        self._losses: list[float] = []
        self._shown = 0.0

    def tick(self, step: int, loss: float) -> None:
        self._losses.append(loss)
        now = time.monotonic()
        if now - self._shown < REPORT_EVERY_S and step < self._steps:
            return
        rate = (step - self._first) / max(now - self._began, 1e-9)
        mean = sum(self._losses) / len(self._losses)
        self._show(Progress(step, self._steps, mean, rate, (self._steps - step) / max(rate, 1e-9)))
        self._losses, self._shown = [], now
