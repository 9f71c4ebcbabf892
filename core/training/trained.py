"""A finished training of labels: what predicts, and what it says of rows that it did not learn from. Trains nothing."""

from dataclasses import dataclass
from pathlib import Path

from core.backend.head import Head
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
        """Write backbone and head."""
        self.network.save_backbone(draft)
        self.head.save(draft)
