"""Rows and predictions of a model that does not exist."""

import numpy as np

from core.outcomes import Labelled, Prediction


def rows(*labels: str | None) -> list[Labelled]:
    return [Labelled(f"row {number}", label) for number, label in enumerate(labels)]


def said(*labels: str | None, confidence: float = 0.9) -> list[Prediction]:
    return [Prediction(label, confidence) for label in labels]


def crowd(n: int, labels: int, seed: int = 1, right: float = 0.8) -> tuple[list[Labelled], list[Prediction]]:
    """n rows of `labels` labels and one in ten out of scope, of which a share of `right` is decided rightly."""
    chance = np.random.default_rng(seed)
    names = [f"label {code}" for code in range(labels)]
    drawn, other = chance.integers(0, labels, size=(2, n))
    truth = [None if chance.random() < 0.1 else names[code] for code in drawn]
    guesses = [label if chance.random() < right else names[code] for label, code in zip(truth, other, strict=True)]
    sure = chance.uniform(0.3, 1, n)
    predictions = [
        Prediction(label, c, {} if label is None else {label: c, "another": (1 - c) / 2})
        for label, c in zip(guesses, sure.tolist(), strict=True)
    ]
    return [Labelled(f"text {at}", label) for at, label in enumerate(truth)], predictions
