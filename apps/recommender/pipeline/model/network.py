"""The network: a causal Transformer over a user's events that names the next item. Trains nothing, reads no files.

An item's vector is what was learned of it plus its projected text vector, so that an item nobody has touched yet has
one too. Positions count from the start of a window; what is padded stands behind, so the causal mask hides it.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from apps.recommender.pipeline.model.blocks import BLOCKS, Shape
from apps.recommender.pipeline.model.dropout import Dropout

GAPS = 24
"""Buckets of the logarithm of a pause in seconds; 2^23 s is a good three months."""


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
