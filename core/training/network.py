"""The network that learns labels: the backbone under a head of label vectors. Knows no data and no loop."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.backend.checkpoint import Checkpoint
from core.training.backbone import PooledBackbone
from core.training.recipe import Recipe


class Network(PooledBackbone):
    """Texts to unit vectors, unit vectors to logits: `scale` times the cosine to each label's vector.

    labels: (c, d), one vector a label;  further: heads that help in training and are not published
    """

    def __init__(self, checkpoint: Checkpoint, recipe: Recipe, labels: int) -> None:
        super().__init__(checkpoint, recipe)
        self.scale = recipe.scale
        self.labels = nn.Parameter(torch.zeros(labels, checkpoint.dim))
        self.further = nn.ModuleList()

    def logits(self, vectors: Tensor) -> Tensor:
        """vectors: (b, d), unit rows;  returns: (b, c)"""
        return self.scale * vectors @ functional.normalize(self.labels, dim=-1).T  # (b, d) @ (d, c) -> (b, c)
