"""What a classifier is asked and what it says: words that training, serving and measuring share. Knows no model."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import Invalid


@dataclass(frozen=True)
class Labelled:
    """One row of labelled data.

    label: None when no label fits (out of scope)
    entity: whom the label is about, as it stands in `text`; "" for nobody
    """

    text: str
    label: str | None = None
    entity: str = ""


@dataclass(frozen=True)
class Prediction:
    """One decision of a model.

    label: None when the model refuses (out of scope);  confidence: that the decision is right, in [0, 1]
    probabilities: known label → probability; may be empty when the model gives none
    """

    label: str | None
    confidence: float
    probabilities: Mapping[str, float] = field(default_factory=dict)

    def most_probable(self) -> tuple[str | None, float]:
        """The known label with the highest probability, whether or not the model then refused.

        Without probabilities: the decision and its confidence.

        >>> Prediction(None, 0.7, {"lost card": 0.4, "fee": 0.1}).most_probable()
        ('lost card', 0.4)
        """
        if not self.probabilities:
            return self.label, self.confidence
        return max(self.probabilities.items(), key=lambda item: item[1])


Predict = Callable[[Sequence[Labelled]], Sequence[Prediction]]
"""A model as the evaluation sees it: rows in, one prediction a row out. It must not look at the rows' labels."""


def check_paired(rows: Sequence[Labelled], *models: Sequence[Prediction]) -> None:
    """raises: Invalid without rows, or when a model's predictions are not one a row"""
    if not rows:
        raise Invalid("there are no labelled rows", remedy="give at least one row")
    for predictions in models:
        if len(predictions) != len(rows):
            raise Invalid(f"{len(rows)} rows but {len(predictions)} predictions", remedy="predict each row once")


def fingerprint(rows: Sequence[Labelled]) -> str:
    """returns: the first 16 hexadecimal digits of SHA-256 over the rows in their order

    >>> fingerprint([Labelled("a", None)]) == fingerprint([Labelled("a", "None")])
    False
    """
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps([row.text, row.label, row.entity]).encode() + b"\n")
    return digest.hexdigest()[:16]
