"""Calibration: errors by hand, bins that hold every row."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.evaluation.calibration import calibration_error, calibration_figure, histogram, reliability

CASES = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40)


def arrays(cases: list[tuple[float, bool]]) -> tuple["np.ndarray", "np.ndarray"]:
    return np.array([c for c, _ in cases]), np.array([r for _, r in cases])


def test_the_error_is_the_mean_gap_of_the_bins():
    confidence = np.array([0.9, 0.2, 0.8, 0.4])
    right = np.array([True, False, False, True])
    # Bins {0.2, 0.4}: mean 0.3 against 1/2; {0.8, 0.9}: mean 0.85 against 1/2.
    assert calibration_error(confidence, right, bins=2) == pytest.approx((0.2 + 0.35) / 2)


def test_without_rows_there_is_no_error():
    assert calibration_error(np.array([]), np.array([], dtype=bool)) == 0.0
    assert reliability(np.array([]), np.array([], dtype=bool)) == ()


@settings(deadline=None)  # the machine may be busy
@given(CASES)
def test_reliability_bins_and_error_tell_the_same(cases: list[tuple[float, bool]]):
    confidence, right = arrays(cases)
    bins = reliability(confidence, right, bins=5)
    assert sum(b.right.n for b in bins) == len(cases)
    gaps = sum(b.right.n * abs(b.confidence - b.right.value) for b in bins) / len(cases)
    assert calibration_error(confidence, right, bins=5) == pytest.approx(gaps, abs=1e-9)


@settings(deadline=None)  # the machine may be busy
@given(CASES)
def test_the_interval_of_the_error_holds_it(cases: list[tuple[float, bool]]):
    figure = calibration_figure(*arrays(cases), bins=5, seed=7, resamples=40)
    assert figure.low <= figure.value <= figure.high


@settings(deadline=None)  # the machine may be busy
@given(CASES)
def test_the_histogram_counts_each_row_once(cases: list[tuple[float, bool]]):
    assert sum(bar.right + bar.wrong for bar in histogram(*arrays(cases))) == len(cases)
