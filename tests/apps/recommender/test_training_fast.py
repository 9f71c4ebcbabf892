"""What makes training fast changes no result: dropout from bytes, and the loss in bfloat16."""

import pytest
import torch

from apps.recommender.pipeline.model.dropout import Dropout, dropped
from apps.recommender.pipeline.model.loss import softmax_loss


def test_dropout_keeps_the_mean_and_drops_the_share():
    torch.manual_seed(1)
    x = torch.ones(301, 333, requires_grad=True)
    y = dropped(x, 0.25)
    assert (y == 0).float().mean().item() == pytest.approx(0.25, abs=0.01)
    assert y.mean().item() == pytest.approx(1, abs=0.01)
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())


def test_dropout_is_drawn_anew_and_only_while_training():
    drop, x = Dropout(0.5), torch.ones(64, 64)
    assert not torch.equal(drop(x), drop(x))
    assert torch.equal(drop.eval()(x), x)


def test_the_loss_in_bfloat16_is_nearly_that_in_full():
    torch.manual_seed(0)
    hidden, vectors, bias = torch.randn(70, 16), torch.randn(90, 16) * 0.3, torch.randn(90)
    target, weight = torch.randint(0, 90, (70,)), torch.rand(70)
    gradients = []
    for half in (False, True):
        leaves = [part.clone().requires_grad_() for part in (hidden, vectors, bias)]
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            found = softmax_loss(*leaves, target, weight, 0.1)
        found.backward()
        gradients.append([found.detach(), *(leaf.grad for leaf in leaves)])
    for full, near in zip(*gradients, strict=True):
        assert near.dtype == torch.float32
        assert (near - full).norm() < 0.02 * full.norm()
