"""A finished training of an encoder without labels: what it became, beside what it was. Trains nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.evaluation.intervals import Figure
from core.training.backbone import PooledBackbone


@dataclass(frozen=True)
class TrainedEncoder:
    """after, before: the same figures, of the trained network and of the backbone as it was"""

    network: PooledBackbone
    after: Mapping[str, Figure]
    before: Mapping[str, Figure]
    notes: str
    seconds: float
    labels: tuple[str, ...] = ()

    def measure(self) -> dict[str, Figure]:
        """Figures of what was not trained on, then those of the backbone: what the training was worth."""
        return {**self.after, **{f"{name}_of_the_backbone": figure for name, figure in self.before.items()}}

    def save(self, draft: Path) -> None:
        """Write the backbone; there is no head."""
        self.network.save_backbone(draft)
