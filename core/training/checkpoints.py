"""Where a run stands, on disk: weights, optimiser and chance as safetensors. A killed run goes on there."""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from core.backend.registry.durable import locked, writing
from core.errors import Conflict, TriviumError

_log = logging.getLogger(__name__)
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


class Damaged(TriviumError):
    """A checkpoint that is not what was written."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"the checkpoint {path.name} is damaged", remedy="start the training again")
        self.file = path.name


class Running(Conflict):
    """Another process has begun the very same training and is still at it."""

    def __init__(self) -> None:
        super().__init__("the same training is running already", remedy="wait for it, or choose another name or seed")


@dataclass
class Place:
    """Where a run stands. step: optimiser steps done;  best: the highest validation score so far, and its epoch

    seconds: spent on it, where somebody counts them
    """

    step: int = 0
    epoch: int = 0
    best: float = -1.0
    best_epoch: int = -1
    seconds: float = 0.0


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


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep a run's checkpoints to this process; a kill lets go of them.

    raises: Running; DiskFull, CannotWrite
    """
    lock = folder.with_name(f"{folder.name}.lock")
    with ExitStack() as opened:
        with writing(folder.parent):
            folder.parent.mkdir(parents=True, exist_ok=True)
            free = opened.enter_context(locked(lock, wait=False))
        if not free or not lock.exists():  # it goes when the other one is done
            raise Running
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def forget(folder: Path) -> None:
    """Remove a run's checkpoints when it has done its work."""
    shutil.rmtree(folder, ignore_errors=True)


def write(path: Path, tensors: dict[str, Tensor], about: dict[str, str]) -> None:
    """raises: TriviumError when the file cannot be written"""
    draft = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = {name: value.contiguous().cpu() for name, value in tensors.items()}
        save_file(whole, draft, metadata={**about, "sha256": _digest(whole)})
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    except (OSError, SafetensorError) as error:
        draft.unlink(missing_ok=True)
        raise TriviumError(
            f"the state of the training could not be saved ({error})", remedy="free some disk space and start again"
        ) from error


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """returns: tensors by name, and what was written about them

    raises: Damaged when they are not, byte for byte, what was written
    """
    try:
        with safe_open(path, framework="pt") as file:
            about = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  it is no mapping
    except (OSError, SafetensorError) as error:
        raise Damaged(path) from error
    if about.get("sha256") != _digest(tensors):
        raise Damaged(path)
    return tensors, about


def load(path: Path, parameters: dict[str, nn.Parameter], optimizer: Optimizer) -> Place | None:
    """Put a run back where it was.

    returns: None when there is no checkpoint; also when the disk has damaged it, which is logged: nothing is touched
        then, and the run begins anew, to the same result
    """
    if not path.exists():
        return None
    try:
        tensors, about = read(path)
    except Damaged as damage:
        _log.warning("a checkpoint is damaged, so training begins anew", extra={"file": damage.file})
        return None
    with torch.no_grad():
        for name, value in parameters.items():
            value.copy_(tensors[f"weight.{name}"])
            found = [moment for moment in _MOMENTS if f"{moment}.{name}" in tensors]
            if found:
                optimizer.state[value] = {moment: tensors[f"{moment}.{name}"] for moment in found}
    torch.set_rng_state(tensors["chance"])
    return Place(**json.loads(about["place"]))


def _digest(tensors: dict[str, Tensor]) -> str:
    found = hashlib.sha256()
    for name in sorted(tensors):
        found.update(name.encode())
        found.update(tensors[name].contiguous().view(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()
