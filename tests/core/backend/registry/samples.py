"""A card and a way to publish that fit on one line of a test."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.backend.registry import Backbone, Card, Dataset, Machine, Metric, Registry, Version

WEIGHTS = "head.safetensors"


def card(**changes: Any) -> Card:
    """A card of a small mood model."""
    plain: dict[str, Any] = {
        "task": "mood",
        "objective": "cross-entropy",
        "base": Backbone(name="all-minilm-l6-v2", fingerprint="f" * 64),
        "labels": ["down", "up"],
        "method": "lora",
        "recipe": {"rank": 8, "rate": 2e-4, "layers": ["q", "v"]},
        "seeds": [7],
        "data": [Dataset(name="headlines.csv", sha256="a" * 64, rows=1200, licence="cc-by-4.0")],
        "metrics": {"macro_f1": Metric(value=0.81234, low=0.78, high=0.84, n=500)},
        "trained_at": datetime(2026, 1, 1, 12, tzinfo=UTC),
        "seconds": 93.4,
        "machine": Machine(cpu="Some CPU @ 2.10GHz", cores=2, torch="2.9.0"),
        "command": "trivium train mood --data /home/ada/headlines.csv",
        "licence": "cc-by-4.0",
    }
    return Card(**{**plain, **changes})


def publish(registry: Registry, name: str = "mood", content: str = "weights", **more: Any) -> Version:
    """Publish one small file. more: `promote`, or what the card should say"""
    promote = more.pop("promote", False)
    with registry.draft(name) as draft:
        (draft / WEIGHTS).write_text(content)
        return registry.publish(name, draft, card(**more), promote=promote)


def all_paths(folder: Path) -> set[str]:
    """Every path below a folder, hidden ones too."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
