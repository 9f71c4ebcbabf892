"""Cross-entropy over all items without holding all logits: in pieces, gradients made on the way. Knows no network."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

PIECE = 40_000_000
"""Logits that are held at a time, in numbers."""


class _AllItems(torch.autograd.Function):
    """mean over rows of -log softmax(hidden @ vectors.T + bias)[target], with smoothing."""

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, vectors: Tensor, bias: Tensor, target: Tensor, weight: Tensor, smooth: float
    ) -> Tensor:
        rows, n = len(hidden), len(vectors)
        step = max(1, PIECE // n)
        to_hidden = torch.empty_like(hidden)
        to_vectors = torch.zeros(vectors.shape, dtype=torch.float32, device=vectors.device)
        to_bias = torch.zeros(bias.shape, dtype=torch.float32, device=bias.device)
        total = torch.zeros((), device=hidden.device)
        scale = weight / weight.sum()
        for start in range(0, rows, step):
            piece, right = hidden[start : start + step], target[start : start + step]
            share = scale[start : start + step]
            logits = torch.addmm(bias.to(piece.dtype), piece, vectors.T).float()  # (p, d) @ (d, n) -> (p, n)
            wanted = logits.gather(1, right[:, None])[:, 0]
            middle = logits.mean(1) if smooth else wanted
            top = logits.amax(1, keepdim=True)
            logits.sub_(top).exp_()
            mass = logits.sum(1, keepdim=True)
            norm = (mass.log() + top)[:, 0]
            total += ((norm - (1 - smooth) * wanted - smooth * middle) * share).sum()
            logits.div_(mass)
            if smooth:
                logits.sub_(smooth / n)
            logits.scatter_add_(1, right[:, None], logits.new_full((len(right), 1), smooth - 1.0))
            logits.mul_(share[:, None])
            to_bias += logits.sum(0)
            flow = logits.to(piece.dtype)
            to_hidden[start : start + step] = flow @ vectors
            to_vectors += (flow.T @ piece).float()
        ctx.save_for_backward(to_hidden, to_vectors.to(vectors.dtype), to_bias.to(bias.dtype))
        return total

    @staticmethod
    def backward(ctx: Any, flow: Tensor) -> tuple[Tensor | None, ...]:
        to_hidden, to_vectors, to_bias = ctx.saved_tensors
        return to_hidden * flow, to_vectors * flow, to_bias * flow, None, None, None


def softmax_loss(
    hidden: Tensor, vectors: Tensor, bias: Tensor, target: Tensor, weight: Tensor, smooth: float = 0.0
) -> Tensor:
    """Mean cross-entropy of naming the target among all n items.

    hidden: (p, d);  vectors: (n, d);  bias: (n,);  target: (p,);  weight: (p,), how much each row counts
    smooth: probability that is spread evenly
    """
    loss: Tensor = _AllItems.apply(hidden, vectors, bias, target, weight, smooth)  # type: ignore[no-untyped-call]
    return loss


def sampled_loss(
    hidden: Tensor,
    vectors: Tensor,
    bias: Tensor,
    target: Tensor,
    weight: Tensor,
    drawn: Tensor,
    log_share: Tensor,
    smooth: float = 0.0,
) -> Tensor:
    """The same over targets and drawn items only, corrected by how likely each was drawn.

    drawn: (m,), items;  log_share: (n,), log of the expected number of times that an item is drawn
    """
    # A target counts by its own logit; a drawn item that is a row's target is hidden from that row.
    wanted = (hidden * vectors[target]).sum(1) + bias[target]
    logits = torch.addmm((bias[drawn] - log_share[drawn]).to(hidden.dtype), hidden, vectors[drawn].T)  # (p, m)
    logits = logits.masked_fill(drawn[None, :] == target[:, None], float("-inf"))
    norm = torch.logsumexp(torch.cat([wanted[:, None], logits], 1).float(), 1)
    losses = norm - wanted.float()
    return (losses * weight).sum() / weight.sum()
