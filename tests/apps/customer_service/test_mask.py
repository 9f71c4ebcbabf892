"""`trivium support mask`: rows come back whole, wrong files are refused, and nothing of a text is printed."""

import json
from pathlib import Path

from typer.testing import CliRunner

from core.cli import build_cli

ROWS = [
    {"id": 7, "text": "mail me at ann@example.org", "tags": ["new"]},
    {"text": "where is my order?", "spans": "old"},
    {"text": "ß 😀 call +44 7911 123456"},
]


def written(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def run(*words: str | Path):
    return CliRunner().invoke(build_cli()[0], ["support", "mask", *map(str, words)])


def test_each_row_comes_back_with_everything_it_had(tmp_path: Path):
    source, out = written(tmp_path / "in.jsonl", ROWS), tmp_path / "out.jsonl"
    done = run(source, out, "--json")
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {
        **ROWS[0],
        "spans": [{"type": "EMAIL_ADDRESS", "start": 11, "end": 26}],
        "masked": "mail me at [EMAIL]",
    }
    assert lines[1]["spans"] == []
    assert lines[1]["masked"] == "where is my order?"
    assert lines[2]["masked"] == "ß 😀 call [PHONE]"
    assert json.loads(done.stdout) == {"rows": 3, "spans": {"EMAIL_ADDRESS": 1, "PHONE_NUMBER": 1}}
    assert "ann" not in done.output


def test_a_row_without_text_is_named_and_nothing_is_written(tmp_path: Path):
    source, out = written(tmp_path / "in.jsonl", [{"text": "a"}, {"question": "b"}]), tmp_path / "out.jsonl"
    done = run(source, out)
    assert done.exit_code != 0
    assert "Line 2 of in.jsonl has no" in str(done.exception)
    assert not out.exists()


def test_a_line_ends_where_json_lines_say_and_a_text_may_be_empty(tmp_path: Path):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('\ufeff{"text": "one\u2028line"}\n{"text": ""}\n', encoding="utf-8")
    assert run(source, out).exit_code == 0
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").split("\n") if line]
    assert [row["masked"] for row in rows] == ["one\u2028line", ""]


def test_a_file_that_is_not_there_or_no_json_lines_is_said(tmp_path: Path):
    assert "There is no file" in str(run(tmp_path / "none.jsonl", tmp_path / "out.jsonl").exception)
    assert "is not JSON Lines" in str(run(written(tmp_path / "in.csv", ROWS), tmp_path / "out.jsonl").exception)
