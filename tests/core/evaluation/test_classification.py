"""Figures of a classifier: by hand on a few rows, against scikit-learn on many."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, matthews_corrcoef

from core.errors import Invalid
from core.evaluation.classification import measure
from core.evaluation.tallies import coded, tally
from core.outcomes import Labelled, Prediction
from tests.core.evaluation.made_up import crowd, rows, said

LABELS = st.sampled_from(["fee", "pin", "card", None])
PAIRS = st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=30)


def test_figures_of_five_rows_by_hand():
    figures = measure(rows("fee", "fee", "pin", "pin", None), said("fee", "pin", "pin", None, None))
    assert {name: round(figure.value, 4) for name, figure in figures.items()} == {
        "accuracy": 0.6,
        "in_scope_accuracy": 0.5,
        "closed_set_accuracy": 0.5,
        "macro_f1": 0.5833,  # fee: P 1, R 1/2, F1 2/3; pin: P 1/2, R 1/2, F1 1/2
        "weighted_f1": 0.5833,
        "mcc": 0.4375,  # (3·5 - (2·1 + 2·2 + 1·2)) / √((25 - 9)(25 - 9)) = 7/16
        "out_of_scope_recall": 1.0,
        "out_of_scope_precision": 0.5,
        "calibration_error": 0.5,  # sure by .9 in four bins of one row: .1, .9, .1, .9
    }
    assert figures["in_scope_accuracy"].n == 4


def test_an_out_of_scope_row_that_gets_a_label_lowers_its_precision():
    clean = measure(rows("fee", "fee"), said("fee", "fee"))["macro_f1"].value
    assert measure(rows("fee", "fee", None, None), said("fee", "fee", "fee", "fee"))["macro_f1"].value < clean


def test_without_out_of_scope_rows_nothing_is_said_of_refusing():
    assert not any("out_of_scope" in name for name in measure(rows("fee", "pin"), said("fee", None)))


def test_with_nothing_refused_the_precision_of_refusing_is_left_out():
    figures = measure(rows("fee", None), said("fee", "fee"))
    assert figures["out_of_scope_recall"].value == 0
    assert "out_of_scope_precision" not in figures


def test_only_out_of_scope_rows_give_only_what_they_can():
    assert set(measure(rows(None, None), said(None, "fee"))) == {
        "accuracy",
        "mcc",
        "out_of_scope_recall",
        "out_of_scope_precision",
    }


def test_calibration_looks_at_the_most_probable_label_even_if_refused():
    unsure = [Prediction(None, 0.6, {"fee": 0.4, "pin": 0.1})]
    assert measure(rows("fee"), unsure)["calibration_error"].value == pytest.approx(0.6)


def test_missing_rows_and_predictions_are_told():
    with pytest.raises(Invalid, match=r"There are no labelled rows: give at least one row\."):
        measure([], [])
    with pytest.raises(Invalid, match="2 rows but 1 predictions"):
        measure(rows("fee", "pin"), said("fee"))


@settings(deadline=None)  # the machine may be busy
@given(PAIRS)
def test_every_interval_holds_its_value(pairs: list[tuple[str | None, str | None]]):
    figures = measure(rows(*(t for t, _ in pairs)), said(*(s for _, s in pairs)), resamples=30)
    for name, figure in figures.items():
        lowest = -1 if name == "mcc" else 0
        assert lowest - 1e-9 <= figure.low <= figure.value <= figure.high <= 1 + 1e-9, name


@settings(deadline=None)  # the machine may be busy
@given(PAIRS)
def test_tallies_of_the_data_itself_are_scikit_learns_figures(pairs: list[tuple[str | None, str | None]]):
    codes = coded(rows(*(t for t, _ in pairs)), said(*(s for _, s in pairs)))
    (truth, said_), counts = codes.cells()
    counted = tally(truth, said_, counts[None].astype(float), len(codes.labels))
    scored, [guesses] = codes.in_scope, codes.said
    if len(scored):
        for average, ours in (("macro", counted.macro_f1(scored)), ("weighted", counted.weighted_f1(scored))):
            theirs = f1_score(codes.truth, guesses, labels=scored, average=average, zero_division=0)
            assert ours[0] == pytest.approx(theirs)
    if len(codes.labels) > 1:
        assert counted.mcc()[0] == pytest.approx(matthews_corrcoef(codes.truth, guesses), abs=1e-9)


def test_the_same_seed_gives_the_same_intervals():
    data = crowd(60, 5)
    assert measure(*data, seed=3) == measure(*data, seed=3)
    assert measure(*data, seed=3)["macro_f1"] != measure(*data, seed=4)["macro_f1"]


def test_the_interval_of_macro_f1_covers_the_truth_about_as_often_as_it_says():
    truth = measure(*crowd(20_000, 4, seed=0), resamples=2)["macro_f1"].value
    found = [measure(*crowd(300, 4, seed=seed), resamples=200)["macro_f1"] for seed in range(1, 81)]
    covered = np.mean([figure.low <= truth <= figure.high for figure in found])
    assert covered >= 0.88  # 95 % of 80, less two and a half standard errors


def test_many_labels_do_not_make_measuring_slow():
    data = crowd(5_000, 150)
    measure(*crowd(10, 2))  # scikit-learn is imported now
    begin = time.perf_counter()
    measure(*data)
    assert time.perf_counter() - begin < 10  # 2 s on an idle core; the machine of a test may be busy


def test_as_many_labels_as_rows_raise_no_warning():
    names = [f"label {code}" for code in range(40)]
    assert measure(rows(*names), said(*names))["macro_f1"].value == 1


def test_entities_and_texts_do_not_matter_to_figures():
    plain = measure(rows("up", "down"), said("up", "up"))
    assert plain == measure([Labelled("x", "up", "Acme"), Labelled("x", "down", "Bolt")], said("up", "up"))
