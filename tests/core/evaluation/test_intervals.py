"""Intervals: Wilson's against known values, the bootstrap against itself."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.evaluation.intervals import Share, bootstrapped, drawn_counts


def test_wilsons_interval_of_a_textbook():
    # Newcombe, 1998, "Two-sided confidence intervals for the single proportion", table I: 81 of 263.
    low, high = Share(81, 263).interval()
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_a_share_of_nothing_may_be_anything():
    nothing = Share(0, 0)
    assert math.isnan(nothing.value)
    assert nothing.interval() == (0.0, 1.0)


@settings(deadline=None)  # the machine may be busy
@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_lies_in_its_interval(case: tuple[int, int]):
    figure = Share(*case).figure()
    assert 0 <= figure.low <= figure.value <= figure.high <= 1


def test_an_interval_holds_a_value_that_resampling_pushed_aside():
    figure = bootstrapped(0.1, np.full(100, 0.3), n=9)
    assert (figure.low, figure.value, round(figure.high, 6)) == (0.1, 0.1, 0.3)


def test_each_resample_has_as_many_rows_as_the_data():
    counts = np.array([5, 0, 3, 1])
    drawn = np.concatenate(list(drawn_counts(counts, resamples=50, seed=7)))
    assert drawn.shape == (50, 4)
    assert set(drawn.sum(axis=1)) == {9.0}
    assert drawn[:, 1].max() == 0


def test_resampling_scatters_as_the_binomial_does():
    drawn = np.concatenate(list(drawn_counts(np.array([30, 70]), resamples=4_000, seed=7)))
    assert drawn[:, 0].mean() == pytest.approx(30, abs=0.3)
    assert drawn[:, 0].std() == pytest.approx(math.sqrt(100 * 0.3 * 0.7), rel=0.05)
