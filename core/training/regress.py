"""Learn a number for a text: a linear layer on the backbone, Huber's loss over standardised values. Reads no files."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.backend.checkpoint import Checkpoint
from core.backend.encoder import Floats
from core.training.backbone import PooledBackbone, encode, padded
from core.training.recipe import Recipe

PENALTIES = np.logspace(-2, 3, 11)  # of the ridge regression
REWEIGHTED = 10  # times; the weights hardly change from then on
SOLVED_WITH = 100_000  # texts, at most: 300 MB in float64
STEEP_UP_TO = 1.0  # scales; a larger error pulls no harder (Huber, 1964), so that no outlier rules


class ValueNetwork(PooledBackbone):
    """Texts to unit vectors, unit vectors to standardised values.

    values: (n,), that will be trained on, in the unit of the data
    weights: (d,);  bias: (1,)
    """

    def __init__(self, checkpoint: Checkpoint, recipe: Recipe, values: Sequence[float]) -> None:
        super().__init__(checkpoint, recipe)
        self.mean = float(np.mean(values))
        self.scale = robust_scale(values)
        self.weights = nn.Parameter(torch.zeros(checkpoint.dim))
        self.bias = nn.Parameter(torch.zeros(1))

    def standard(self, values: Sequence[float]) -> Floats:
        """values: (n,), in the unit of the data;  returns: (n,), of which those trained on have mean 0, scale 1"""
        return ((np.array(values) - self.mean) / self.scale).astype(np.float32)

    def estimate(self, vectors: Tensor) -> Tensor:
        """vectors: (b, d), unit rows;  returns: (b,), standardised"""
        return vectors @ self.weights + self.bias  # (b, d) @ (d,) -> (b,)


class Regress:
    """A lesson (see `core.training.loop`). rows: token ids of each text;  values: (n,), in the unit of the data"""

    def __init__(self, network: ValueNetwork, rows: Sequence[Sequence[int]], values: Sequence[float]) -> None:
        self.size = len(rows)
        self._network = network
        self._rows = rows
        self._targets = torch.from_numpy(network.standard(values))

    def begin(self, epoch: int) -> None:
        """Every epoch is alike."""

    def length(self, example: int) -> int:
        return len(self._rows[example])

    def loss(self, batch: Sequence[int]) -> Tensor:
        """Huber's."""
        ids, mask = padded([self._rows[example] for example in batch], self._network.device)
        said = self._network.estimate(self._network.encode(ids, mask))
        return functional.huber_loss(said, self._targets[list(batch)].to(said.device), delta=STEEP_UP_TO)

    def weight(self, batch: Sequence[int]) -> float:
        """A mean over examples."""
        return len(batch)


def solve_head(network: ValueNetwork, rows: Sequence[Sequence[int]], values: Sequence[float]) -> None:
    """Set the layer to the ridge regression on the backbone's vectors, under the loss that training has.

    The penalty is the one of least leave-one-out error; Huber's loss comes by weights (Holland and Welsch, 1977). Where
    the backbone stays as it is, that is the training; where it learns, a beginning that steps would take long to reach.

    rows, values: as for `Regress`
    """
    from sklearn.linear_model import Ridge, RidgeCV

    some = np.linspace(0, len(rows) - 1, min(len(rows), SOLVED_WITH)).astype(int).tolist()
    vectors = encode(network, [rows[at] for at in some]).numpy().astype(np.float64)  # (m, d)
    targets = network.standard([values[at] for at in some]).astype(np.float64)
    found: Any = Ridge(RidgeCV(PENALTIES).fit(vectors, targets).alpha_).fit(vectors, targets)
    for _ in range(REWEIGHTED):
        errors = np.abs(targets - found.predict(vectors))  # (m,)
        found.fit(vectors, targets, sample_weight=STEEP_UP_TO / np.maximum(errors, STEEP_UP_TO))
    with torch.no_grad():
        network.weights.copy_(torch.from_numpy(found.coef_))
        network.bias.fill_(float(found.intercept_))


def robust_scale(values: Sequence[float]) -> float:
    """The interquartile range, as a standard deviation: an outlier would widen the latter until nothing else matters.

    values: (n > 0,);  returns: above 0, also where half of them or all are alike

    >>> round(robust_scale([1, 2, 3, 4, 1000]), 2), robust_scale([5, 5, 5, 5, 0]), robust_scale([5, 5])
    (1.48, 2.0, 1.0)
    """
    low, high = np.quantile(values, [0.25, 0.75])
    return float((high - low) / 1.349) or float(np.std(values)) or 1.0
