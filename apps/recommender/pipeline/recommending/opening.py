"""A published version, read from its files as a server ranks with it: `pipeline.model.files` without torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from apps.recommender.errors import NotServable
from apps.recommender.pipeline.model.text_space import TextSpace
from apps.recommender.pipeline.recommending.forward import Weights
from apps.recommender.pipeline.recommending.learned import LearnedRows
from apps.recommender.pipeline.recommending.parts import Neighbours, Networked, Part, TextTaste, Wanted
from apps.recommender.pipeline.recommending.trained import Blended, Trained
from core.backend.registry import Version

FORMAT = 1
PLAN, ITEMS, ARRAYS = "recommender.json", "items.json", "recommender.safetensors"  # as pipeline.model.files writes them

Arrays = Mapping[str, Any]
LEARNED = ".learned"


def _arrays(path: Path) -> dict[str, Any]:
    """All arrays but the largest, of which rows are read when they are needed."""
    with safe_open(path, framework="numpy") as file:
        names = list(file.keys())
        arrays = {name: file.get_tensor(name) for name in names if not name.endswith(LEARNED)}
    return {**arrays, **{name: LearnedRows(path, name) for name in names if name.endswith(LEARNED)}}


def open_version(version: Version, space: str) -> Trained:
    """Read a version. space: fingerprint of the encoder that reads items' texts here

    raises: NotServable
    """
    try:
        plan = json.loads((version.path / PLAN).read_text(encoding="utf-8"))
        items = json.loads((version.path / ITEMS).read_text(encoding="utf-8"))
        arrays = _arrays(version.path / ARRAYS)
    except (OSError, ValueError, SafetensorError) as error:
        raise NotServable(version.ref, "it holds no recommender") from error
    if plan.get("format") != FORMAT:
        raise NotServable(version.ref, "it was written by a newer release")
    if plan["space_scale"] is not None and version.card.base.fingerprint != space:
        raise NotServable(version.ref, "it was trained with another encoder of texts")
    said = plan["blend"]
    weights, slopes = np.array(said["weights"]), np.array(said["slopes"])
    blend = Blended(tuple(said["names"]), weights, slopes, said["middle"], said.get("unseen", 0.0))
    unseen = arrays.get("unseen", np.zeros(len(items), dtype=np.bool_))  # versions of older releases have none
    parts = {name: _part(name, about, arrays, version.ref) for name, about in plan["signals"].items()}
    own = {name: parts[name] for name in blend.names}
    return Trained(version.ref, items, own, blend, _space(plan, arrays), unseen)


def _space(plan: Mapping[str, Any], arrays: Arrays) -> TextSpace | None:
    if plan["space_scale"] is None:
        return None
    return TextSpace(arrays["space.middle"], arrays["space.directions"], plan["space_scale"])


def _part(name: str, about: Mapping[str, Any], arrays: Arrays, ref: str) -> Part:
    match about["kind"]:
        case "neighbours":
            damping = arrays[f"{name}.damping"] if about["damped"] else None
            rows = arrays[f"{name}.starts"], arrays[f"{name}.items"], arrays[f"{name}.weights"]
            return Neighbours(*rows, about["fade"], damping)
        case "text":
            return TextTaste(about["fade"])
        case "popularity":
            return Wanted(arrays[f"{name}.amounts"])
        case "sequence":
            return [_network(f"{name}.{at}.", shape, arrays) for at, shape in enumerate(about["shapes"])]
    raise NotServable(ref, f"it has a signal of an unknown kind, {name}")


def _network(prefix: str, shape: Mapping[str, Any], arrays: Arrays) -> Networked:
    """Without the texts that it was trained with: those of the catalogue as it is now count."""
    own = {key.removeprefix(prefix): value for key, value in arrays.items() if key.startswith(prefix)}
    own.pop("text", None)
    learned = own.pop(LEARNED[1:])
    return Networked(Weights(shape, own), learned)
