"""`trivium finance detect`: file to file, and one sentence for what is no series."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from apps.finance_sentiment.commands import build_commands
from apps.finance_sentiment.pipeline.detecting import Detector
from benchmarks.anomaly_series import make
from core.errors import Invalid

HEAD = "timestamp,value\n"


def detect(tmp_path: Path, text: str | bytes, *more: str):
    source = tmp_path / "series.csv"
    source.write_bytes(text if isinstance(text, bytes) else text.encode())
    return CliRunner().invoke(build_commands(), ["detect", str(source), str(tmp_path / "out.csv"), *more])


def test_each_row_comes_back_as_written_with_its_score(tmp_path: Path):
    made = make("spike", seed=1, weeks=4, every_s=3_600, mean=20, factor=15)
    rows = list(zip(made.times.tolist(), made.values.tolist(), strict=True))
    text = HEAD + "".join(f"{time:.0f},{value:.0f}\n" for time, value in rows)
    done = detect(tmp_path, text, "--json")
    assert done.exit_code == 0
    with (tmp_path / "out.csv").open(newline="") as lines:
        written = list(csv.DictReader(lines))
    detector = Detector()
    assert [row["anomaly_score"] for row in written] == [f"{detector.step(*row):.6f}" for row in rows]
    assert list(written[0]) == ["timestamp", "value", "anomaly_score"]
    assert [(row["timestamp"], row["value"]) for row in written] == [(f"{t:.0f}", f"{v:.0f}") for t, v in rows]
    assert json.loads(done.stdout)["rows"] == len(rows)
    assert json.loads(done.stdout)["alarms"] >= 1


def test_iso_times_extra_columns_missing_values_and_equal_times_are_taken(tmp_path: Path):
    text = "value,note,timestamp\n1,a,2026-01-05 00:00:00\n,b,2026-01-05T00:05:00\n2,c,2026-01-05T00:05:00.5\n"
    text += "3,,2026-01-05T00:05:00.500\n"
    assert detect(tmp_path, text).exit_code == 0
    assert (tmp_path / "out.csv").read_text().splitlines()[1:3] == [
        "2026-01-05 00:00:00,1,0.000000",
        "2026-01-05T00:05:00,,0.000000",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no rows"),
        (HEAD, "has no rows"),
        ("time,value\n1,2\n", "has no column 'timestamp', only time, value"),
        ("timestamp,count\n1,2\n", "has no column 'value'"),
        (HEAD + "2026-01-05,many\n", "ine 2 of series.csv has the value 'many', which is not a number"),
        (HEAD + "2026-01-05,nan\n", "leave it empty when it is missing"),
        (HEAD + "2026-01-05,inf\n", "leave it empty when it is missing"),
        (HEAD + "2026-01-05,1e200\n", "not a number between"),
        (HEAD + "yesterday,1\n", "neither ISO 8601 nor seconds"),
        (HEAD + "nan,1\n", "no time"),
        (HEAD + ",1\n", "neither ISO 8601 nor seconds"),
        (HEAD + "1\n", "has no value"),
        (HEAD + "2026-01-06,1\n2026-01-05,1\n", "ine 3 of series.csv is out of order: 2026-01-05"),
        (HEAD + "2026-01-05T00:00:00Z,1\n2026-01-06,1\n", "offset"),
        (HEAD.encode() + b"\xff\xfe,1\n", "not UTF-8"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(tmp_path: Path, text: str | bytes, sentence: str):
    (tmp_path / "out.csv").write_text("kept")
    done = detect(tmp_path, text)
    assert isinstance(done.exception, Invalid)
    assert sentence in str(done.exception)
    assert done.exception.exit_code == 2
    assert (tmp_path / "out.csv").read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "series.csv"]


def test_a_file_that_is_not_there_or_no_csv_or_its_own_target_is_refused(tmp_path: Path):
    (tmp_path / "a.csv").write_text(HEAD + "1,1\n")
    for source, target, sentence in (
        ("missing.csv", "out.csv", "there is no file"),
        ("a.xlsx", "out.csv", "not a CSV file"),
        ("a.csv", "a.csv", "is the series itself"),
        ("a.csv", "nowhere/out.csv", "cannot be written"),
    ):
        done = CliRunner().invoke(build_commands(), ["detect", str(tmp_path / source), str(tmp_path / target)])
        assert done.exit_code == 1
        assert sentence in str(done.exception).lower() or sentence in str(done.exception)
    assert (tmp_path / "a.csv").read_text() == HEAD + "1,1\n"
