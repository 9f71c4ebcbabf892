"""The trained models that come with the package: finished version directories, each with its card. Opens none."""

from pathlib import Path

from core.backend.registry.contents import MANIFEST


def shipped_versions() -> list[Path]:
    """Their directories, in order."""
    return sorted(path.parent for path in Path(__file__).parent.glob(f"*/{MANIFEST}"))
