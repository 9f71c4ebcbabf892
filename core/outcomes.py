"""What a classifier is asked and what it says: the words that training, serving and measuring share. Computes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Labelled:
    """A text and what is true of it. label: None where it is out of scope;  entity: what the label is about, if any"""

    text: str
    label: str | None = None
    entity: str = ""


@dataclass(frozen=True)
class Prediction:
    """label: None when the text was refused as out of scope

    confidence: the calibrated probability of the most probable known label, in [0, 1]
    probabilities: of every known label; they sum to 1
    """

    label: str | None
    confidence: float
    probabilities: Mapping[str, float]
