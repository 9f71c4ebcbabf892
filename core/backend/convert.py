"""Turn a checkpoint into an OpenVINO graph. Runs in a process of its own, so that no server ever imports torch."""

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

VERSION = 3  # of the recipe below
_OUTLYING = re.compile(r"layer\.\d+\.output\.dense")


def convert(checkpoint: Path, target: Path, pooling: str, precision: str) -> None:
    """Write graph.xml, graph.bin and manifest.json (a SHA-256 for each file) into `target`.

    The graph takes ids and mask, both (b, t), and gives unit vectors (b, d): pooling and length are inside.
    """
    import openvino as ov
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(
        checkpoint, attn_implementation="sdpa", add_pooling_layer=False, dtype=torch.float32, trust_remote_code=False
    ).eval()

    class Sentence(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            states = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state  # (b, t, d)
            if pooling == "cls":
                pooled = states[:, 0]
            else:
                weights = attention_mask.unsqueeze(-1).to(states.dtype)  # (b, t, 1)
                pooled = (states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)  # (b, d)
            return torch.nn.functional.normalize(pooled, dim=-1)

    ids = torch.tensor([[1, 2, 3, 2], [1, 2, 2, 0]])  # any that every vocabulary has
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    open_shape = ov.PartialShape([-1, -1])
    with torch.no_grad():
        graph = ov.convert_model(Sentence().eval(), example_input=(ids, mask), input=[open_shape, open_shape])
    if precision == "int8":
        graph = _quantized(graph, checkpoint)
    ov.save_model(graph, target / "graph.xml", compress_to_fp16=False)
    files = {name: digest(target / name) for name in ("graph.xml", "graph.bin")}
    (target / "manifest.json").write_text(json.dumps({"version": VERSION, "files": files}), encoding="ascii")


def _quantized(graph: Any, checkpoint: Path) -> Any:
    """Static int8 after SmoothQuant, but for the second feed-forward product of each layer: its inputs have outliers 50
    times the median, and ranges fixed beforehand lowered its worst cosine to fp32 from .99 to .975. There only the
    weights are int8, and the runtime quantises what is multiplied with them as it comes, a few values of one token at a
    time (docs/decisions/0003). The ranges are taken from varied texts and from every word of the vocabulary, since
    two-word texts ("thank you") are where quantisation hurts most.
    """
    import random

    import nncf
    import numpy as np
    from nncf.quantization.advanced_parameters import AdvancedQuantizationParameters, AdvancedSmoothQuantParameters
    from nncf.quantization.range_estimator import RangeEstimatorParametersSet
    from tokenizers import Tokenizer

    from core.backend.texts import short_texts

    tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    tokenizer.no_padding()
    batches = [[tokenizer.encode(text).ids] for text in short_texts(300)]
    first, last = batches[0][0][0], batches[0][0][-1]  # the marks around every text
    chance = random.Random(5)  # noqa: S311  nothing secret
    vocabulary = list(range(tokenizer.get_vocab_size()))
    chance.shuffle(vocabulary)
    while vocabulary:
        length = chance.choice([1, 2, 3, 4, 6])
        pieces = [vocabulary[at : at + length] for at in range(0, 128 * length, length)]
        del vocabulary[: 128 * length]
        batches.append([[first, *piece, last] for piece in pieces if len(piece) == length])

    def fed(rows: list[list[int]]) -> tuple[Any, Any]:
        ids = np.array(rows, dtype=np.int64)
        return ids, np.ones_like(ids)

    batches = [rows for rows in batches if rows]
    products = [op.get_friendly_name() for op in graph.get_ordered_ops() if op.get_type_name() == "MatMul"]
    graph = nncf.quantize(
        graph,
        nncf.Dataset(batches, fed),
        subset_size=len(batches),
        model_type=nncf.ModelType.TRANSFORMER,
        ignored_scope=nncf.IgnoredScope(names=[name for name in products if _OUTLYING.search(name)]),
        advanced_parameters=AdvancedQuantizationParameters(
            activations_range_estimator_params=RangeEstimatorParametersSet.MINMAX,
            smooth_quant_alphas=AdvancedSmoothQuantParameters(matmul=0.7),
        ),
    )
    return nncf.compress_weights(graph, mode=nncf.CompressWeightsMode.INT8_ASYM)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
