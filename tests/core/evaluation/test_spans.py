"""Figures of spans, on texts small enough to count by hand."""

import pytest

from core.errors import Invalid
from core.evaluation.spans import measure_spans

MARKED = [[(0, 5, "PERSON"), (10, 14, "AGE")], [(3, 9, "PERSON")], []]
SAID = [[(0, 3, "PERSON"), (3, 5, "PERSON")], [(3, 9, "AGE")], [(0, 1, "PERSON")]]


def test_a_found_span_counts_for_one_marked_span_of_its_type_only():
    person = measure_spans(MARKED, SAID, ["PERSON", "AGE"], "overlap")["PERSON"]
    assert (person.precision.value, person.recall.value) == (pytest.approx(1 / 3), 0.5)
    assert (person.said, person.marked) == (3, 2)


def test_exact_asks_for_both_ends():
    assert measure_spans(MARKED, SAID, ["PERSON", "AGE"], "exact")["all"].f1.value == 0.0
    assert measure_spans(MARKED, MARKED, ["PERSON", "AGE"], "exact")["all"].f1.value == 1.0


def test_types_that_are_not_asked_for_count_on_neither_side():
    figures = measure_spans(MARKED, SAID, ["AGE"], "overlap")
    assert set(figures) == {"all", "AGE"}
    assert figures["all"].marked == 1


def test_the_interval_holds_the_value_and_narrows_with_more_texts():
    few, many = (measure_spans(MARKED * n, SAID * n, ["PERSON"], "overlap")["all"].recall for n in (3, 100))
    assert few.low <= few.value <= few.high
    assert many.high - many.low < few.high - few.low


def test_results_must_be_one_a_text():
    with pytest.raises(Invalid, match="results"):
        measure_spans(MARKED, SAID[:1], ["PERSON"], "exact")
