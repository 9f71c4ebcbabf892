"""The benchmark reads a folder in the documented format and counts what stands in it."""

import json
from pathlib import Path

import pytest

from benchmarks.privacy import main, texts_of

ROW = {"text": "write to ann@example.org", "spans": [{"type": "EMAIL_ADDRESS", "start": 9, "end": 24}]}
MISSED = {"text": "nothing here", "spans": [{"type": "EMAIL_ADDRESS", "start": 0, "end": 7}]}


def test_a_test_file_is_measured_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in (ROW, MISSED)))
    main(["--data", str(tmp_path)])
    report = json.loads(capsys.readouterr().out)
    for name in ("shipped", "patterns_only"):
        figures = report[name]["exact"]["EMAIL_ADDRESS"]
        assert (figures["recall"]["value"], figures["precision"]["value"], figures["marked"]) == (0.5, 1.0, 2)


def test_of_a_training_file_only_the_third_is_measured_that_was_kept_out(tmp_path: Path):
    rows = [{"text": str(number), "spans": []} for number in range(9)]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [text for text, _ in texts_of(tmp_path)] == ["2", "5", "8"]
