"""The backbone as it is trained: loaded, pooled, given LoRA where that is wanted, saved. Knows no task and no loop."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel
from transformers.utils import logging as transformers_logging

from core.backend.checkpoint import Checkpoint
from core.backend.tokens import Tokens
from core.training import folding
from core.training.recipe import Recipe

LORA_MODULES = "all-linear"
ENCODED_TOGETHER = 128  # texts


class PooledBackbone(nn.Module):
    """Texts to unit vectors.

    learn_words: whether the word vectors learn too (not by LoRA). With few examples they had better not: rare words of
    these would move, and all others not
    """

    def __init__(self, checkpoint: Checkpoint, recipe: Recipe, *, learn_words: bool = False) -> None:
        super().__init__()
        transformers_logging.set_verbosity_error()  # it would list the pooler's weights, which are left out on purpose
        transformers_logging.disable_progress_bar()
        self.backbone: Any = AutoModel.from_pretrained(
            checkpoint.path,
            add_pooling_layer=False,
            attn_implementation="sdpa",
            dtype=torch.float32,
            hidden_dropout_prob=recipe.dropout,
            attention_probs_dropout_prob=recipe.dropout,
            trust_remote_code=False,
        )
        self.dim = checkpoint.dim
        self.pooling = checkpoint.pooling
        self.path = checkpoint.path
        self.adapter_rank = recipe.adapter_rank if recipe.method == "full" else 0
        self.backbone.get_input_embeddings().weight.requires_grad_(learn_words)
        if recipe.method in ("head", "zero-shot"):
            self.backbone.requires_grad_(False)
        elif recipe.method == "lora":
            self.backbone = with_lora(self.backbone, recipe)
        if recipe.method == "full" and recipe.adapter_rank:
            folding.learn_matrices_only(self.backbone)
        if recipe.method == "full" and (lowest := _lowest_layers(self.backbone, recipe.frozen)):
            self.backbone.embeddings.requires_grad_(False)
            lowest.requires_grad_(False)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        found: torch.device = self.backbone.get_input_embeddings().weight.device
        return found

    def word_vectors(self, ids: Tensor) -> Tensor:
        """ids: (b, t);  returns: (b, t, d), before positions are added"""
        vectors: Tensor = self.backbone.get_input_embeddings()(ids)
        return vectors

    def states(self, ids: Tensor, mask: Tensor, words: Tensor | None = None) -> Tensor:
        """ids, mask: (b, t);  words: (b, t, d), in place of the ids' own;  returns: (b, t, d)"""
        given = {"input_ids": ids} if words is None else {"inputs_embeds": words}
        with torch.autocast(ids.device.type, dtype=torch.bfloat16, enabled=has_bf16(ids.device)):
            states: Tensor = self.backbone(**given, attention_mask=mask).last_hidden_state
        return states.float()

    def encode(self, ids: Tensor, mask: Tensor, words: Tensor | None = None) -> Tensor:
        """ids, mask, words: as for `states`;  returns: (b, d), unit rows"""
        states = self.states(ids, mask, words)  # (b, t, d)
        if self.pooling == "cls":
            return functional.normalize(states[:, 0], dim=-1)
        weights = mask.unsqueeze(-1).float()  # (b, t, 1)
        return functional.normalize((states * weights).sum(1) / weights.sum(1), dim=-1)  # (b, d)

    def trained(self) -> dict[str, nn.Parameter]:
        """The parameters that learn, by name."""
        return {name: value for name, value in self.named_parameters() if value.requires_grad}

    def fold(self) -> None:
        """After training: round what was learned to what an adapter can hold, where the recipe wants one."""
        if self.adapter_rank:
            folding.round_to_rank(self.backbone, self.path, self.adapter_rank)

    def save_backbone(self, folder: Path) -> None:
        """Write what the backbone learned: `encoder/` with all weights, or `adapter/` in peft's format, or nothing."""
        if hasattr(self.backbone, "peft_config"):
            self.backbone.save_pretrained(folder / "adapter", safe_serialization=True)
        elif self.adapter_rank:
            folding.save_as_adapter(self.backbone, self.path, self.adapter_rank, folder / "adapter")
        elif any(value.requires_grad for value in self.backbone.parameters()):
            self.backbone.save_pretrained(folder / "encoder", safe_serialization=True)


@torch.no_grad()
def encode(network: PooledBackbone, rows: Sequence[Sequence[int]]) -> Tensor:
    """Vectors without dropout, on the CPU. rows: n token id lists;  returns: (n, d), unit rows, in order"""
    was_training = network.training
    network.eval()
    order = sorted(range(len(rows)), key=lambda at: len(rows[at]))
    vectors = torch.zeros(len(rows), network.dim)
    for begin in range(0, len(order), ENCODED_TOGETHER):
        part = order[begin : begin + ENCODED_TOGETHER]
        ids, mask = padded([rows[at] for at in part], network.device)
        vectors[part] = network.encode(ids, mask).cpu()
    network.train(was_training)
    return vectors


def cut(texts: Sequence[str], tokens: Tokens, recipe: Recipe) -> list[list[int]]:
    """returns: the token ids of each text, of which the recipe's `max_tokens` are kept, the closing one among them"""
    most = recipe.max_tokens
    return [row[: most - 1] + row[-1:] if len(row) > most else row for row in tokens(texts)]


def best_device() -> str:
    """Where training is fastest here."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def _lowest_layers(backbone: Any, share: float) -> nn.ModuleList:
    """This share of a Transformer's layers, whatever its kind calls them."""
    count = backbone.config.num_hidden_layers
    layers = next(part for part in backbone.modules() if isinstance(part, nn.ModuleList) and len(part) == count)
    return layers[: int(share * count)]


def with_lora(backbone: Any, recipe: Recipe, kind: str | None = None) -> Any:
    """kind: what peft's format calls the model's task, where its own classes differ by it"""
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=recipe.lora_rank,
        lora_alpha=2 * recipe.lora_rank,
        lora_dropout=recipe.dropout,
        target_modules=LORA_MODULES,
        task_type=kind,
    )
    with warnings.catch_warnings():  # peft 0.21 asks transformers by a name that version 6 will drop
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        return get_peft_model(backbone, config)


def has_bf16(device: torch.device) -> bool:
    """Whether the device multiplies in bfloat16 by itself; where it does not, that is slower than fp32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def padded(rows: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    """returns: ids and mask, (b, longest rounded up to 4): fewer shapes, since each new one is compiled"""
    longest = -(-max(map(len, rows)) // 4) * 4
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), longest, dtype=torch.long)
    for at, row in enumerate(rows):
        ids[at, : len(row)] = torch.tensor(row)
        mask[at, : len(row)] = 1
    return ids.to(device), mask.to(device)
