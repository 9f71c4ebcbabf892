"""A whole fine-tuning kept as a LoRA adapter: the nearest changes of low rank. Trains nothing.

Matrices may change in any way while they learn, which reads a little better than an adapter that learns from the start
(docs/decisions/0014); the change is then rounded to a given rank, in float16, by its singular values.
"""

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModel


def learn_matrices_only(backbone: Any) -> None:
    """Embeddings, biases and norms stay as they are, since an adapter holds changes of linear layers' matrices only."""
    backbone.requires_grad_(False)
    for layer in _linear(backbone).values():
        layer.weight.requires_grad_(True)


@torch.no_grad()
def round_to_rank(backbone: Any, base: Path, rank: int) -> None:
    """Make each linear layer's matrix its base plus the nearest change of that rank.

    base: the checkpoint's directory
    """
    before = _linear(_loaded(base))
    for name, layer in _linear(backbone).items():
        start = before[name].weight.to(layer.weight.device)
        out, into = factors(layer.weight - start, rank)
        layer.weight.copy_(start + out.float() @ into.float())


@torch.no_grad()
def save_as_adapter(backbone: Any, base: Path, rank: int, folder: Path) -> None:
    """Write the changes against the base in peft's format, in float16; after `round_to_rank` nothing more is lost."""
    from peft import LoraConfig, get_peft_model

    learned = _linear(backbone)
    loaded = _loaded(base)
    starts = {name: layer.weight.clone() for name, layer in _linear(loaded).items()}
    config = LoraConfig(r=rank, lora_alpha=rank, target_modules=sorted({name.rpartition(".")[2] for name in starts}))
    with warnings.catch_warnings():  # peft 0.21 asks transformers by a name that version 6 will drop
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        adapted: Any = get_peft_model(loaded, config)
    for name, layer in adapted.base_model.model.named_modules():
        if hasattr(layer, "lora_A"):
            out, into = factors(learned[name].weight.cpu() - starts[name], rank)
            layer.lora_A["default"].weight.data = into
            layer.lora_B["default"].weight.data = out
    adapted.save_pretrained(folder, safe_serialization=True)


def factors(change: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """The two thin matrices whose product is nearest to a change (Eckart and Young, 1936), in float16.

    change: (o, i);  returns: (o, r) and (r, i)

    >>> out, into = factors(torch.outer(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 0.0, 1.0])), rank=1)
    >>> (out @ into).round(decimals=2).tolist()
    [[3.0, 0.0, 1.0], [6.0, 0.0, 2.0]]
    """
    left, sizes, right = torch.linalg.svd(change.float(), full_matrices=False)
    root = sizes[:rank].sqrt()
    return (left[:, :rank] * root).half().contiguous(), (root[:, None] * right[:rank]).half().contiguous()


def _loaded(base: Path) -> Any:
    return AutoModel.from_pretrained(base, add_pooling_layer=False, dtype=torch.float32, trust_remote_code=False)


def _linear(model: Any) -> dict[str, nn.Linear]:
    return {name: layer for name, layer in model.named_modules() if isinstance(layer, nn.Linear)}
