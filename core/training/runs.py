"""One training, or several that begin alike and differ by chance, whose weights are then averaged. Knows no task."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from core.training import loop
from core.training.backbone import PooledBackbone
from core.training.loop import Lesson, Progress, Score
from core.training.recipe import Recipe

Show = Callable[[str, Progress], None]
Trainee = TypeVar("Trainee", bound=nn.Module)


def train_runs(
    begin: Callable[[int], tuple[Trainee, Lesson, Score | None]],
    recipe: Recipe,
    folder: Path,
    stage: str,
    show: Show,
) -> Trainee:
    """Train `recipe.runs` networks.

    begin: from a run's seed to its network, its lesson and the score to stop on; all networks must begin alike
    folder: of the checkpoints;  show: told the stage and where it is
    """
    networks = []
    for run in range(recipe.runs):
        torch.manual_seed(recipe.seed)
        network, lesson, score = begin(recipe.seed + run)
        named = f"{stage}, run {run + 1} of {recipe.runs}" if recipe.runs > 1 else stage
        loop.train(
            network,
            lesson,
            recipe,
            folder / f"run-{run}",
            seed=recipe.seed + run,
            score=score if recipe.patience else None,
            show=lambda progress, named=named: show(named, progress),  # type: ignore[misc]
        )
        networks.append(network)
    network = averaged(networks)
    if isinstance(network, PooledBackbone):
        network.fold()
    return network


@torch.no_grad()
def averaged(networks: Sequence[Trainee]) -> Trainee:
    """The mean of the trained weights (Wortsman et al., 2022, "Model soups"); they must come from one beginning."""
    first = networks[0]
    others = [_trained(network) for network in networks[1:]]
    for name, value in _trained(first).items():
        if others:
            value.copy_(torch.stack([value, *(other[name] for other in others)]).mean(dim=0))
    return first


def _trained(network: nn.Module) -> dict[str, nn.Parameter]:
    return {name: value for name, value in network.named_parameters() if value.requires_grad}
