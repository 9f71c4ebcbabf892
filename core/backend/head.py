"""What turns a vector into a label: label vectors, a temperature, and a threshold below which nothing is said.

Runs without torch. Written by `core.training`, as head.safetensors and head.json.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from core.backend.encoder import Floats
from core.errors import Misconfigured
from core.outcomes import Asked, Prediction

FORMAT = 1
WEIGHTS, ABOUT = "head.safetensors", "head.json"

Measure = Literal["cosine", "probability"]


@dataclass(frozen=True)
class HeadAbout:
    """All of a head but its vectors. scale: of cosines before the softmax;  temperature: what logits are divided by

    refuse_by: what tells whether a text is out of scope, see `familiarity`;  refuse_below: it is when that is lower
    """

    labels: tuple[str, ...]
    scale: float
    temperature: float
    refuse_below: float
    refuse_by: Measure = "cosine"
    format: int = FORMAT


@dataclass(frozen=True)
class Head:
    """labels: (c, d), unit rows, one a label"""

    about: HeadAbout
    labels: Floats

    def logits(self, vectors: Floats) -> Floats:
        """vectors: (n, d), unit rows;  returns: (n, c)"""
        logits: Floats = np.float32(self.about.scale) * (vectors @ self.labels.T)  # (n, d) @ (d, c) -> (n, c)
        return logits

    def read(self, vectors: Floats) -> list[Prediction]:
        """vectors: (n, d), unit rows"""
        return self.decide(self.logits(vectors))

    def decide(self, logits: Floats) -> list[Prediction]:
        """logits: (n, c), from `logits`"""
        if not len(logits):
            return []
        about = self.about
        probabilities = softmax(logits / about.temperature)
        best = probabilities.argmax(axis=1)
        known = familiarity(logits, about.refuse_by, about.scale, about.temperature) >= about.refuse_below
        return [
            Prediction(
                label=about.labels[at] if says else None,
                confidence=float(row[at]),
                probabilities=dict(zip(about.labels, row.tolist(), strict=True)),
            )
            for row, at, says in zip(probabilities, best.tolist(), known.tolist(), strict=True)
        ]

    def save(self, folder: Path) -> None:
        """Write both files into a draft."""
        save_file({"labels": np.ascontiguousarray(self.labels, np.float32)}, folder / WEIGHTS)
        (folder / ABOUT).write_text(json.dumps(asdict(self.about), indent=1, ensure_ascii=False), encoding="utf-8")


def load_head(folder: Path) -> Head:
    """raises: Misconfigured when the files are missing or of another format"""
    try:
        held = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        about = HeadAbout(**{**held, "labels": tuple(held["labels"])})
        labels = load_file(folder / WEIGHTS)["labels"]
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise Misconfigured(
            f"the head in {folder.name} cannot be read ({type(error).__name__})", remedy="import the model again"
        ) from error
    if about.format != FORMAT or len(labels) != len(about.labels):
        raise Misconfigured("the head is of another format than this version reads", remedy="update Trivium")
    return Head(about, labels)


def softmax(logits: Floats) -> Floats:
    """logits: (n, c);  returns: (n, c), rows sum to 1"""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares


def familiarity(logits: Floats, by: Measure, scale: float, temperature: float) -> Floats:
    """How near a text is to what was trained: its cosine to the nearest label, or the probability of the likeliest.

    logits: (n, c);  returns: (n,), in [-1, 1]
    """
    nearest: Floats = logits.max(axis=1) / scale if by == "cosine" else softmax(logits / temperature).max(axis=1)
    return nearest


def written(row: Asked) -> str:
    """A row as the backbone reads it; the entity that the label is about stands first and in brackets where it occurs.

    >>> from core.outcomes import Labelled
    >>> written(Labelled("Fiat falls, Ford rises", entity="Ford"))
    'Ford: Fiat falls, [ Ford ] rises'
    """
    if not row.entity:
        return row.text
    if (place := entity_place(row)) is None:
        return f"{row.entity}: {row.text}"
    at, end = place
    return f"{row.entity}: {row.text[:at]}[ {row.text[at:end]} ]{row.text[end:]}"


def entity_place(row: Asked) -> tuple[int, int] | None:
    """Where the entity stands in the text, begin and end in characters; None where it does not.

    >>> from core.outcomes import Labelled
    >>> entity_place(Labelled("Fiat falls, Ford rises", entity="ford"))
    (12, 16)
    """
    at = row.text.lower().find(row.entity.lower()) if row.entity else -1
    if at < 0 or len(row.text.lower()) != len(row.text):  # some letters grow when lowered, and places would not fit
        return None
    return at, at + len(row.entity)


def written_place(row: Asked, at: int) -> int:
    """Where a character of the text stands in the row as `written`; for characters outside the entity.

    >>> from core.outcomes import Labelled
    >>> row = Labelled("Fiat falls, Ford rises", entity="Ford")
    >>> [written(row)[written_place(row, at) :][:4] for at in (0, 17)]
    ['Fiat', 'rise']
    """
    before = len(row.entity) + 2 if row.entity else 0
    place = entity_place(row)
    return before + at + (4 if place is not None and at >= place[1] else 0)


def marked(rows: Sequence[Asked]) -> list[str]:
    """Each row as `written`."""
    return [written(row) for row in rows]
