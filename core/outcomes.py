"""What a trained model is asked and what it says: words that training, serving and measuring share. Knows no model."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.errors import Invalid


class Asked(Protocol):
    """A text, and whom in it the answer is about, "" for nobody."""

    @property
    def text(self) -> str: ...

    @property
    def entity(self) -> str: ...


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


@dataclass(frozen=True)
class Valued:
    """One row with a number. value: finite, in whatever unit the data have;  entity: as for `Labelled`"""

    text: str
    value: float
    entity: str = ""


@dataclass(frozen=True)
class Estimate:
    """What a model of numbers says. low, high: between which the true value lies for a known share of all texts"""

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        """With six significant digits: float32 holds no more.

        >>> Estimate(3.14159265, 2.0, 4.0).as_dict()
        {'value': 3.14159, 'low': 2.0, 'high': 4.0}
        """
        return {"value": _short(self.value), "low": _short(self.low), "high": _short(self.high)}


Predict = Callable[[Sequence[Labelled]], Sequence[Prediction]]
"""A model as the evaluation sees it: rows in, one prediction a row out. It must not look at the rows' labels."""


def check_paired(rows: Sequence[object], *models: Sequence[object]) -> None:
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


def _short(number: float) -> float:
    return float(f"{number:.6g}")
