"""What speaks for an item: each signal ranks all items for users by what they did. Trains nothing, reads no files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from apps.recommender.pipeline.model.cooccurrence import Neighbours, by_neighbours, faded
from apps.recommender.pipeline.model.histories import Floats, Histories
from apps.recommender.pipeline.model.network import Network
from apps.recommender.pipeline.model.training import encode


class Signal(Protocol):
    """One way to rank. The larger a score, the likelier the item is next; users' scores are not compared."""

    def score(self, histories: Histories) -> Floats:
        """returns: (u, n)"""
        ...


@dataclass(frozen=True)
class BySequence:
    """The mean of the networks' log probabilities."""

    networks: Sequence[Network]

    @torch.no_grad()
    def score(self, histories: Histories) -> Floats:
        """returns: (u, n), mean over networks"""
        total = torch.zeros(())
        for network in self.networks:
            vectors, bias = network.targets(network.item_vectors())
            logits = encode(network, histories) @ vectors.T + bias  # (u, d) @ (d, n) -> (u, n)
            total = total + torch.log_softmax(logits, 1)
        return (total / len(self.networks)).cpu().numpy()


@dataclass(frozen=True)
class ByNeighbours:
    """What goes with a user's last events.

    fade: what an event counts relative to the one after it
    damping: (n,), by which each item's score is divided, or None
    """

    neighbours: Neighbours
    fade: float
    damping: Floats | None = None

    def score(self, histories: Histories) -> Floats:
        """returns: (u, n)"""
        scores = by_neighbours(histories, self.neighbours, fade=self.fade)
        return scores if self.damping is None else scores / self.damping


@dataclass(frozen=True)
class ByText:
    """Likeness of an item's text to those of a user's last events. vectors: (n, d), unit rows"""

    vectors: Floats
    fade: float

    def score(self, histories: Histories) -> Floats:
        """returns: (u, n)"""
        taste = np.asarray(faded(histories, self.fade, 50) @ self.vectors, dtype=np.float32)
        return taste @ self.vectors.T  # (u, d) @ (d, n) -> (u, n)


@dataclass(frozen=True)
class ByPopularity:
    """The same for everybody. amounts: (n,)"""

    amounts: Floats

    def score(self, histories: Histories) -> Floats:
        """returns: (u, n)"""
        return np.repeat(np.log1p(self.amounts)[None].astype(np.float32), len(histories), axis=0)
