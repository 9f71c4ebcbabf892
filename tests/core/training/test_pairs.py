"""Pairs as they are read: what is taken, what is said of a row that cannot be."""

import json
from pathlib import Path

import pytest

from core.errors import TriviumError
from core.training.pairs import Pair, apart, check_learnable, read_pairs
from tests.core.training.tiny import questions, written


def said_of(tmp_path: Path, row: object) -> str:
    """What is said of a file whose second line is this row."""
    good = {"query": "lost card", "passage": "call us"}
    with pytest.raises(TriviumError) as error:
        read_pairs([written(tmp_path / "pairs.jsonl", [good, row])])
    return str(error.value)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"passage": "call us"}, 'Line 2 of pairs.jsonl has no "query"'),
        ({"query": "lost card"}, 'Line 2 of pairs.jsonl has no "passage"'),
        ({"question": " ", "answer": "call us"}, 'Line 2 of pairs.jsonl has no "question"'),
        ({"text": "lost card", "positive": 7}, 'Line 2 of pairs.jsonl has no "positive"'),
        ({"query": "a", "passage": "b", "negatives": [3]}, 'has "negatives" that are no list of texts'),
        ({"query": "a", "passage": "b", "negatives": {"c": 1}}, 'has "negatives" that are no list of texts'),
        ({"query": "a", "passage": "Call  us", "negatives": ["call us"]}, "has its own passage among its negatives"),
        (["a", "b"], "Line 2 of pairs.jsonl is not a JSON object"),
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, row: object, sentence: str):
    assert sentence in said_of(tmp_path, row)


@pytest.mark.parametrize("names", [("query", "passage"), ("question", "answer"), ("text", "positive")])
def test_three_ways_of_naming_the_two_texts(tmp_path: Path, names: tuple[str, str]):
    found = read_pairs([written(tmp_path / "pairs.jsonl", [dict(zip(names, ("lost card", " call us "), strict=True))])])
    assert found.rows == (Pair("lost card", "call us"),)


def test_a_table_may_hold_one_negative_a_row(tmp_path: Path):
    path = tmp_path / "pairs.csv"
    path.write_text("question,answer,negatives\nlost card,call us,eat soup\nnew card,wait,\n")
    assert [row.negatives for row in read_pairs([path]).rows] == [("eat soup",), ()]


def test_rows_that_say_the_same_are_one_with_the_negatives_of_all(tmp_path: Path):
    rows = [
        {"query": "lost card", "passage": "call us", "negatives": ["eat soup"]},
        {"query": "Lost  card", "passage": "Call us", "negatives": ["buy shoes", "eat soup"]},
    ]
    found = read_pairs([written(tmp_path / "pairs.jsonl", rows)])
    assert found.rows == (Pair("lost card", "call us", ("eat soup", "buy shoes")),)
    assert found.repeated == 1


def test_what_one_row_calls_right_no_other_row_calls_wrong(tmp_path: Path):
    rows = [
        {"query": "lost card", "passage": "call us"},
        {"query": "lost card", "passage": "block it", "negatives": ["Call us", "eat soup"]},
    ]
    found = read_pairs([written(tmp_path / "pairs.jsonl", rows)])
    assert found.rows[1].negatives == ("eat soup",)
    assert found.conflicting == 1


def test_an_empty_file_and_one_without_a_choice_are_refused_before_any_work(tmp_path: Path):
    with pytest.raises(TriviumError, match="has no rows"):
        read_pairs([written(tmp_path / "none.jsonl", [])])
    few = read_pairs([written(tmp_path / "few.jsonl", questions(5))])
    with pytest.raises(TriviumError, match="only 5 different queries"):
        check_learnable(few)
    alike = [{"query": f"lost card {number}", "passage": "call us"} for number in range(20)]
    with pytest.raises(TriviumError, match="Every row has the same passage"):
        check_learnable(read_pairs([written(tmp_path / "alike.jsonl", alike)]))


def test_no_query_is_both_learned_and_measured(tmp_path: Path):
    twice = [row | {"passage": passage} for row in questions(40) for passage in ("call us", "please call")]
    learned, measured = apart(read_pairs([written(tmp_path / "pairs.jsonl", twice)]), None, seed=7)
    assert not {row.query for row in learned} & {row.query for row in measured}
    assert learned
    assert measured


def test_a_query_of_the_validation_rows_is_not_learned(tmp_path: Path):
    pairs = read_pairs([written(tmp_path / "pairs.jsonl", questions(40))])
    valid = read_pairs([written(tmp_path / "valid.jsonl", questions(40)[:3])])
    learned, measured = apart(pairs, valid, seed=7)
    assert list(valid.rows) == measured
    assert json.dumps(questions(40)[0]["query"]) not in json.dumps([row.query for row in learned])
