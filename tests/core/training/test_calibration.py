"""Confidence is made true, and the threshold costs what it may."""

from dataclasses import asdict

import numpy as np
import pytest

from core.backend.head import Head, HeadAbout, softmax
from core.training.calibration import fit, fit_temperature


def drawn(temperature: float, n: int = 4_000) -> "tuple[np.ndarray, np.ndarray]":
    chance = np.random.default_rng(1)
    logits = chance.normal(0, 3, (n, 4)).astype(np.float32)
    truth = softmax(logits / temperature)
    targets = np.array([chance.choice(4, p=row / row.sum()) for row in truth.astype(np.float64)])
    return logits, targets


def test_the_temperature_under_which_labels_were_drawn_is_found():
    for temperature in (0.5, 2.0):
        assert abs(fit_temperature(*drawn(temperature)) - temperature) < 0.1 * temperature


NONE = np.zeros((0, 4), np.float32)


def test_without_strangers_a_label_is_said_from_the_probability_that_was_asked_for():
    fitted = fit(*drawn(0.2), 10.0, NONE, 0.6)
    assert (fitted.refuse_by, fitted.refuse_below) == ("probability", 0.6)


@pytest.mark.parametrize(
    ("strange", "by"),
    [
        # Far from every label, though nearer to one than to the other.
        ([1.0, -8.0], "cosine"),
        # As near to two labels as a known text to one.
        ([9.0, 9.0], "probability"),
    ],
)
def test_what_tells_strangers_apart_is_found_out(strange: list[float], by: str):
    logits = np.array([[9.0, -1.0]] * 50 + [[-1.0, 9.0]] * 50, np.float32)
    targets = np.array([0] * 50 + [1] * 50)
    fitted = fit(logits, targets, 10.0, np.array([strange] * 20, np.float32), 0.7)
    assert fitted.refuse_by == by
    head = Head(HeadAbout(("a", "b"), 10.0, **asdict(fitted)), np.eye(2, dtype=np.float32))
    assert {said.label for said in head.decide(logits)} == {"a", "b"}
    assert {said.label for said in head.decide(np.array([strange], np.float32))} == {None}
