"""The network: a causal Transformer over a user's events that names the next item. Trains nothing, reads no files.

An item's vector is what was learned of it plus its projected text vector, so that an item nobody has touched yet has
one too. Positions count from the start of a window; what is padded stands behind, so the causal mask hides it.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from apps.recommender.pipeline.model.dropout import Dropout, dropped

GAPS = 24
"""Buckets of the logarithm of a pause in seconds; 2^23 s is a good three months."""


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


class Network(nn.Module):
    """Names the next item of a sequence of events.

    text: (n, text) vectors of the items' texts, None when the shape has none
    trust: (n,) in [0, 1], how far each item's learned part counts: 0 for items without an event
    """

    text: Tensor
    trust: Tensor

    def __init__(self, shape: Shape, text: Tensor | None, trust: Tensor, *, dropout: float = 0.2) -> None:
        super().__init__()
        self.shape = shape
        d = shape.width
        self.learned = nn.Parameter(torch.randn(shape.items, d) * 0.02)
        self.popularity = nn.Parameter(torch.zeros(shape.items))
        self.project = nn.Linear(shape.text, d, bias=False) if shape.text else None
        if self.project is not None:
            nn.init.normal_(self.project.weight, std=0.02 / math.sqrt(shape.text))
        self.register_buffer("text", torch.empty(0) if text is None else text, persistent=False)
        self.register_buffer("trust", trust, persistent=False)
        self.position = nn.Parameter(torch.randn(shape.longest, d) * 0.02) if not shape.relative else None
        self.distance = nn.Parameter(torch.zeros(shape.heads, shape.longest)) if shape.relative else None
        self.gap = nn.Embedding(GAPS, d) if shape.gaps else None
        if self.gap is not None:
            nn.init.normal_(self.gap.weight, std=0.02)
        self.blocks = nn.ModuleList(BLOCKS[shape.block](shape, dropout) for _ in range(shape.layers))
        self.enter, self.leave = nn.LayerNorm(d), nn.LayerNorm(d)
        self.drop = Dropout(dropout)
        self.log_scale = nn.Parameter(torch.tensor(math.log(12.0))) if shape.cosine else None

    def item_vectors(self, forget: Tensor | None = None) -> Tensor:
        """All items' vectors (n, d). forget: (n,) bool, of which only the text counts, as if they were new"""
        vectors = self.learned * self._trusted(forget)[:, None]
        if self.project is not None:
            vectors = vectors + self.project(self.text)
        return vectors

    def _trusted(self, forget: Tensor | None) -> Tensor:
        return self.trust if forget is None else self.trust * (~forget).to(self.trust.dtype)

    def targets(self, vectors: Tensor, forget: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """What events are compared with: vectors (n, d) and an amount for each item (n,). forget: of `item_vectors`"""
        bias = self.popularity * self._trusted(forget)
        if self.log_scale is not None:
            return functional.normalize(vectors, dim=-1) * self.log_scale.exp(), bias
        return vectors, bias

    def forward(self, vectors: Tensor, items: Tensor, gaps: Tensor | None = None, keep: Tensor | None = None) -> Tensor:
        """Read windows of events.

        vectors: (n, d), from `item_vectors`;  items: (b, t);  gaps: (b, t), buckets of the pause before each event
        keep: (b, t) float, 0 where an event's item is hidden
        returns: (b, t, d), after each event, what comes next; a dot product with `targets` ranks the items
        """
        t = items.shape[1]
        x = functional.embedding(items, vectors) * math.sqrt(self.shape.width)
        if keep is not None:
            x = x * keep[..., None]
        if self.position is not None:
            x = x + self.position[:t] * math.sqrt(self.shape.width)
        if self.gap is not None and gaps is not None:
            x = x + self.gap(gaps) * math.sqrt(self.shape.width)
        x = self.drop(self.enter(x))
        apart = torch.arange(t, device=x.device)
        apart = apart[:, None] - apart[None, :]  # (t, t), negative above the diagonal
        amounts = x.new_zeros(1, t, t) if self.distance is None else self.distance[:, apart.clamp(min=0)]
        bias = amounts.masked_fill(apart < 0, float("-inf"))
        for block in self.blocks:
            x = block(x, bias)
        x = self.leave(x)
        return functional.normalize(x, dim=-1) if self.log_scale is not None else x


def gap_buckets(pauses: Tensor) -> Tensor:
    """Pauses in seconds to buckets: 0 for none, then one for each power of two.

    >>> gap_buckets(torch.tensor([0.0, 1.0, 3.0, 1e9])).tolist()
    [0, 1, 2, 23]
    """
    return torch.log2(pauses.clamp(min=0) + 1).ceil().long().clamp(max=GAPS - 1)
