"""Where a run stands, on disk: weights, optimiser and chance as safetensors. A killed run goes on there."""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from core.errors import TriviumError

_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


@dataclass
class Place:
    """Where a run stands. step: optimiser steps done;  best: the highest validation score so far, and its epoch"""

    step: int = 0
    epoch: int = 0
    best: float = -1.0
    best_epoch: int = -1


def run_id(**about: object) -> str:
    """Names a run by all that decides its result, so that the same command goes on where it was stopped."""
    return hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()[:24]


def save(path: Path, parameters: dict[str, nn.Parameter], optimizer: Optimizer, place: Place) -> None:
    """Write beside and rename: a kill leaves the last whole checkpoint.

    raises: TriviumError when the disk is full
    """
    tensors = {f"weight.{name}": value.detach() for name, value in parameters.items()}
    for name, value in parameters.items():
        state = optimizer.state.get(value, {})
        tensors |= {f"{moment}.{name}": torch.as_tensor(state[moment]) for moment in _MOMENTS if moment in state}
    tensors["chance"] = torch.get_rng_state()
    write(path, tensors, {"place": json.dumps(vars(place))})


def forget(folder: Path) -> None:
    """Remove a run's checkpoints when it has done its work."""
    shutil.rmtree(folder, ignore_errors=True)


def write(path: Path, tensors: dict[str, Tensor], about: dict[str, str]) -> None:
    """raises: TriviumError when the file cannot be written"""
    draft = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: value.contiguous().cpu() for name, value in tensors.items()}, draft, metadata=about)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    except (OSError, SafetensorError) as error:
        draft.unlink(missing_ok=True)
        raise TriviumError(
            f"the state of the training could not be saved ({error})", remedy="free some disk space and start again"
        ) from error


def load(path: Path, parameters: dict[str, nn.Parameter], optimizer: Optimizer) -> Place | None:
    """Put a run back where it was. returns: None when there is no checkpoint, or none that can be read"""
    try:
        with safe_open(path, framework="pt") as file:
            names = set(file.keys())
            place = Place(**json.loads((file.metadata() or {})["place"]))
            for name, value in parameters.items():
                value.data.copy_(file.get_tensor(f"weight.{name}"))
                found = [moment for moment in _MOMENTS if f"{moment}.{name}" in names]
                if found:
                    optimizer.state[value] = {moment: file.get_tensor(f"{moment}.{name}") for moment in found}
            torch.set_rng_state(file.get_tensor("chance"))
    except (OSError, SafetensorError, KeyError, ValueError, TypeError):
        return None  # it is not there, or a disk has damaged it: the run begins anew
    return place
