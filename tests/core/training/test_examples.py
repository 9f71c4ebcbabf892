"""Examples are read with care: what is wrong is named before any work is done."""

from pathlib import Path

import pytest

from core.errors import TriviumError
from core.tasks import find_task
from core.training.examples import check_known, check_trainable, read_examples, without
from core.training.sources import Changed

INTENT, SENTIMENT = find_task("intent"), find_task("sentiment")


def test_repeated_rows_are_used_once_and_conflicting_ones_not_at_all(tmp_path: Path):
    path = tmp_path / "rows.csv"
    path.write_text("text,label\nhi,greet\nhi,greet\nbye,part\nbye,greet\nwhat,\n", encoding="utf-8")
    found = read_examples([path], INTENT)
    assert [(row.text, row.label) for row in found.rows] == [("hi", "greet"), ("what", None)]
    assert (found.repeated, found.conflicting) == (1, 2)


def test_the_same_text_about_two_entities_is_two_examples(tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '{"text": "Fiat falls, Ford rises", "entity": "Fiat", "label": "negative"}\n'
        '{"text": "Fiat falls, Ford rises", "entity": "Ford", "label": "positive"}\n'
    )
    assert len(read_examples([path], SENTIMENT).rows) == 2
    assert read_examples([path], INTENT).conflicting == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "has no rows"),
        ('{"text": "hi", "label": "a"}\nnot json\n', "Line 2 of rows.jsonl is not JSON"),
        ('{"label": "a"}\n', 'Line 1 of rows.jsonl has no "text"'),
        ('{"text": "  ", "label": "a"}\n', 'Line 1 of rows.jsonl has no "text"'),
        ('{"text": "hi"}\n', 'has no "label"; write null for out of scope'),
        ('{"text": "hi", "label": ["a"]}\n', "neither a text nor null"),
        ('{"text": "hi", "label": "a"}\n{"text": "ho", "label": "a"}\n', "have only the label 'a': give at least two"),
        ('{"text": "hi", "label": null}\n', "have no label"),
    ],
)
def test_what_cannot_be_learned_from_is_said_in_a_sentence(tmp_path: Path, content: str, sentence: str):
    path = tmp_path / "rows.jsonl"
    path.write_text(content)
    with pytest.raises(TriviumError) as raised:
        check_trainable(read_examples([path], INTENT), INTENT)
    assert sentence in str(raised.value)


def test_a_label_in_another_script_is_a_label(tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "где карта", "label": "карта"}\n{"text": "退款", "label": "退款"}\n', encoding="utf-8")
    assert read_examples([path], INTENT).labels == ["карта", "退款"]


def test_a_label_that_the_task_does_not_know_is_named(tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "up", "label": "positive"}\n{"text": "down", "label": "bearish"}\n')
    with pytest.raises(TriviumError, match="'bearish' is none of the task's"):
        check_trainable(read_examples([path], SENTIMENT), SENTIMENT)


def test_a_label_only_in_validation_is_named(tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "up", "label": "a"}\n{"text": "down", "label": "z"}\n')
    with pytest.raises(TriviumError, match="The label 'z' does not occur in training"):
        check_known(read_examples([path], INTENT), ["a", "b"])


def test_what_is_measured_with_is_not_learned_from(tmp_path: Path):
    learned, measured = tmp_path / "rows.csv", tmp_path / "valid.csv"
    learned.write_text("text,label\nUp it  goes,a\nhigher,a\nlower,z\n")
    measured.write_text("text,label\nup it goes,a\n")
    found = without(read_examples([learned], INTENT), read_examples([measured], INTENT))
    assert [row.text for row in found.rows] == ["higher", "lower"]
    measured.write_text("text,label\nup,a\nLower,z\n")
    with pytest.raises(TriviumError, match="Every example of 'z' stands among the validation rows too"):
        without(read_examples([learned], INTENT), read_examples([measured], INTENT))


def test_a_file_that_changes_meanwhile_is_noticed(tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "up", "label": "a"}\n')
    [source] = read_examples([path], INTENT).sources
    source.check()
    path.write_text('{"text": "up", "label": "b"}\n')
    with pytest.raises(Changed, match="changed while it was trained on"):
        source.check()
