"""NAB's scoring against small cases computed by hand from the formulas of its sweeper."""

import math

import numpy as np
import pytest

from benchmarks.anomaly_scoring import A_FP, Series, normalised, scaled_sigmoid, sweep, weights


def series(name: str, rows: int, *windows: tuple[int, int]) -> Series:
    return Series(name, tuple(str(at) for at in range(rows)), np.zeros(rows), windows)


def alarms(rows: int, *at: int) -> np.ndarray:
    found = np.zeros(rows)
    found[list(at)] = 1.0
    return found


def test_an_alarm_in_a_windows_first_row_is_worth_one_and_in_its_last_row_little():
    worth, inside = weights(20, [(10, 13)])
    by_hand = [(2 / (1 + math.exp(-5 * left / 4)) - 1) / (2 / (1 + math.exp(-5)) - 1) for left in (4, 3, 2, 1)]
    assert worth[10:14] == pytest.approx(by_hand)
    assert worth[10] == 1.0
    assert inside[10:14].tolist() == [0, 0, 0, 0]


def test_a_false_alarm_costs_all_before_any_window_and_more_with_distance_behind_one():
    worth, _ = weights(40, [(10, 13)])
    assert worth[9] == -0.11
    assert worth[14] == pytest.approx(0.11 * (2 / (1 + math.exp(5 / 3)) - 1))
    assert worth[22] == -0.11  # nine rows behind a window of four: position 3
    assert worth[21] == pytest.approx(A_FP * scaled_sigmoid(8 / 3))


def test_the_first_15_percent_count_for_nothing():
    _, inside = weights(100, [])
    assert (inside[:15] == -2).all()
    assert inside[15] == -1
    assert (weights(15_902, [])[1][[749, 750]] == [-2, -1]).all()


def test_a_window_counts_once_by_its_best_alarm():
    one = series("a", 40, (10, 13))
    found = sweep([one], {"a": alarms(40, 11, 12, 13)})
    assert found.at(1.0) == pytest.approx(weights(40, [(10, 13)])[0][11])


def test_a_missed_window_costs_one_and_silence_scores_0():
    one = series("a", 40, (10, 13), (30, 33))
    silent = sweep([one], {"a": np.full(40, 0.5)})
    assert normalised(silent.at(1.1), 2) == 0.0
    half = sweep([one], {"a": alarms(40, 10)})
    assert half.at(1.0) == 0.0  # one found in full, one missed


def test_the_perfect_detector_scores_100():
    both = [series("a", 40, (10, 13)), series("b", 60, (20, 29), (40, 49))]
    found = sweep(both, {"a": alarms(40, 10), "b": alarms(60, 20, 40)})
    assert normalised(found.at(found.best()), 3) == pytest.approx(100.0)


def test_one_threshold_serves_all_series():
    both = [series("a", 40, (10, 13)), series("b", 40, (10, 13))]
    scores = {"a": 0.9 * alarms(40, 10), "b": 0.6 * alarms(40, 10) + 0.7 * alarms(40, 8, 9)}
    found = sweep(both, scores)
    assert found.best() == 0.6
    assert found.at(0.6) == pytest.approx(2.0 - 2 * 0.11)
    assert found.at(0.65) == pytest.approx(1.0 - 1.0 - 2 * 0.11)  # between two scores: what is at least so high
    assert found.at(0.9) == pytest.approx(0.0)


def test_rows_of_one_score_are_taken_together():
    one = series("a", 40, (10, 13))
    found = sweep([one], {"a": np.full(40, 0.5)})
    assert found.thresholds.tolist() == [1.1, 0.5]
    assert found.scores[1] == pytest.approx(1.0 + weights(40, [(10, 13)])[0][[*range(6, 10), *range(14, 40)]].sum())
