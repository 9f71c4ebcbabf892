"""A finished training becomes a version: its files and its card. Trains nothing."""

import json
import platform
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import torch

from core.backend.checkpoint import Checkpoint
from core.backend.merging import copy_about
from core.backend.registry import Card, Registry, Version
from core.backend.registry.card import HUB, Backbone, Dataset, Machine, Metric
from core.evaluation.intervals import Figure
from core.tasks import Task
from core.training.bases import Base
from core.training.recipe import Recipe
from core.training.sources import Source


class Files(Protocol):
    """What was learned from."""

    @property
    def sources(self) -> Sequence[Source]: ...


class Result(Protocol):
    """A finished training. labels: none when it is an encoder;  notes: what the card says besides"""

    @property
    def labels(self) -> Sequence[str]: ...

    @property
    def notes(self) -> str: ...

    @property
    def seconds(self) -> float: ...

    def measure(self) -> dict[str, Figure]:
        """Figures of what was not trained on."""
        ...

    def save(self, draft: Path) -> None:
        """Write what was learned into a folder."""
        ...


def publish(
    trained: Result,
    registry: Registry,
    name: str,
    *,
    task: Task,
    examples: Files,
    base: Base,
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
        trained.save(draft)
        for folder in (draft / "encoder", draft / "adapter"):
            if folder.is_dir():
                if isinstance(base, Checkpoint):  # others bring their tokenizer themselves
                    copy_about(base.path, folder)
                _tidy(folder, base)
        for source in examples.sources:
            source.check()
        card = Card(
            task=task.name,
            objective=task.objective,
            base=Backbone(name=base.name, fingerprint=base.fingerprint),
            labels=list(trained.labels),
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
            notes=trained.notes,
        )
        return registry.publish(name, draft, card)


def machine() -> dict[str, object]:
    """What computed it: no names of hosts or people."""
    return {"cpu": _processor(), "cores": torch.get_num_threads(), "torch": str(torch.__version__)}


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return torch.cuda.get_device_name() if torch.cuda.is_available() else named or platform.machine()


def _tidy(folder: Path, base: Base) -> None:
    """What peft and transformers write besides is not kept: pages that say nothing, and where the base lies here."""
    for page in folder.glob("*.md"):
        page.unlink()
    about = folder / "adapter_config.json"
    if about.is_file():
        held = json.loads(about.read_text(encoding="utf-8"))
        held |= {
            "base_model_name_or_path": HUB.get(base.name, base.name),
            "target_modules": sorted(held["target_modules"]),
        }
        about.write_text(json.dumps(held, indent=1), encoding="utf-8")
