# ruff: noqa: RUF001  other scripts are what is tested
"""Data that are wrong end the command with one sentence and an empty registry; unusual ones work to the end."""

import csv
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.backend.models import open_registry
from core.cli import main
from core.settings import read_settings
from core.training import loop
from tests.core.training.tiny import FILLERS, messages, rated, registered, save_backbone, written

pytestmark = pytest.mark.integration
LABELLED, RATED = messages(8), rated(24)
SCRIPTS = {  # label: words that are asked with
    "επιστροφή": ("χρήματα", "πίσω", "παραγγελία"),
    "شحن": ("أين", "الطرد", "متأخر"),
    "退款": ("退钱", "什么时候", "到账"),
    "😡": ("👎", "💔", "грубо"),
}

Typed = Callable[..., int]


@pytest.fixture(scope="module")
def polyglot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backbone that knows those words."""
    return save_backbone(tmp_path_factory.mktemp("polyglot"), [word for words in SCRIPTS.values() for word in words])


@pytest.fixture(scope="module")
def runtimes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where it lies converted, once for all tests."""
    return tmp_path_factory.mktemp("runtimes")


@pytest.fixture
def typed(polyglot: Path, runtimes: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Types a command; gives its exit status."""
    monkeypatch.setenv("TRIVIUM_MODEL", str(polyglot))
    home = read_settings().home
    home.mkdir()
    (home / "runtimes").symlink_to(runtimes)

    def run(*words: object) -> int:
        monkeypatch.setattr(sys, "argv", ["trivium", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return ended.value.code

    return run


def published() -> list[str]:
    return registered(read_settings())


def line(**fields: object) -> str:
    return json.dumps(fields) + "\n"


def lines(rows: list[dict[str, object]]) -> str:
    return "".join(line(**row) for row in rows)


@pytest.mark.parametrize(
    ("task", "data", "valid", "sentence"),
    [
        ("intent", "", None, "Rows.jsonl has no rows: put rows with a"),
        ("regression", "", None, "Rows.jsonl has no rows: put rows with a"),
        ("intent", lines(LABELLED) + line(label="card"), None, 'Line 25 of rows.jsonl has no "text"'),
        ("regression", lines(RATED) + line(value=3), None, 'Line 25 of rows.jsonl has no "text"'),
        ("intent", line(text="hi"), None, 'Line 1 of rows.jsonl has no "label"'),
        ("regression", line(text="hi"), None, 'Line 1 of rows.jsonl has no "value"'),
        ("intent", lines([{**row, "label": "card"} for row in LABELLED]), None, "have only the label 'card'"),
        ("regression", lines([{**row, "value": 7} for row in RATED]), None, "All examples have the value 7"),
        ("intent", lines(LABELLED), lines([*LABELLED, {"text": "hi", "label": "cart"}]), "'cart' does not occur in"),
        ("regression", lines(RATED), lines([*RATED, {"text": "hi", "value": "cart"}]), "is no number, 'cart'"),
        ("intent", line(text="a", label="b") + line(text="a", label="c"), None, "The examples have no label"),
        ("regression", lines(RATED[:8]), None, "only 8 different texts to measure with: give at least 9"),
        ("regression", lines(RATED), lines(RATED[:3]), "only 3 different texts to measure with: give at least 9"),
        ("intent", "not JSON\n", None, "Line 1 of rows.jsonl is not JSON"),
    ],
)
def test_what_cannot_be_learned_from_ends_with_2_and_publishes_nothing(
    typed: Typed,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    task: str,
    data: str,
    valid: str | None,
    sentence: str,
):
    (tmp_path / "rows.jsonl").write_text(data)
    words = ["train", task, "--data", tmp_path / "rows.jsonl", "--name", "desk"]
    if valid is not None:
        (tmp_path / "valid.jsonl").write_text(valid)
        words += ["--valid", tmp_path / "valid.jsonl"]
    assert typed(*words) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert (told.count("\n"), "Traceback" in told) == (1, False)
    assert published() == []


def test_a_table_in_an_old_encoding_is_said_to_be_one(typed: Typed, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "rows.csv").write_bytes("text,label\nχρήματα πίσω,επιστροφή\n".encode("cp1253"))
    assert typed("train", "intent", "--data", tmp_path / "rows.csv", "--name", "desk") == 2
    assert "Rows.csv is not UTF-8: save it as UTF-8 and try again" in capsys.readouterr().err
    assert published() == []


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("speed=3", "Speed 3 does not fit: Extra inputs are not permitted"),
        ("dropout=2", "Dropout 2 does not fit: Input should be less than 1"),
        ("dropout", "--set 'dropout' names no value: write it as --set NAME=VALUE"),
    ],
)
def test_a_value_that_the_recipe_does_not_take_is_named(
    typed: Typed, tmp_path: Path, capsys: pytest.CaptureFixture[str], value: str, sentence: str
):
    data = written(tmp_path / "rows.jsonl", LABELLED)
    assert typed("train", "intent", "--data", data, "--name", "desk", "--set", value) == 2
    assert sentence in capsys.readouterr().err
    assert published() == []


@pytest.mark.parametrize(
    ("task", "rows", "sentences"),
    [
        (
            "intent",
            [*LABELLED, LABELLED[0], {**LABELLED[1], "label": "card"}],
            ["1 rows say the same again", "2 rows are left out: the same text stands there under several labels"],
        ),
        (
            "regression",
            [*RATED, RATED[0], {**RATED[1], "value": 99}],
            ["1 rows say the same again", "2 rows give the same text different values: each such text is used once"],
        ),
    ],
)
def test_rows_that_contradict_each_other_are_counted(
    typed: Typed,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    task: str,
    rows: list[dict[str, object]],
    sentences: list[str],
):
    data = written(tmp_path / "rows.jsonl", rows)
    words = ["train", task, "--data", data, "--name", "desk", "--method", "head"]
    assert typed(*words, *(["--epochs", "1"] if task == "intent" else [])) == 0
    told = capsys.readouterr().err
    assert all(sentence in told for sentence in sentences), told
    assert published() == ["desk"]


@pytest.mark.parametrize(("task", "rows"), [("intent", LABELLED), ("regression", RATED)])
def test_a_file_that_is_saved_during_the_training_publishes_nothing(
    typed: Typed,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    task: str,
    rows: list[dict[str, object]],
):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY_S", 0.0)
    data = written(tmp_path / "rows.jsonl", rows)
    home = read_settings().home

    def save_again() -> None:
        end = time.monotonic() + 60
        while not list(home.glob("training/*/**/latest.safetensors")) and time.monotonic() < end:
            time.sleep(0.005)
        data.write_text(data.read_text() + line(text="one more", label="card", value=1))

    editor = threading.Thread(target=save_again)
    editor.start()
    ended = typed("train", task, "--data", data, "--name", "desk", "--epochs", "2")
    editor.join()
    assert ended == 1, "nothing was typed wrongly: the same command may be given again"
    assert "Error: Rows.jsonl changed while it was trained on: start again; nothing was published." in (
        capsys.readouterr().err
    )
    assert published() == []


def asked(seed_words: tuple[str, ...]) -> Iterator[str]:
    """Twelve texts in the words of one label."""
    for at in range(12):
        yield f"{FILLERS[at % len(FILLERS)]} {seed_words[at % 3]} {seed_words[(at + 1) % 3]} {FILLERS[at // 2]}"


def test_labels_in_any_script_work_to_the_last_page(typed: Typed, tmp_path: Path):
    rows = [{"text": text, "label": label} for label, words in SCRIPTS.items() for text in asked(words)]
    data, out, page = tmp_path / "rows.csv", tmp_path / "out.jsonl", tmp_path / "page.html"
    with data.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, ["text", "label"])
        table.writeheader()
        table.writerows(rows)
    assert typed("train", "intent", "--data", data, "--name", "desk", "--method", "head") == 0
    assert open_registry(read_settings()).get("desk").card.labels == sorted(SCRIPTS)
    assert typed("predict", "--model", "desk", "--data", data, "--out", out, "--explain") == 0
    said = [json.loads(row) for row in out.read_text(encoding="utf-8").splitlines()]
    assert [row["text"] for row in said] == [row["text"] for row in rows]
    assert all(row["probabilities"].keys() == SCRIPTS.keys() for row in said)
    assert sum(row["prediction"] == row["label"] for row in said) > 0.8 * len(rows)
    assert "退款" in out.read_text(encoding="utf-8"), "written as letters, not as numbers"
    assert typed("evaluate", "--model", "desk", "--data", data, "--html", page) == 0
    assert all(label in page.read_text(encoding="utf-8") for label in SCRIPTS)


def test_numbers_for_texts_in_any_script_work_to_the_last_page(typed: Typed, tmp_path: Path):
    rows = [
        {"text": text, "value": value, "entity": words[0]}
        for value, words in enumerate(SCRIPTS.values())
        for text in asked(words)
    ]
    data, out, page = written(tmp_path / "rows.jsonl", rows), tmp_path / "out.jsonl", tmp_path / "page.html"
    assert typed("train", "regression", "--data", data, "--name", "stars", "--method", "head") == 0
    assert typed("predict", "--model", "stars", "--data", data, "--out", out) == 0
    said = [json.loads(row) for row in out.read_text(encoding="utf-8").splitlines()]
    assert [row["text"] for row in said] == [row["text"] for row in rows]
    assert sum(row["low"] <= row["value"] <= row["high"] for row in said) > 0.8 * len(rows)
    assert typed("evaluate", "--model", "stars", "--data", data, "--html", page) == 0
    assert any(word in page.read_text(encoding="utf-8") for words in SCRIPTS.values() for word in words)
