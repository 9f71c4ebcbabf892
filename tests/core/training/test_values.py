"""Texts with numbers are read with care, and an interval covers what it says."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import TriviumError
from core.outcomes import Valued
from core.tasks import find_task
from core.training.conformal import half_width
from core.training.objectives.regression import Regression
from core.training.values import read_values
from tests.core.training.tiny import rated, written

TASK = find_task("regression")


def test_numbers_are_read_from_either_column_however_they_are_written(tmp_path: Path):
    table = tmp_path / "rows.csv"
    table.write_text("text,entity,label\nslow, Acme ,4.5\nfine,,-1e1\nfine,,-10\n", encoding="utf-8")
    lines = written(tmp_path / "rows.jsonl", [{"text": "late", "value": 3}, {"text": "so so", "value": "0"}])
    found = read_values([table, lines], TASK)
    assert found.rows == (Valued("slow", 4.5, "Acme"), Valued("fine", -10), Valued("late", 3), Valued("so so", 0))
    assert (found.repeated, found.disagreeing) == (1, 0)


def test_a_text_with_several_numbers_is_used_once_with_their_mean(tmp_path: Path):
    rows = [{"text": "fine", "value": value} for value in (3, 3, 6)] + [{"text": "bad", "value": 1}]
    found = read_values([written(tmp_path / "rows.jsonl", rows)], TASK)
    assert found.rows == (Valued("fine", 4), Valued("bad", 1))
    assert (found.repeated, found.disagreeing) == (0, 3)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "has no rows"),
        ('{"text": "hi", "value": 1}\n{"value": 2}\n', 'Line 2 of rows.jsonl has no "text"'),
        ('{"text": "hi"}\n', 'Line 1 of rows.jsonl has no "value"; leave out rows without one'),
        ('{"text": "hi", "value": null}\n', 'has no "value"'),
        ('{"text": "hi", "value": " "}\n', 'has no "value"'),
        ('{"text": "hi", "value": "high"}\n', "has a value that is no number, 'high'; write it like 4.5"),
        ('{"text": "hi", "label": "4,5"}\n', "has a label that is no number, '4,5'; write it like 4.5"),
        ('{"text": "hi", "value": true}\n', "has a value that is no number, True"),
        ('{"text": "hi", "value": [1]}\n', "has a value that is no number, [1]"),
        ('{"text": "hi", "value": NaN}\n', "has a value that is not finite"),
        ('{"text": "hi", "value": 1e101}\n', "has a value that is not finite, or larger than 1e+100"),
        (f'{{"text": "hi", "value": {"9" * 400}}}\n', "has a value that is no number"),
        ("".join(f'{{"text": "{n}", "value": 3}}\n' for n in range(20)), "All examples have the value 3"),
        ('{"text": "hi", "value": 1}\n{"text": "ho", "value": 2}\n', "only 2 different texts to measure with"),
    ],
)
def test_what_cannot_be_learned_from_is_said_in_a_sentence(tmp_path: Path, content: str, sentence: str):
    path = tmp_path / "rows.jsonl"
    path.write_text(content)
    with pytest.raises(TriviumError) as raised:
        Regression.read([path], [], TASK)
    assert sentence in str(raised.value)


def test_what_is_measured_with_is_not_trained_on(tmp_path: Path):
    rows = rated(30)
    loud = [{**row, "text": str(row["text"]).upper()} for row in rows[:10]]
    data, valid = written(tmp_path / "rows.jsonl", rows), written(tmp_path / "valid.jsonl", loud)
    found = Regression.read([data], [valid], TASK)
    assert [row.text for row in found.examples.rows] == [row["text"] for row in rows[10:]]
    assert "10 texts stand among the validation rows too and are not trained on." in found.told()
    with pytest.raises(TriviumError, match="No examples are left"):
        Regression.read([valid], [data], TASK)


@pytest.mark.parametrize(
    ("chosen", "few_shot", "sentence"),
    [
        ({"adversarial": "fgm"}, False, "--adversarial is for tasks of labels, and regression is none"),
        ({}, True, "--few-shot is for tasks of labels"),
        ({"method": "head", "epochs": 3}, False, "solved at once, without epochs: leave --epochs out"),
    ],
)
def test_what_has_no_use_for_numbers_is_refused(
    tmp_path: Path, chosen: dict[str, object], few_shot: bool, sentence: str
):
    found = Regression.read([written(tmp_path / "rows.jsonl", rated())], [], TASK)
    with pytest.raises(TriviumError, match=sentence):
        found.recipe(chosen, few_shot=few_shot)


@pytest.mark.parametrize(
    ("n", "place"),
    [(9, 9), (10, 10), (19, 18), (29, 27), (99, 90), (999, 900)],  # ⌈0.9 (n + 1)⌉
)
def test_the_interval_is_an_order_statistic_of_the_errors(n: int, place: int):
    assert half_width(np.zeros(n), -np.arange(1.0, n + 1)[::-1]) == place


def test_an_interval_covers_nine_new_rows_of_ten():
    chance = np.random.default_rng(3)
    errors = chance.standard_t(3, size=(4_000, 30))  # heavy tails, few rows; the last is new
    covered = [abs(row[-1]) <= half_width(np.zeros(len(row) - 1), row[:-1]) for row in errors]
    assert np.mean(covered) == pytest.approx(0.9, abs=0.02)
