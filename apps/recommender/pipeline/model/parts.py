"""Signals as `ranking` reads them: products of a user's vector and an item's, and neighbours by what is not zero."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from apps.recommender.pipeline.model.blend import STEEPEST
from apps.recommender.pipeline.model.cooccurrence import Neighbours, faded
from apps.recommender.pipeline.model.histories import Floats, Histories
from apps.recommender.pipeline.model.signals import ByNeighbours, BySequence, ByText
from apps.recommender.pipeline.model.training import encode

Doubles = NDArray[np.float64]

AT_ONCE = 32_768
"""Items of which the covariance is summed at a time."""


@dataclass(frozen=True)
class Product:
    """A signal that is a product. items: (n, d + 1), the last column 1;  users: histories → (u, d)

    mean: (d,);  covariance: (d, d) of the items' first d columns
    """

    items: Tensor
    users: Callable[[Histories], Tensor]
    mean: Doubles
    covariance: Doubles

    @classmethod
    def of(cls, items: Tensor, users: Callable[[Histories], Tensor]) -> Product:
        """items: (n, d)"""
        rows = items.numpy()
        mean = rows.mean(0, dtype=np.float64)
        covariance = np.zeros((rows.shape[1], rows.shape[1]))
        for start in range(0, len(rows), AT_ONCE):
            apart = rows[start : start + AT_ONCE] - mean
            covariance += apart.T @ apart / len(rows)
        return cls(torch.cat([items, torch.ones(len(items), 1)], 1), users, mean, covariance)

    def level(self, histories: Histories) -> Tensor:
        """returns: (u, d + 1), whose products with the items have mean 0 and variance 1 for each user"""
        wish = self.users(histories).numpy().astype(np.float64)
        variance = np.einsum("ud,de,ue->u", wish, self.covariance, wish, optimize=True)
        spread = np.maximum(np.sqrt(np.maximum(variance, 0)), 1e-9)[:, None]
        middle = (wish @ self.mean)[:, None]
        return torch.from_numpy((np.hstack([wish, -middle]) / spread).astype(np.float32))


@dataclass(frozen=True)
class Near:
    """A signal of neighbours, their damping divided in."""

    neighbours: Neighbours
    fade: float

    @classmethod
    def of(cls, signal: ByNeighbours) -> Near:
        """The same signal."""
        if signal.damping is None:
            return cls(signal.neighbours, signal.fade)
        old = signal.neighbours
        data = old.data / signal.damping[old.indices]
        return cls(sparse.csr_matrix((data, old.indices, old.indptr), shape=old.shape), signal.fade)

    def above_silence(self, some: sparse.csr_matrix, weights: Floats) -> sparse.csr_matrix:
        """How much more the weighed, leveled score is than that of an item of which nothing is said.

        some: (u, n), a few users' faded events;  weights: (u, 1), of the signal
        returns: (u, n)
        """
        said = some @ self.neighbours
        n = said.shape[1]
        # Row by row: a row lies in the cache of a core, where six steps over it cost less than one over all of them.
        for row, weight in enumerate(weights[:, 0].tolist()):
            part = said.data[said.indptr[row] : said.indptr[row + 1]]
            mean = float(part.sum(dtype=np.float64)) / n
            part -= np.float32(mean)
            spread = math.sqrt((float(part @ part) + (n - len(part)) * mean**2) / n)
            spread = max(spread, 1e-9)
            silence = min(max(-mean / spread, -STEEPEST), STEEPEST)
            part *= np.float32(1 / spread)
            np.clip(part, -STEEPEST, STEEPEST, out=part)
            part -= np.float32(silence)
            part *= np.float32(weight)
        return said


def by_networks(signal: BySequence) -> Product:
    """Log-probabilities differ from logits by an amount that is the same for all items of a user."""
    m = len(signal.networks)
    vectors = [network.item_vectors() for network in signal.networks]
    targets = [network.targets(all_of) for network, all_of in zip(signal.networks, vectors, strict=True)]
    items = torch.cat([part for against, bias in targets for part in (against, bias[:, None])], 1).float() / m

    def users(histories: Histories) -> Tensor:
        parts = [encode(network, histories, vectors=own) for network, own in zip(signal.networks, vectors, strict=True)]
        return torch.cat([torch.cat([part, torch.ones(len(part), 1)], 1) for part in parts], 1)

    return Product.of(items.contiguous(), users)


def by_text(signal: ByText) -> Product:
    """Cosines are products of unit rows."""

    def users(histories: Histories) -> Tensor:
        return torch.from_numpy(np.asarray(faded(histories, signal.fade, 50) @ signal.vectors, dtype=np.float32))

    return Product.of(torch.from_numpy(np.ascontiguousarray(signal.vectors)), users)
