"""Examples held out in turn: trained on the rest as in earnest, then asked about the part. Knows no task."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.training.recipe import MANY

FOLDS = 4  # in which few examples are held out in turn
SINGLE_FOLD_FROM = MANY  # examples; from here on one held-out part is enough
HELD_OUT = 0.1  # that part

Network = TypeVar("Network")
Number = TypeVar("Number", bound=np.floating)


def predict_in_turn(
    targets: Sequence[float],
    seed: int,
    folder: Path,
    train: Callable[[Sequence[int], Path, str], Network],
    predict: Callable[[Network, Sequence[int]], NDArray[Number]],
) -> tuple[NDArray[Number], list[int]]:
    """Hold parts out in turn, train on the rest, and look at what is said of the parts.

    targets: (n,), by which the parts are drawn alike;  folder: of the run's checkpoints
    train: from places, a folder for checkpoints and the stage's name to a network
    predict: from a network and places (k,) to what it says (k, …)
    returns: what was said (m, …) of the places that were held out (m,)
    """
    parts = held_out_parts(targets, seed)
    said: list[NDArray[Number]] = []
    held: list[int] = []
    for number, part in enumerate(parts, start=1):
        out = set(part)
        rest = [at for at in range(len(targets)) if at not in out]
        stage = f"Calibrating ({number} of {len(parts)})" if len(parts) > 1 else "Calibrating"
        network = train(rest, folder / f"fold-{number}", stage)
        said.append(predict(network, part))
        held += part
    return np.concatenate(said), held


def held_out_parts(targets: Sequence[float], seed: int) -> list[list[int]]:
    """Places to hold out: FOLDS parts that cover few examples, one part of HELD_OUT of many.

    targets: labels' numbers or values; the parts are alike in them

    >>> sorted(place for part in held_out_parts([0, 0, 1, 1], seed=1) for place in part)
    [0, 1, 2, 3]
    """
    chance = np.random.default_rng(seed)
    order = sorted(chance.permutation(len(targets)).tolist(), key=lambda at: targets[at])
    if one_part_is_enough(len(targets)):
        return [order[:: round(1 / HELD_OUT)]]
    parts: list[list[int]] = [[] for _ in range(FOLDS)]
    for turn, at in enumerate(order):
        parts[turn % FOLDS].append(at)
    return [part for part in parts if part]


def one_part_is_enough(examples: int) -> bool:
    """Whether there are so many that one held-out part tells enough."""
    return examples >= SINGLE_FOLD_FROM
