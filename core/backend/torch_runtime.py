"""The Transformer by torch: for a GPU, and as the reference in full precision. Imported only when it is asked for."""

from collections.abc import Sequence

import numpy as np
import torch
from transformers import AutoModel

from core.backend.checkpoint import Checkpoint
from core.backend.encoder import Floats
from core.backend.tokens import padded
from core.settings import Settings


class TorchRuntime:
    """The checkpoint's own module; bf16 on a GPU, fp32 on a CPU unless the settings say otherwise."""

    streams = 1  # torch spreads one batch over all cores

    def __init__(self, checkpoint: Checkpoint, settings: Settings) -> None:
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        automatic = "bf16" if self.device == "cuda" else "f32"
        precision = automatic if settings.precision in ("auto", "float") else settings.precision
        model = AutoModel.from_pretrained(checkpoint.path, add_pooling_layer=False, trust_remote_code=False)
        self._model = model.to(self.device, torch.bfloat16 if precision == "bf16" else torch.float32).eval()
        self._pooling = checkpoint.pooling

    def session(self) -> "TorchRuntime":
        """What one thread computes with."""
        return self

    @torch.inference_mode()
    def encode(self, rows: Sequence[Sequence[int]]) -> Floats:
        """rows: token ids, b of them;  returns: (b, d) float32, unit rows"""
        ids, mask = (torch.from_numpy(array).to(self.device) for array in padded(rows))
        states = self._model(input_ids=ids, attention_mask=mask).last_hidden_state.float()  # (b, t, d)
        if self._pooling == "cls":
            pooled = states[:, 0]
        else:
            weights = mask.unsqueeze(-1).float()  # (b, t, 1)
            pooled = (states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)  # (b, d)
        vectors: Floats = torch.nn.functional.normalize(pooled, dim=-1).cpu().numpy().astype(np.float32)
        return vectors
