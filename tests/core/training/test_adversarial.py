"""Attacks go where the loss grows, as far as they may."""

import pytest
import torch

from core.training.adversarial import fgm, pgd


def loss(words: torch.Tensor) -> torch.Tensor:
    return (words - 1).pow(2).sum()


@pytest.mark.parametrize("attack", [lambda words: fgm(loss, words, 0.5), lambda words: pgd(loss, words, 0.5, 4)])
def test_an_attack_has_the_radius_and_raises_the_loss(attack):
    words = torch.randn(3, 4, 2, generator=torch.Generator().manual_seed(1))
    found = attack(words)
    assert torch.allclose(found.flatten(1).norm(dim=1), torch.full((3,), 0.5), atol=1e-4)
    assert loss(words + found) > loss(words)
    assert not words.requires_grad
