"""How weights move: the optimizer, the rate over the steps, and weights that follow slowly. Reads no history."""

from __future__ import annotations

import copy
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import nn

from apps.recommender.pipeline.model.recipe import Recipe

N = TypeVar("N", bound=nn.Module)


def optimizer_of(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """Weights of matrices fade by `decay`, those of norms, biases and positions do not."""
    fade = [p for name, p in network.named_parameters() if p.ndim >= 2 and name not in ("position", "distance")]
    stay = [p for name, p in network.named_parameters() if p.ndim < 2 or name in ("position", "distance")]
    groups = [{"params": fade, "weight_decay": recipe.decay}, {"params": stay, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98), fused=True)


def shape_of_rate(done: float, warm: float) -> float:
    """Up in a straight line for the share `warm` of the steps, then down by a cosine."""
    if done < warm:
        return (done + 1e-3) / warm
    return 0.5 * (1 + float(np.cos(np.pi * min(1.0, (done - warm) / (1 - warm)))))


class Average(Generic[N]):
    """A network whose weights follow another's slowly."""

    def __init__(self, network: N, decay: float) -> None:
        self.network, self._decay, self.seen = copy.deepcopy(network).eval(), decay, 0

    @torch.no_grad()
    def follow(self, network: N) -> None:
        """Take a step towards a network."""
        self.seen += 1
        decay = min(self._decay, self.seen / (self.seen + 10))
        torch._foreach_lerp_(list(self.network.parameters()), list(network.parameters()), 1 - decay)
