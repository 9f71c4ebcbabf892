"""The numpy forward pass says what the torch network says, for every kind of block."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from apps.recommender.pipeline.model.blocks import Shape
from apps.recommender.pipeline.model.network import Network, gap_buckets
from apps.recommender.pipeline.recommending.forward import Weights, next_vector

SHAPE = Shape(items=9, text=5, width=16, layers=2, heads=2, longest=12)


@pytest.mark.parametrize("block", ["plain", "gated", "pointwise"])
@pytest.mark.parametrize("more", [{}, {"relative": True, "gaps": True}, {"cosine": True}])
def test_numpy_says_what_torch_says(block: str, more: dict[str, bool]):
    torch.manual_seed(3)
    shape = replace(SHAPE, block=block, **more)
    network = Network(shape, torch.randn(9, 5), torch.linspace(0, 1, 9)).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    items = torch.tensor([[1, 5, 5, 8, 2]])
    pauses = np.array([0.0, 3, 60, 1, 90_000])
    with torch.inference_mode():
        vectors = network.item_vectors()
        gaps = gap_buckets(torch.from_numpy(pauses)[None]) if shape.gaps else None
        wanted = network(vectors, items, gaps)[0, -1].numpy()
    arrays = {name: value.numpy() for name, value in network.state_dict().items()}
    found = next_vector(Weights(shape.as_dict(), arrays), vectors[items[0]].numpy(), pauses)
    assert np.abs(found - wanted).max() < 1e-4 * max(1, np.abs(wanted).max())
