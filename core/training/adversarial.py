"""Attacks on the word vectors during training: the model must give the same label in a small ball around each text.

FGM: Miyato, Dai and Goodfellow, 2017, "Adversarial Training Methods for Semi-Supervised Text Classification".
PGD: Madry et al., 2018, "Towards Deep Learning Models Resistant to Adversarial Attacks".
"""

from collections.abc import Callable

import torch
from torch import Tensor

Loss = Callable[[Tensor], Tensor]


def fgm(loss: Loss, words: Tensor, radius: float) -> Tensor:
    """One step along the gradient.

    loss: of word vectors (b, t, d);  words: (b, t, d);  returns: the attack (b, t, d), of length `radius` a text
    """
    words = words.detach().requires_grad_(True)
    [gradient] = torch.autograd.grad(loss(words), words)
    return radius * _unit(gradient)


def pgd(loss: Loss, words: Tensor, radius: float, steps: int) -> Tensor:
    """Several smaller steps, each brought back into the ball of that radius. Shapes as in `fgm`."""
    attack = torch.zeros_like(words)
    for _ in range(steps):
        attack = attack + fgm(loss, words + attack, 2 * radius / steps)
        length = attack.flatten(1).norm(dim=1).clamp(min=1e-12)  # (b,)
        attack = attack * (radius / length).clamp(max=1)[:, None, None]
    return attack.detach()


def _unit(gradient: Tensor) -> Tensor:
    """Each text's gradient at length 1, all its words together."""
    unit: Tensor = gradient / gradient.flatten(1).norm(dim=1).clamp(min=1e-12)[:, None, None]
    return unit
