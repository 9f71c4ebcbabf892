"""A finished training of labels: what predicts, and what it says of rows that it did not learn from. Trains nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.backend.head import Head
from core.evaluation.calibration import ReliabilityBin, reliability, save_reliability
from core.evaluation.classification import measure
from core.evaluation.intervals import Figure
from core.outcomes import Labelled, Prediction
from core.training.network import Network


@dataclass(frozen=True)
class Trained:
    """What a training gives.

    rows, predictions: what was not trained on (the validation rows, or parts held out in turn), and what was said of it
    about: where else its knowledge comes from, in sentences
    """

    network: Network
    head: Head
    rows: tuple[Labelled, ...]
    predictions: tuple[Prediction, ...]
    seconds: float
    about: str = ""

    @property
    def held_out(self) -> int:
        """How many rows were not trained on."""
        return len(self.rows)

    @property
    def labels(self) -> list[str]:
        """What it tells apart."""
        return list(self.head.about.labels)

    @property
    def notes(self) -> str:
        """What its card says besides."""
        measured = f"Calibrated on {self.held_out} rows that were not trained on; the metrics are of those rows."
        return f"{measured} {self.about}".strip()

    def measure(self) -> dict[str, Figure]:
        """Figures of the rows that were not trained on."""
        return measure(self.rows, self.predictions)

    def save(self, draft: Path) -> None:
        """Write backbone, head, and how true the confidence was on what was not trained on."""
        self.network.save_backbone(draft)
        self.head.save(draft)
        save_reliability(curve(self.rows, self.predictions), draft)


def curve(rows: Sequence[Labelled], predictions: Sequence[Prediction]) -> tuple[ReliabilityBin, ...]:
    """The reliability of the most probable label, on rows that are in scope."""
    said = [(one.most_probable(), row.label) for row, one in zip(rows, predictions, strict=True) if row.label]
    confidence = np.array([sure for (_, sure), _ in said])
    right = np.array([label == truth for (label, _), truth in said], dtype=np.bool_)
    return reliability(confidence, right)
