"""Several processes that train one network, each on its share of every batch (torchrun). Knows no task and no loop.

Started alone, every function here does nothing. All ranks must see one TRIVIUM_HOME; only rank 0 writes to it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from core.errors import Misconfigured, TriviumError

if TYPE_CHECKING:
    from torch import Tensor, device, nn

Result = TypeVar("Result")
PATIENCE = timedelta(hours=1)  # of a process that waits for the others; one that was killed is noticed at once
SEEDS = 2**63
DONE, FAILED = 0.0, 1.0


class Parted(TriviumError):
    """The processes of a training no longer stand together."""

    def __init__(self) -> None:
        super().__init__(
            "the training has stopped, since one of its processes ended or all were told to",
            remedy="start the same command again; it goes on where it was last saved",
        )


def size() -> int:
    """How many processes train together, as torchrun says."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """Which of them this one is, from 0."""
    return int(os.environ.get("RANK", "0")) if size() > 1 else 0


def leads() -> bool:
    """Whether this is the one that saves, publishes and speaks."""
    return rank() == 0


def as_started(command: str) -> str:
    """The command as a card shall have it."""
    if size() == 1:
        return command
    return f"torchrun --nproc-per-node {size()} -m core.cli {command.removeprefix('trivium ')}"


@contextmanager
def joined() -> Iterator[None]:
    """Find the other processes, if there are any, and let go of them at the end.

    raises: Parted from within, when another process ends before this one is done; Misconfigured with too few GPUs
    """
    if size() == 1:
        yield
        return
    import torch
    from torch import distributed

    backend = "gloo"
    if torch.cuda.is_available():
        here, gpus = int(os.environ["LOCAL_WORLD_SIZE"]), torch.cuda.device_count()
        if here > gpus:
            raise Misconfigured(f"{here} processes share {gpus} GPU", remedy="start one process for each GPU")
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        backend = "nccl"
    before = signal.signal(signal.SIGTERM, _told_to_stop)
    try:
        with _noticing():
            distributed.init_process_group(backend, timeout=PATIENCE)
        yield
        distributed.destroy_process_group()
        signal.signal(signal.SIGTERM, before)
    except BaseException:  # torchrun tells all processes to stop when one fails; this one is about to end anyway
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise


def lead_first(work: Callable[[], Result]) -> Result:
    """Let rank 0 do it, then all others: what cannot be done is said once. A rank that rank 0 failed exits quietly."""
    if size() == 1:
        return work()
    if leads():
        try:
            done = work()
        except BaseException:
            _from_lead(FAILED)
            raise
        _from_lead(DONE)
        return done
    if _from_lead(DONE) == FAILED:
        sys.exit(1)  # rank 0 says why
    return work()


def share(batch: Sequence[int]) -> Sequence[int]:
    """This process' part of a batch: every n-th example, so that long ones, which stand together, are dealt evenly.

    returns: nothing, where the batch has fewer examples than there are processes
    """
    return batch[rank() :: size()]


def begin_step(seed: int, step: int) -> None:
    """Chance of its own for each process and step, so that a run that goes on draws what it would have drawn."""
    if size() > 1:
        import torch

        torch.manual_seed((seed * 1_000_003 + step * size() + rank()) % SEEDS)


def add_up(parameters: Iterable[nn.Parameter]) -> None:
    """Every gradient becomes the sum over all processes, to the same bits in each."""
    if size() == 1:
        return
    import torch

    held = list(parameters)
    flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in held])
    _reduced(flat)
    for parameter, part in zip(held, torch.split(flat, [p.numel() for p in held]), strict=True):
        parameter.grad = part.view_as(parameter)


def total(value: float) -> float:
    """returns: the sum over all processes"""
    return value if size() == 1 else float(_reduced(_scalar(value)))


def agreed(value: float) -> float:
    """returns: what rank 0 found, so that all stop at the same time"""
    return value if size() == 1 else _from_lead(value)


def begin_alike(parameters: Iterable[nn.Parameter], step: int) -> None:
    """Give every process the weights of rank 0.

    step: where this process found the run to stand
    raises: Misconfigured when another found it elsewhere
    """
    if size() == 1:
        return
    from torch import distributed

    if _from_lead(step) != step:
        raise Misconfigured(
            "the processes see different checkpoints", remedy="give all machines one TRIVIUM_HOME on a shared disk"
        )
    with _noticing():
        for parameter in parameters:
            distributed.broadcast(parameter.data, src=0)


def wait() -> None:
    """Until all processes have come here."""
    total(0.0)


def _scalar(value: float) -> Tensor:
    import torch

    return torch.tensor(value, dtype=torch.float64, device=_device())


def _device() -> device:
    import torch
    from torch import distributed

    return torch.device("cuda" if distributed.get_backend() == "nccl" else "cpu")


def _reduced(values: Tensor) -> Tensor:
    from torch import distributed

    with _noticing():
        distributed.all_reduce(values)
    return values


def _from_lead(value: float) -> float:
    from torch import distributed

    said = _scalar(value)
    with _noticing():
        distributed.broadcast(said, src=0)
        return float(said)


@contextmanager
def _noticing() -> Iterator[None]:
    """What torch raises when another process has gone is said in a sentence."""
    try:
        yield
    except RuntimeError as error:
        raise Parted from error


def _told_to_stop(_: int, __: object) -> None:
    raise Parted
