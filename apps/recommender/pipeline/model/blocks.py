"""Blocks of the network, which mix the events of a window: plain, gated and pointwise. Know no item."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from apps.recommender.pipeline.model.dropout import Dropout, dropped


@dataclass(frozen=True)
class Shape:
    """What a network is made of.

    items: n;  text: length of a text vector, 0 for none;  width: d;  longest: events it looks back
    block: "plain" (pre-norm attention and feed-forward), "gated" (LiGR: each step behind a sigmoid gate, SwiGLU)
        or "pointwise" (HSTU: SiLU attention weights, no softmax)
    relative: whether attention also goes by distance, else positions have vectors
    gaps: whether it knows the pauses between events
    """

    items: int
    text: int = 0
    width: int = 128
    layers: int = 2
    heads: int = 2
    longest: int = 50
    inner: int = 2
    block: Literal["plain", "gated", "pointwise"] = "plain"
    relative: bool = False
    gaps: bool = False
    cosine: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


class Attention(nn.Module):
    """Causal attention; with `relative`, a learned amount by distance is added to each head's logits."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = shape.heads, dropout
        self.inward = nn.Linear(shape.width, 3 * shape.width)
        self.outward = nn.Linear(shape.width, shape.width)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """x: (b, t, d);  bias: (heads or 1, t, t) with -inf above the diagonal;  returns: (b, t, d)"""
        b, t, d = x.shape
        parts = self.inward(x).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        queries, keys, values = parts.unbind(0)  # (b, h, t, d/h)
        if self.training and x.device.type == "cpu":
            logits = queries @ keys.transpose(-1, -2) / math.sqrt(d // self.heads) + bias.to(queries.dtype)
            mixed = dropped(torch.softmax(logits, -1), self.dropout) @ values  # (b, h, t, t) @ (b, h, t, d/h)
        else:
            mixed = functional.scaled_dot_product_attention(
                queries,
                keys,
                values,
                attn_mask=bias.to(queries.dtype),
                dropout_p=self.dropout if self.training else 0.0,
            )
        out: Tensor = self.outward(mixed.transpose(1, 2).reshape(b, t, d))
        return out


class PlainBlock(nn.Module):
    """Pre-norm attention, pre-norm feed-forward."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        d = shape.width
        self.attention = Attention(shape, dropout)
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(2))
        self.widen, self.narrow = nn.Linear(d, shape.inner * d), nn.Linear(shape.inner * d, d)
        self.drop = Dropout(dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        x = x + self.drop(self.attention(self.norms[0](x), bias))
        out: Tensor = x + self.drop(self.narrow(self.drop(functional.gelu(self.widen(self.norms[1](x))))))
        return out


class GatedBlock(nn.Module):
    """LiGR (Borisyuk et al., 2025): each step is let in by a sigmoid of what stands there; SwiGLU inside."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        d = shape.width
        self.attention = Attention(shape, dropout)
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(2))
        self.gates = nn.ModuleList(nn.Linear(d, d) for _ in range(2))
        self.widen, self.narrow = nn.Linear(d, 2 * shape.inner * d), nn.Linear(shape.inner * d, d)
        self.drop = Dropout(dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        x = x + self.drop(self.attention(self.norms[0](x), bias)) * torch.sigmoid(self.gates[0](x))
        left, right = self.widen(self.norms[1](x)).chunk(2, dim=-1)
        inner = self.narrow(self.drop(functional.silu(left) * right))
        out: Tensor = x + self.drop(inner) * torch.sigmoid(self.gates[1](x))
        return out


class PointwiseBlock(nn.Module):
    """HSTU (Zhai et al., 2024): attention by SiLU instead of softmax, so that how often something was done counts."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        d = shape.width
        self.heads = shape.heads
        self.inward, self.outward = nn.Linear(d, 4 * d), nn.Linear(d, d)
        self.before, self.inside = nn.LayerNorm(d), nn.LayerNorm(d)
        self.drop = Dropout(dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        b, t, d = x.shape
        parts = functional.silu(self.inward(self.before(x))).view(b, t, 4, self.heads, d // self.heads)
        gate, values, queries, keys = parts.permute(2, 0, 3, 1, 4).unbind(0)
        logits = queries @ keys.transpose(-1, -2) / math.sqrt(d // self.heads)  # (b, h, t, t)
        logits = logits + bias.clamp(min=-1e4).to(logits.dtype)
        seen = torch.arange(1, t + 1, device=x.device, dtype=x.dtype).view(t, 1)
        weights = torch.tril(functional.silu(logits)) / seen.sqrt()
        mixed = (weights @ values).transpose(1, 2).reshape(b, t, d)
        gates = gate.transpose(1, 2).reshape(b, t, d)
        out: Tensor = x + self.drop(self.outward(self.inside(mixed) * gates))
        return out


BLOCKS: dict[str, type[nn.Module]] = {"plain": PlainBlock, "gated": GatedBlock, "pointwise": PointwiseBlock}
