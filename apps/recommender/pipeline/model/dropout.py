"""Dropout as a processor does it fast: eight chances from each random number of 64 bits. Knows no network.

torch draws one number of its generator for each chance, which took a quarter of a training's time on two cores; this
takes a twentieth of that. Chances are in steps of 1/256.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

STEPS = 256


def dropped(x: Tensor, chance: float) -> Tensor:
    """x with numbers set to 0 by chance and the others made larger to match. On a GPU torch's own is as fast.

    >>> torch.equal(dropped(torch.ones(3), 0.0), torch.ones(3))
    True
    """
    if not chance:
        return x
    if x.device.type != "cpu":
        return functional.dropout(x, chance)
    least = min(STEPS - 1, max(1, round(chance * STEPS)))
    words = torch.empty((x.numel() + 7) // 8, dtype=torch.int64).random_(-(2**63), None)
    keep = (words.view(torch.uint8)[: x.numel()] >= least).view(x.shape).to(x.dtype)
    return x * keep.mul_(STEPS / (STEPS - least))


class Dropout(nn.Module):
    """`dropped` while training."""

    def __init__(self, chance: float) -> None:
        super().__init__()
        self.chance = chance

    def forward(self, x: Tensor) -> Tensor:
        """Same shape."""
        return dropped(x, self.chance) if self.training else x
