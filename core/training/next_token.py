"""Learn to say what comes next: the network, the lesson, and how a causal language model begins. Reads no files."""

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

from core.errors import Invalid, Misconfigured
from core.generation.decoder import ADAPTER, DECODER, Decoder
from core.generation.likelihood import losses
from core.generation.local import check_causal, context_of, open_weights, silence
from core.generation.template import UNSEEN, Piece
from core.training.backbone import has_bf16, with_lora
from core.training.bases import Blank
from core.training.recipe import Recipe


class CausalNetwork(nn.Module):
    """A causal language model as it is trained: whole, or LoRA above it."""

    def __init__(self, model: Any, recipe: Recipe) -> None:
        super().__init__()
        silence()
        self.backbone: Any = with_lora(model, recipe, "CAUSAL_LM") if recipe.method == "lora" else model

    def trained(self) -> dict[str, nn.Parameter]:
        """The parameters that learn, by name."""
        return {name: value for name, value in self.named_parameters() if value.requires_grad}

    def save(self, folder: Path, tokenizer: Any, end: int) -> None:
        """Write `decoder/` with all weights, or `adapter/` in peft's format; the tokenizer with its template in either.

        end: the token at which whoever opens it shall stop
        """
        target = folder / (ADAPTER if hasattr(self.backbone, "peft_config") else DECODER)
        self.backbone.generation_config = GenerationConfig(eos_token_id=end, pad_token_id=end)
        self.backbone.save_pretrained(target)
        tokenizer.save_pretrained(target, save_jinja_files=False)  # a version holds no file but plain data


class NextToken:
    """A lesson (see `core.training.loop`): of each piece, what stands in its targets has to be said."""

    def __init__(self, network: CausalNetwork, pieces: Sequence[Piece]) -> None:
        self.size = len(pieces)
        self._network = network
        self._pieces = pieces

    def begin(self, epoch: int) -> None:
        """Every epoch is alike."""

    def length(self, example: int) -> int:
        return len(self._pieces[example].ids)

    def loss(self, batch: Sequence[int]) -> Tensor:
        """The mean over the tokens that have to be said."""
        device: torch.device = self._network.backbone.get_input_embeddings().weight.device
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_bf16(device)):
            values, _ = losses(self._network.backbone, [self._pieces[at] for at in batch])
        return values.mean()

    def weight(self, batch: Sequence[int]) -> float:
        """How many tokens have to be said; the first of a piece never has."""
        return sum(target != UNSEEN for at in batch for target in self._pieces[at].targets[1:])


def begin_model(base: Blank | Decoder, tokenizer: Any, most: int) -> Any:
    """A model of transformers to train: with the base's weights, or with new ones that torch's chance decides.

    most: tokens of a piece; a model that begins here shall read no more at once than it learns on
    raises: Invalid when the architecture is none of a causal language model; Misconfigured
    """
    if isinstance(base, Decoder):
        return open_weights(base)
    kind, known = base.architecture["model_type"], {**base.architecture, "vocab_size": len(tokenizer)}
    end = tokenizer.eos_token_id
    try:
        config = AutoConfig.for_model(**{**known, "bos_token_id": end, "eos_token_id": end, "pad_token_id": end})
        config.max_position_embeddings = min(context_of(config), most)
        model = AutoModelForCausalLM.from_config(copy.deepcopy(config), trust_remote_code=False, dtype=torch.float32)
        check_causal(model, f"a {kind}")
    except (StrictDataclassError, ValueError, TypeError, KeyError, RuntimeError, Misconfigured) as error:
        [why, *_] = (line for line in reversed(str(error).splitlines()) if line.strip())
        raise Invalid(
            f"no causal language model can be made of this architecture ({why.strip():.200})",
            remedy="correct the file of --config; its words are those of a config.json of transformers",
        ) from error
    return model
