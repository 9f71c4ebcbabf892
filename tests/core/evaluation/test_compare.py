"""Two models on the same rows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.evaluation.classification import measure
from core.evaluation.compare import compare, mcnemar
from core.outcomes import Labelled, Prediction
from tests.core.evaluation.made_up import crowd, rows, said

LABELS = st.sampled_from(["fee", "pin", None])
TRIPLES = st.lists(st.tuples(LABELS, LABELS, LABELS), min_size=1, max_size=25)


def test_four_kinds_of_rows_are_counted():
    found = compare(
        rows("fee", "fee", "pin", None), said("fee", "fee", "fee", None), said("fee", "pin", "fee", "fee"), resamples=50
    )
    assert (found.both_right, found.only_candidate_right, found.only_baseline_right, found.both_wrong) == (1, 2, 0, 1)
    assert (found.accuracy.candidate, found.accuracy.baseline, found.accuracy.value) == (0.75, 0.25, 0.5)
    assert [example.text for example in found.only_candidate_examples] == ["row 1", "row 3"]
    assert found.only_baseline_examples == ()


def test_two_rows_are_too_few_to_tell():
    found = compare(rows("fee", "fee"), said("fee", "fee"), said("pin", "pin"))
    assert found.mcnemar_p == 0.5
    assert found.verdict == "no difference that can be told from chance"


def test_better_one_way_is_worse_the_other():
    data, good = crowd(300, 3, right=0.9)
    _, bad = crowd(300, 3, right=0.6)
    one, other = compare(data, good, bad), compare(data, bad, good)
    assert (one.verdict, other.verdict) == ("better", "worse")
    assert one.accuracy.value == -other.accuracy.value
    assert one.accuracy.low > 0
    assert one.accuracy.p < 0.01
    assert one.macro_f1 is not None
    assert one.macro_f1.value > 0


def test_a_model_does_not_differ_from_itself():
    data, good = crowd(50, 3)
    found = compare(data, good, good)
    assert (found.accuracy.p, found.accuracy.low, found.accuracy.high, found.mcnemar_p) == (1.0, 0.0, 0.0, 1.0)


def test_the_surest_mistakes_of_the_other_come_first():
    data = [Labelled("timid", "fee"), Labelled("bold", "fee")]
    found = compare(data, said("fee", "fee"), [Prediction("pin", 0.4), Prediction("pin", 0.99)])
    assert [example.text for example in found.only_candidate_examples] == ["bold", "timid"]


def test_without_labels_in_scope_there_is_no_macro_f1():
    assert compare(rows(None, None), said(None, "fee"), said("fee", None)).macro_f1 is None


def test_the_exact_test_agrees_with_the_coin():
    assert mcnemar(1, 5) == pytest.approx(2 * (1 + 6) / 64)


def test_either_models_missing_predictions_are_told():
    with pytest.raises(Invalid, match="2 rows but 1 predictions"):
        compare(rows("fee", "pin"), said("fee", "pin"), said("fee"))


@settings(deadline=None)  # the machine may be busy
@given(TRIPLES)
def test_differences_are_those_of_the_figures_and_lie_in_their_intervals(triples: list[tuple[str | None, ...]]):
    truth, ours, theirs = (list(column) for column in zip(*triples, strict=True))
    found = compare(rows(*truth), said(*ours), said(*theirs), resamples=30)
    one, other = (measure(rows(*truth), said(*labels), resamples=2) for labels in (ours, theirs))
    assert found.accuracy.value == pytest.approx(one["accuracy"].value - other["accuracy"].value)
    if found.macro_f1:
        assert found.macro_f1.value == pytest.approx(one["macro_f1"].value - other["macro_f1"].value)
    for difference in filter(None, (found.accuracy, found.macro_f1)):
        assert difference.low <= difference.value <= difference.high
        assert 0 < difference.p <= 1
