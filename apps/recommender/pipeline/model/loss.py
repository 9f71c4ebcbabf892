"""Cross-entropy over all items without holding all logits: in pieces, gradients made on the way. Knows no network."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

PIECE = 4_000_000
"""Logits that are held at a time, in numbers: few enough to stay in a processor's cache, 15 % faster on two cores."""
ON_GPU = 40_000_000
"""The same on a GPU, which wants large pieces."""
LEAST = 1e-30
"""Probability below which a target's counts as this, so that its logarithm is a number."""


class _AllItems(torch.autograd.Function):
    """mean over rows of -log softmax(hidden @ vectors.T + bias)[target], with smoothing.

    Each piece's logits are made and turned into probabilities, and nothing else passes over them: what smoothing and
    targets take from the gradient is added to the sums afterwards, since both are of rank one.
    """

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, vectors: Tensor, bias: Tensor, target: Tensor, weight: Tensor, smooth: float
    ) -> Tensor:
        n, kind = len(vectors), hidden.dtype
        step = max(1, (ON_GPU if hidden.is_cuda else PIECE) // n)
        share = (weight / weight.sum()).float()
        near, amounts = vectors.to(kind), bias.to(kind)
        to_hidden = torch.empty(hidden.shape, device=hidden.device)
        to_vectors = torch.zeros(vectors.shape, device=vectors.device)
        to_bias = torch.zeros(n, device=vectors.device)
        right = torch.empty(len(hidden), device=hidden.device)
        for start in range(0, len(hidden), step):
            piece, part = hidden[start : start + step], share[start : start + step].to(kind)
            chance = torch.softmax(torch.addmm(amounts, piece, near.T), 1)  # (p, d) @ (d, n) -> (p, n)
            right[start : start + step] = chance.gather(1, target[start : start + step, None])[:, 0].float()
            to_hidden[start : start + step] = (chance @ near).float()
            to_vectors += (chance.T @ (piece * part[:, None])).float()
            to_bias += (chance.T @ part[:, None])[:, 0].float()
        wide, full = hidden.float(), vectors.float()
        to_hidden -= (1 - smooth) * full[target]
        to_vectors.index_add_(0, target, wide * share[:, None], alpha=smooth - 1)
        to_bias.index_add_(0, target, share, alpha=smooth - 1)
        losses = -right.clamp(min=LEAST).log()
        if smooth:
            middle, level = full.mean(0), bias.float().mean()
            # log softmax = logit - norm, so its mean over all items follows from the target's.
            wanted = (wide * full[target]).sum(1) + bias.float()[target]
            losses = losses + smooth * (wanted - wide @ middle - level)
            to_hidden -= smooth * middle
            to_vectors -= smooth / n * (share @ wide)
            to_bias -= smooth / n * share.sum()
        to_hidden *= share[:, None]
        ctx.save_for_backward(to_hidden.to(kind), to_vectors.to(vectors.dtype), to_bias.to(bias.dtype))
        return (losses * share).sum()

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
    on = hidden.device.type
    if torch.is_autocast_enabled(on):
        hidden = hidden.to(torch.get_autocast_dtype(on))
    with torch.autocast(on, enabled=False):
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
