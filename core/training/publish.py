"""A finished training becomes a version: its files and its card. Trains nothing."""

from datetime import datetime
from pathlib import Path

from core.backend.checkpoint import Checkpoint
from core.backend.merging import copy_about
from core.backend.registry import Card, Registry, Version
from core.backend.registry.card import Backbone, Dataset, Machine, Metric
from core.evaluation.intervals import Figure
from core.tasks import Task
from core.training.examples import Examples
from core.training.fit import Trained, machine
from core.training.recipe import Recipe


def publish(
    trained: Trained,
    registry: Registry,
    name: str,
    *,
    task: Task,
    examples: Examples,
    base: Checkpoint,
    recipe: Recipe,
    metrics: dict[str, Figure],
    now: datetime,
    command: str,
    licence: str,
) -> Version:
    """Write everything into a draft, then publish it whole.

    raises: Changed when a data file is not what was trained on; DiskFull, CannotWrite
    """
    with registry.draft(name) as draft:
        trained.network.save_backbone(draft)
        for folder in (draft / "encoder", draft / "adapter"):
            if folder.is_dir():
                copy_about(base.path, folder)
                _tidy(folder)
        trained.head.save(draft)
        for source in examples.sources:
            source.check()
        card = Card(
            task=task.name,
            objective=task.objective,
            base=Backbone(name=base.name, fingerprint=base.fingerprint),
            labels=list(trained.head.about.labels),
            method=recipe.method,
            recipe=recipe.model_dump(mode="json"),
            seeds=[recipe.seed + run for run in range(recipe.runs)],
            data=[
                Dataset(name=source.path.name, sha256=source.sha256, rows=source.rows, licence=licence)
                for source in examples.sources
            ],
            metrics={
                name: Metric(value=figure.value, low=figure.low, high=figure.high, n=figure.n)
                for name, figure in metrics.items()
            },
            trained_at=now,
            seconds=round(trained.seconds, 1),
            machine=Machine.model_validate(machine()),
            command=command,
            licence=licence,
            notes=f"Calibrated on {trained.held_out} rows that were not trained on; the metrics are of those rows.",
        )
        return registry.publish(name, draft, card)


def _tidy(folder: Path) -> None:
    """What peft and transformers write besides (a page that says nothing) is not kept: the card says it."""
    for page in folder.glob("*.md"):
        page.unlink()
