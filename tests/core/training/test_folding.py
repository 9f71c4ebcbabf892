"""A whole training that is kept as an adapter: small on disk, the same when opened again."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from core.backend.checkpoint import read_checkpoint
from core.training.backbone import PooledBackbone, encode
from core.training.recipe import Recipe
from tests.core.training.tiny import save_backbone

pytestmark = pytest.mark.integration

RANK = 2


@pytest.fixture
def network(tmp_path: Path) -> PooledBackbone:
    torch.manual_seed(1)
    checkpoint = read_checkpoint("tiny", save_backbone(tmp_path / "base"), tmp_path / "home")
    return PooledBackbone(checkpoint, Recipe(adapter_rank=RANK))


def changed(network: PooledBackbone) -> PooledBackbone:
    torch.manual_seed(2)
    with torch.no_grad():
        for value in network.trained().values():
            value.add_(0.05 * torch.randn_like(value))
    return network


def test_only_matrices_of_linear_layers_learn(network: PooledBackbone):
    assert network.trained()
    assert {value.dim() for value in network.trained().values()} == {2}
    assert not any("embeddings" in name or "LayerNorm" in name for name in network.trained())


def test_what_was_folded_is_what_the_adapter_gives_when_it_is_opened_again(network: PooledBackbone, tmp_path: Path):
    from peft import PeftModel
    from transformers import AutoModel

    rows = [[1, 5, 9, 2], [1, 7, 2]]
    changed(network).fold()
    before = encode(network, rows).numpy()
    network.save_backbone(tmp_path)
    held = load_file(tmp_path / "adapter" / "adapter_model.safetensors")
    assert {value.dtype for value in held.values()} == {np.dtype("float16")}
    assert {min(value.shape) for value in held.values()} == {RANK}
    base = AutoModel.from_pretrained(network.path, add_pooling_layer=False, dtype=torch.float32)
    network.backbone = PeftModel.from_pretrained(base, tmp_path / "adapter").merge_and_unload()
    assert encode(network, rows).numpy() == pytest.approx(before, abs=5e-4)


def test_of_a_large_change_the_nearest_of_low_rank_is_kept(network: PooledBackbone):
    start = {name: value.detach().clone() for name, value in network.trained().items()}
    changed(network)
    wanted = {name: value.detach() - start[name] for name, value in network.trained().items()}
    wanted = {name: value.clone() for name, value in wanted.items()}
    network.fold()
    for name, value in network.trained().items():
        left = torch.linalg.norm(wanted[name] - (value.detach() - start[name]))
        sizes = torch.linalg.svdvals(wanted[name])
        assert float(left) == pytest.approx(float(torch.linalg.norm(sizes[RANK:])), rel=0.02)
