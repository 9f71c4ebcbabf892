"""Where a training stands, on disk, so that a killed one goes on there. Trains nothing."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from core.backend.registry.durable import writing
from core.training import checkpoints

EVERY_S = 20.0
"""A kill costs at most so much work and one epoch; writing takes a fraction of a second."""


@dataclass
class Kept:
    """How far one network is. every_s: seconds that pass between two writings at least

    step: batches done;  epoch: epochs done;  seconds: spent on it, by this process and those before it
    """

    path: Path
    every_s: float = EVERY_S
    step: int = 0
    epoch: int = 0
    seconds: float = 0.0
    _written: float = field(default_factory=time.monotonic)

    def load(self, network: nn.Module, optimizer: torch.optim.Optimizer, average: nn.Module | None) -> bool:
        """Put weights, moments and chance back to where they were. returns: False when there is nothing"""
        place = checkpoints.load(self.path, _parameters(network, average), optimizer)
        if place is None:
            return False
        self.step, self.epoch, self.seconds = place.step, place.epoch, place.seconds
        return True

    def save(
        self,
        network: nn.Module,
        optimizer: torch.optim.Optimizer,
        average: nn.Module | None,
        *,
        done: bool = False,
    ) -> None:
        """Write, if it is time. done: the training is over, so it is

        raises: TriviumError when the disk is full
        """
        if not done and time.monotonic() - self._written < self.every_s:
            return
        place = checkpoints.Place(step=self.step, epoch=self.epoch, seconds=self.seconds)
        checkpoints.save(self.path, _parameters(network, average), optimizer, place)
        self._written = time.monotonic()


def _parameters(network: nn.Module, average: nn.Module | None) -> dict[str, nn.Parameter]:
    found = dict(network.named_parameters())
    if average is not None:
        found |= {f"average.{name}": value for name, value in average.named_parameters()}
    return found


@dataclass(frozen=True)
class Trail:
    """The folder of one training's networks."""

    folder: Path
    every_s: float = EVERY_S

    def of(self, stage: str, about: Mapping[str, Any]) -> Kept:
        """How far a network is. stage: which one it is;  about: its recipe"""
        return Kept(self.folder / f"{stage}-{checkpoints.run_id(**about)}.safetensors", self.every_s)


@contextmanager
def trail(home: Path, name: str, show: Callable[[str], None], **about: object) -> Iterator[Trail]:
    """Find what a killed training left; what is done without a fault leaves nothing.

    about: all that decides what is learned: data, seed; what was left of another is removed
    raises: DiskFull, CannotWrite
    """
    folder = home / "training" / f"recommend-{name}"
    own = folder / checkpoints.run_id(**about)
    with writing(folder):
        for other in folder.iterdir() if folder.exists() else ():
            if other != own:
                shutil.rmtree(other, ignore_errors=True)
        if own.exists() and any(own.iterdir()):
            show("A training of the same data was stopped: it goes on where it was.")
        own.mkdir(parents=True, exist_ok=True)
        yield Trail(own)
        shutil.rmtree(folder, ignore_errors=True)
