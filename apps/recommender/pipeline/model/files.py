"""A recommender as plain files, safetensors and JSON, and back. Unpickles nothing; learns nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from scipy import sparse

from apps.recommender.pipeline.model.blend import Blend
from apps.recommender.pipeline.model.blocks import Shape
from apps.recommender.pipeline.model.network import Network
from apps.recommender.pipeline.model.recommender import Recommender
from apps.recommender.pipeline.model.signals import ByNeighbours, ByPopularity, BySequence, ByText, Signal
from apps.recommender.pipeline.model.text_space import TextSpace

FORMAT = 1
PLAN, ITEMS, ARRAYS = "recommender.json", "items.json", "recommender.safetensors"


class NotARecommender(ValueError):
    """The folder holds something else, or a newer format."""


@dataclass(frozen=True)
class Stored:
    """What a folder holds. items: ids by number;  space: None when it was learned without texts"""

    recommender: Recommender
    items: list[str]
    space: TextSpace | None


def save(folder: Path, recommender: Recommender, items: Sequence[str], space: TextSpace | None) -> None:
    """Write all into an existing folder."""
    arrays: dict[str, Any] = {}
    signals = {name: _take_apart(name, signal, arrays) for name, signal in recommender.signals.items()}
    if space is not None:
        arrays |= {"space.middle": space.middle, "space.directions": space.directions}
    if recommender.unseen is not None:
        arrays["unseen"] = recommender.unseen
    plan = {
        "format": FORMAT,
        "signals": signals,
        "blend": {
            "names": list(recommender.blend.names),
            "weights": recommender.blend.weights.tolist(),
            "slopes": recommender.blend.slopes.tolist(),
            "middle": recommender.blend.middle,
            "unseen": recommender.blend.unseen,
        },
        "space_scale": None if space is None else space.scale,
        "about": dict(recommender.about),
    }
    (folder / PLAN).write_text(json.dumps(plan, indent=1), encoding="utf-8")
    (folder / ITEMS).write_text(json.dumps(list(items), ensure_ascii=False), encoding="utf-8")
    save_file({name: np.ascontiguousarray(value) for name, value in arrays.items()}, folder / ARRAYS)


def load(folder: Path) -> Stored:
    """Read what `save` wrote. raises: NotARecommender"""
    try:
        plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        items = json.loads((folder / ITEMS).read_text(encoding="utf-8"))
        arrays = load_file(folder / ARRAYS)
    except (OSError, ValueError) as error:
        raise NotARecommender(f"{folder.name} holds no recommender") from error
    if plan.get("format") != FORMAT:
        raise NotARecommender(f"{folder.name} was written by a newer release")
    kept = plan["blend"]
    weights, slopes = np.array(kept["weights"]), np.array(kept["slopes"])
    blend = Blend(tuple(kept["names"]), weights, slopes, kept["middle"], kept.get("unseen", 0.0))
    signals = {name: _put_together(name, about, arrays, len(items)) for name, about in plan["signals"].items()}
    space = None
    if plan["space_scale"] is not None:
        space = TextSpace(arrays["space.middle"], arrays["space.directions"], plan["space_scale"])
    unseen = arrays.get("unseen")  # older versions have none
    recommender = Recommender(signals, blend, len(items), about=plan["about"], unseen=unseen)
    return Stored(recommender, items, space)


def _take_apart(name: str, signal: Signal, arrays: dict[str, Any]) -> dict[str, Any]:
    """Arrays of a signal into `arrays`; returns: the rest, plain values."""
    match signal:
        case ByNeighbours():
            matrix = signal.neighbours
            arrays |= {
                f"{name}.starts": matrix.indptr.astype(np.int64),
                f"{name}.items": matrix.indices.astype(np.int32),
                f"{name}.weights": matrix.data.astype(np.float32),
            }
            if signal.damping is not None:
                arrays[f"{name}.damping"] = signal.damping
            return {"kind": "neighbours", "fade": signal.fade, "damped": signal.damping is not None}
        case ByText():
            arrays[f"{name}.vectors"] = signal.vectors.astype(np.float16)
            return {"kind": "text", "fade": signal.fade}
        case ByPopularity():
            arrays[f"{name}.amounts"] = signal.amounts
            return {"kind": "popularity"}
        case BySequence():
            for number, network in enumerate(signal.networks):
                for part, value in network.state_dict().items():
                    arrays[f"{name}.{number}.{part}"] = value.detach().cpu().numpy()
                arrays[f"{name}.{number}.trust"] = network.trust.cpu().numpy()
                if network.project is not None:
                    arrays[f"{name}.{number}.text"] = network.text.cpu().numpy().astype(np.float16)
            return {"kind": "sequence", "shapes": [network.shape.as_dict() for network in signal.networks]}
    raise TypeError(f"signal {name} is of no known kind")


def _put_together(name: str, about: Mapping[str, Any], arrays: Mapping[str, Any], n: int) -> Signal:
    match about["kind"]:
        case "neighbours":
            parts = (arrays[f"{name}.weights"], arrays[f"{name}.items"], arrays[f"{name}.starts"])
            damping = arrays[f"{name}.damping"] if about["damped"] else None
            return ByNeighbours(sparse.csr_matrix(parts, shape=(n, n)), about["fade"], damping)
        case "text":
            return ByText(arrays[f"{name}.vectors"].astype(np.float32), about["fade"])
        case "popularity":
            return ByPopularity(arrays[f"{name}.amounts"])
        case "sequence":
            return BySequence([_network(f"{name}.{at}.", shape, arrays) for at, shape in enumerate(about["shapes"])])
    raise NotARecommender(f"signal {name} is of an unknown kind")


def _network(prefix: str, shape: Mapping[str, Any], arrays: Mapping[str, Any]) -> Network:
    parts = {key.removeprefix(prefix): value for key, value in arrays.items() if key.startswith(prefix)}
    text = parts.pop("text", None)
    trust = torch.from_numpy(parts.pop("trust"))
    vectors = None if text is None else torch.from_numpy(text.astype(np.float32))
    network = Network(Shape(**shape), vectors, trust)
    network.load_state_dict({key: torch.from_numpy(value) for key, value in parts.items()})
    return network.eval()
