"""Labels without a single example: each is where its own words lie. Nothing is trained and the backbone stays."""

import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from core.backend.checkpoint import Checkpoint
from core.backend.encoder import Floats
from core.backend.head import Head, HeadAbout, marked
from core.backend.tokens import Tokens
from core.evaluation.classification import measure
from core.evaluation.intervals import Figure
from core.outcomes import Labelled, Prediction
from core.training import calibration
from core.training.backbone import PooledBackbone, best_device, cut, encode
from core.training.examples import Examples
from core.training.recipe import Recipe
from core.training.transfer.labels import LabelTexts

TEMPERATURE = 1.0
"""Without rows to calibrate on. With scale 20, least cross-entropy on 1,000 messages each of BANKING77, CLINC150 and
HWU64 was at 1.23, 0.96 and 1.00."""
NEVER = -1.0  # no text is less familiar, so that none is refused


@dataclass(frozen=True)
class ZeroShot:
    """A head of label texts (a result, see `core.training.publish`). rows: for measuring; there may be none"""

    head: Head
    rows: tuple[Labelled, ...]
    predictions: tuple[Prediction, ...]
    seconds: float

    @property
    def labels(self) -> list[str]:
        """What it tells apart."""
        return list(self.head.about.labels)

    @property
    def notes(self) -> str:
        """What its card says besides."""
        made = "Made from the words of its labels, without an example."
        if not self.rows:
            return (
                f"{made} Its confidence is not calibrated, it refuses nothing, and nothing was measured: there were no "
                "validation rows."
            )
        return f"{made} Calibrated on {len(self.rows)} validation rows; the metrics are of those rows."

    def measure(self) -> dict[str, Figure]:
        """Figures of the validation rows; none without these."""
        return measure(self.rows, self.predictions) if self.rows else {}

    def save(self, draft: Path) -> None:
        """Write the head; the backbone is as it was."""
        self.head.save(draft)


def fit_zero_shot(labels: LabelTexts, valid: Examples | None, checkpoint: Checkpoint, recipe: Recipe) -> ZeroShot:
    """Each label's vector is the mean of its text's in every template; with validation rows, calibrated on these."""
    began = time.monotonic()
    network, tokens = PooledBackbone(checkpoint, recipe).to(best_device()), Tokens(checkpoint)

    def read(texts: list[str]) -> Floats:
        vectors: Floats = encode(network, cut(texts, tokens, recipe)).numpy()
        return vectors

    filled = read([text for label in labels.texts for text in labels.filled(label, recipe.templates)])
    means = filled.reshape(len(labels.texts), len(recipe.templates), -1).mean(axis=1)  # (c · t, d) -> (c, d)
    vectors = means / np.linalg.norm(means, axis=1, keepdims=True)
    head = Head(HeadAbout(tuple(labels.texts), recipe.scale, TEMPERATURE, NEVER), vectors)
    predictions: tuple[Prediction, ...] = ()
    if valid is not None:
        number = {label: at for at, label in enumerate(labels.texts)}
        targets = np.array([-1 if row.label is None else number[row.label] for row in valid.rows])
        logits, inside = head.logits(read(marked(valid.rows))), targets >= 0
        strangers = logits[~inside]
        fitted = calibration.fit(logits[inside], targets[inside], recipe.scale, strangers, recipe.answer_from)
        about = replace(head.about, **asdict(fitted))
        head = replace(head, about=about)
        predictions = tuple(head.decide(logits))
    rows = valid.rows if valid is not None else ()
    return ZeroShot(head, rows, predictions, time.monotonic() - began)
