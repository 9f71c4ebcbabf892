"""Confidence is made true, and the threshold costs what it may."""

import numpy as np

from core.backend.head import softmax
from core.training.calibration import MOST_REFUSED, fit_temperature, fit_threshold


def drawn(temperature: float, n: int = 4_000) -> "tuple[np.ndarray, np.ndarray]":
    chance = np.random.default_rng(1)
    logits = chance.normal(0, 3, (n, 4)).astype(np.float32)
    truth = softmax(logits / temperature)
    targets = np.array([chance.choice(4, p=row / row.sum()) for row in truth.astype(np.float64)])
    return logits, targets


def test_the_temperature_under_which_labels_were_drawn_is_found():
    for temperature in (0.5, 2.0):
        assert abs(fit_temperature(*drawn(temperature)) - temperature) < 0.1 * temperature


def test_without_strangers_few_right_answers_are_given_up():
    logits, targets = drawn(0.2)
    right = logits[logits.argmax(axis=1) == targets].max(axis=1) / 10
    threshold = fit_threshold(logits, targets, 10.0, np.zeros((0, 4), np.float32))
    assert abs((right < threshold).mean() - MOST_REFUSED) < 0.005


def test_strangers_that_stand_apart_are_refused_at_no_cost():
    known = np.full((50, 2), 9.0, np.float32)
    strange = np.full((20, 2), 1.0, np.float32)
    threshold = fit_threshold(known, np.zeros(50, np.int64), 10.0, strange)
    assert 0.1 < threshold <= 0.9
