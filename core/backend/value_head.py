"""What turns a vector into a number: one linear layer, and how far the truth may lie from what it says.

Runs without torch. Written by `core.training`, as value_head.safetensors and value_head.json.
"""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from core.backend.encoder import Floats
from core.errors import Misconfigured
from core.outcomes import Estimate

FORMAT = 1
WEIGHTS, ABOUT = "value_head.safetensors", "value_head.json"


@dataclass(frozen=True)
class ValueHeadAbout:
    """All of a head but its weights; numbers in the unit of the data.

    mean, scale: of the values that were trained on: the layer gives standardised ones
    half_width: how far from what is said the truth lies at most, in a share of `coverage` of all texts
    """

    mean: float
    scale: float
    half_width: float
    coverage: float
    format: int = FORMAT


@dataclass(frozen=True)
class ValueHead:
    """weights: (d,);  bias: of standardised values"""

    about: ValueHeadAbout
    weights: Floats
    bias: float

    def read(self, vectors: Floats) -> list[Estimate]:
        """vectors: (n, d), unit rows"""
        about = self.about
        standard = vectors @ self.weights + self.bias  # (n, d) @ (d,) -> (n,)
        values = about.mean + about.scale * standard.astype(np.float64)
        return [Estimate(value, value - about.half_width, value + about.half_width) for value in values.tolist()]

    def save(self, folder: Path) -> None:
        """Write both files into a draft."""
        layer = {"weights": np.ascontiguousarray(self.weights, np.float32), "bias": np.array([self.bias], np.float32)}
        save_file(layer, folder / WEIGHTS)
        (folder / ABOUT).write_text(json.dumps(asdict(self.about), indent=1), encoding="utf-8")


def load_value_head(folder: Path) -> ValueHead:
    """raises: Misconfigured when the files are missing or of another format"""
    try:
        about = ValueHeadAbout(**json.loads((folder / ABOUT).read_text(encoding="utf-8")))
        layer = load_file(folder / WEIGHTS)
        weights, [bias] = layer["weights"], layer["bias"].tolist()
        is_whole = all(map(math.isfinite, (about.mean, about.scale, about.half_width, about.coverage)))
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise Misconfigured(
            f"the head in {folder.name} cannot be read ({type(error).__name__})", remedy="import the model again"
        ) from error
    if about.format != FORMAT or weights.ndim != 1 or not is_whole:
        raise Misconfigured("the head is of another format than this version reads", remedy="update Trivium")
    return ValueHead(about, weights, bias)
