"""The detector looks at no later row, survives a restart, and finds what was planted in made series."""

import json
import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.finance_sentiment.errors import BadDetectorState, BadObservation
from apps.finance_sentiment.pipeline.detecting import ALARM, LEAST_ROWS, Detector, Tuning
from benchmarks.anomaly_series import Made, make

Rows = list[tuple[float, float | None]]
HOUR_S = 3_600.0

values = st.one_of(
    st.none(), st.integers(0, 50).map(float), st.floats(-1e100, 1e100), st.floats(-1, 1), st.just(0.0), st.just(1e6)
)
series = st.lists(st.tuples(st.sampled_from([0.0, 1.0, 60.0, 3_600.0, 90_000.0]), values), min_size=1, max_size=400)


def timed(steps: Rows) -> Rows:
    at, rows = 1.7e9, []
    for gap, value in steps:
        at += gap
        rows.append((at, value))
    return rows


def scores(rows: Rows, detector: Detector | None = None) -> list[float]:
    detector = detector or Detector()
    return [detector.step(*row) for row in rows]


def rows_of(made: Made) -> Rows:
    return list(zip(made.times.tolist(), made.values.tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(series)
def test_scores_lie_between_0_and_1(steps: Rows):
    assert all(0.0 <= score <= 1.0 for score in scores(timed(steps)))


@pytest.mark.parametrize("cut", [1, LEAST_ROWS - 1, LEAST_ROWS, 500, 1_200])
def test_a_beginning_has_the_same_scores_as_within_the_whole(cut: int):
    rows = rows_of(make("spike", seed=1, weeks=8, every_s=3_600, mean=20, factor=8))
    assert scores(rows)[:cut] == scores(rows[:cut])


@pytest.mark.parametrize("cut", [1, LEAST_ROWS - 1, LEAST_ROWS, 500, 1_200])
def test_a_restart_in_the_middle_changes_no_score(cut: int):
    rows = rows_of(make("shift", seed=2, weeks=8, every_s=3_600, mean=20, factor=8))
    before = Detector()
    first = scores(rows[:cut], before)
    restored = Detector.restored(json.loads(json.dumps(before.state(), allow_nan=False)))
    assert first + scores(rows[cut:], restored) == scores(rows)


@settings(max_examples=40, deadline=None)
@given(series)
def test_any_state_can_be_saved_and_restored(steps: Rows):
    detector = Detector()
    scores(timed(steps), detector)
    again = Detector.restored(json.loads(json.dumps(detector.state(), allow_nan=False)))
    assert again.state() == detector.state()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"version": 2}, "version"),
        ({"interval": 0}, "interval"),
        ({"horizons": [{}]}, "horizons"),
        ({"unit": "x"}, "unit"),
    ],
)
def test_a_foreign_state_is_refused_in_a_sentence(change: dict, where: str):
    with pytest.raises(BadDetectorState, match=where):
        Detector.restored({**Detector().state(), **change})


def test_a_state_that_is_no_object_is_refused():
    with pytest.raises(BadDetectorState):
        Detector.restored(None)


def test_nothing_is_said_before_a_day_and_a_hundred_rows_are_known():
    rows = [(60.0 * at, 1e9 if at == 700 else float(at % 3)) for at in range(1_441)]
    assert set(scores(rows)) == {0.0}


def test_a_constant_series_has_no_anomaly():
    assert set(scores([(HOUR_S * at, 5.0) for at in range(2_000)])) == {0.0}


def test_an_earlier_time_and_a_value_without_bounds_are_refused():
    detector = Detector()
    detector.step(10.0, 1.0)
    with pytest.raises(BadObservation, match="before the last one"):
        detector.step(9.0, 1.0)
    for value in (math.nan, math.inf, 1e101):
        with pytest.raises(BadObservation, match="not a number"):
            detector.step(11.0, value)
    assert detector.state()["last"] == 10.0


def test_a_time_before_a_row_without_a_value_is_refused():
    detector = Detector()
    detector.step(10.0, None)
    with pytest.raises(BadObservation, match="before the last one"):
        detector.step(9.0, 1.0)


def test_a_state_with_hours_cut_off_is_refused():
    detector = Detector()
    scores([(HOUR_S * at, float(at % 7)) for at in range(200)], detector)
    state = detector.state()
    state["horizons"][0]["season"]["hours"].pop()
    with pytest.raises(BadDetectorState, match="hours"):
        Detector.restored(state)


def test_a_missing_value_scores_0_and_teaches_nothing():
    rows = rows_of(make("none", seed=3, weeks=4, every_s=3_600, mean=20))
    holes = [row for at, row in enumerate(rows) for row in ([(row[0], None), row] if at % 7 == 0 else [row])]
    told = scores(holes)
    assert all(score == 0.0 for row, score in zip(holes, told, strict=True) if row[1] is None)
    assert [score for row, score in zip(holes, told, strict=True) if row[1] is not None] == scores(rows)


@pytest.mark.parametrize("kind", ["spike", "shift"])
@pytest.mark.parametrize("seed", range(6))
def test_a_planted_event_is_found_within_two_buckets(kind: str, seed: int):
    made = make(kind, seed=seed, weeks=6, every_s=3_600, mean=20, factor=15)
    told = scores(rows_of(made))
    assert max(told[made.event : made.event + 3]) >= ALARM


@pytest.mark.parametrize("seed", range(3))
def test_a_silence_of_a_busy_series_scores_more_than_all_before(seed: int):
    made = make("none", seed=seed, weeks=6, every_s=3_600, mean=200)
    rows = [(time, 0.0 if at >= 900 else value) for at, (time, value) in enumerate(rows_of(made))]
    told = scores(rows)
    assert max(told[900:903]) > max(told[:900])


@pytest.mark.parametrize("seed", range(4, 8))
def test_a_new_level_is_told_once_and_then_is_the_level(seed: int):
    rows = rows_of(make("none", seed=seed, weeks=10, every_s=3_600, mean=200))
    shifted = [(time, value * (8.0 if at >= 600 else 1.0)) for at, (time, value) in enumerate(rows)]
    told = scores(shifted)
    assert max(told[600:603]) >= ALARM
    assert max(told[603:]) < max(told[600:603])
    later = 1_082  # three weeks on, in the afternoon
    again = [(time, value * (15.0 if at == later else 1.0)) for at, (time, value) in enumerate(shifted)]
    assert scores(again)[later] >= ALARM


def test_the_course_of_the_day_is_learnt_from_any_interval():
    for every_s in (900, 3_600):
        detector = Detector()
        scores(rows_of(make("none", seed=5, weeks=4, every_s=every_s, mean=200)), detector)
        hours = detector.horizons[0].season.hours
        assert max(range(24), key=hours.__getitem__) in range(12, 19)
        assert detector.horizons[0].trust() > 0.4
        assert detector.interval == pytest.approx(every_s, rel=0.02)


def test_real_values_of_both_signs_are_scored():
    rows = [(HOUR_S * at, 0.2 * math.sin(at * 1.7) + (-3.0 if at == 800 else 0.0)) for at in range(900)]
    told = scores(rows)
    assert told[800] >= ALARM
    assert max(told[:800]) < ALARM


def test_the_same_event_is_not_told_row_after_row():
    rows = [(HOUR_S * at, 10.0 + at % 5 + (900.0 if 800 <= at < 806 else 0.0)) for at in range(900)]
    told = scores(rows)
    assert told[800] >= ALARM
    assert max(told[801:806]) < told[800] / 2


def test_what_is_tuned_changes_the_scores():
    rows = rows_of(make("spike", seed=1, weeks=6, every_s=3_600, mean=20, factor=8))
    each = [scores(rows, Detector(tuning=t)) for t in (Tuning(), Tuning(seasons=False), Tuning(horizons=(1,)))]
    assert all(a != b for a, b in pairwise(each))
