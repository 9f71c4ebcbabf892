"""`trivium recommend import`: files of every kind, twice the same, plain lines and one JSON object."""

import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from typer.testing import CliRunner, Result

from apps.recommender.commands import build_commands
from core.errors import Invalid
from tests.apps.recommender.conftest import written

AT = 1_700_000_000
EVENTS = [
    {"user": "1", "item": "7", "type": "rating", "value": 4, "timestamp": AT},
    {"user": "1", "item": "8", "type": "view", "timestamp": "2023-11-15T10:00:00Z"},
    {"user": "2", "item": "7", "type": "view", "timestamp": AT + 5},
]
ITEMS = [{"id": "7", "title": "Lamp", "categories": ["Home", "Light"]}, {"id": "8", "title": "Rug"}]


def typed(*words: object) -> Result:
    done = CliRunner().invoke(build_commands(), ["import", *map(str, words)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def imported(*words: object) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(typed(*words, "--json").stdout)
    return found


def counted() -> dict[str, object]:
    found: dict[str, object] = json.loads(CliRunner().invoke(build_commands(), ["data", "--json"]).stdout)
    return found


def test_the_same_files_twice_change_nothing(tmp_path: Path):
    items, events = written(tmp_path / "items.jsonl", *ITEMS), written(tmp_path / "events.jsonl", *EVENTS)
    users = written(tmp_path / "users.jsonl", {"id": "1", "plan": "gold"})
    first = imported("--items", items, "--events", events, "--users", users)
    assert [first[kind]["added"] for kind in ("items", "users", "events")] == [2, 1, 3]
    before = counted()
    again = imported("--items", items, "--events", events, "--users", users)
    assert (again["items"]["unchanged"], again["users"]["unchanged"], again["events"]["known"]) == (2, 1, 3)
    assert counted() == before
    assert (before["items"], before["users"], before["unknown_users"], before["events"]) == (2, 1, 1, 3)


def test_tables_hold_the_same_as_lines(tmp_path: Path):
    (tmp_path / "items.csv").write_text("id,title,categories,brand,price\n7,Lamp,Home|Light,Nor,\n8,Rug,,,12.5\n")
    parquet.write_table(pa.Table.from_pylist(EVENTS[:1] + EVENTS[2:]), tmp_path / "events.parquet")
    (tmp_path / "more.jsonl.gz").write_bytes(gzip.compress(json.dumps(EVENTS[1]).encode()))
    done = imported(
        "--items",
        tmp_path / "items.csv",
        "--events",
        tmp_path / "events.parquet",
        "--events",
        tmp_path / "more.jsonl.gz",
    )
    assert (done["items"]["added"], done["events"]["added"], done["events"]["rejected"]) == (2, 3, 0)
    lines = written(tmp_path / "events.jsonl", *EVENTS)
    assert imported("--events", lines)["events"]["known"] == 3


def test_bad_rows_are_told_and_the_rest_is_kept(tmp_path: Path):
    events = written(tmp_path / "events.jsonl", EVENTS[0], "{oops", {**EVENTS[1], "value": "x"}, {**EVENTS[2], "z": 1})
    done = typed("--events", events)
    assert done.exit_code == 0
    assert "2 events are new, 0 were known" in done.stderr
    assert "events.jsonl, line 2: is not JSON." in done.stderr
    assert "events.jsonl, line 3: value must be a number." in done.stderr
    assert "2 rows of events were left out." in done.stderr
    assert "Events have no z: those columns were left alone." in done.stderr


def test_a_file_of_bad_rows_only_fails(tmp_path: Path):
    with pytest.raises(Invalid, match="None of the 2 rows can be used"):
        typed("--events", written(tmp_path / "events.jsonl", "{", "{"))
    with pytest.raises(Invalid, match="There is no row"):
        typed("--items", written(tmp_path / "items.jsonl"))
    with pytest.raises(Invalid, match="There is no file"):
        typed("--items", tmp_path / "absent.jsonl")
    with pytest.raises(Invalid, match="known kind"):
        typed("--items", written(tmp_path / "items.xml"))
    with pytest.raises(Invalid, match="Nothing to import"):
        typed()


def test_what_stands_before_the_damage_of_a_file_is_kept(tmp_path: Path):
    rows = b"".join(json.dumps({**EVENTS[0], "timestamp": AT + at}).encode() + b"\n" for at in range(20_000))
    whole = tmp_path / "whole.jsonl.gz"
    whole.write_bytes(gzip.compress(rows))
    damaged = tmp_path / "damaged.jsonl.gz"
    damaged.write_bytes(whole.read_bytes()[:-5_000])
    with pytest.raises(Invalid, match="damaged"):
        typed("--events", damaged)
    kept = counted()["events"]
    assert isinstance(kept, int)
    assert kept >= 5_000
    done = imported("--events", whole)["events"]
    assert (done["added"], done["known"]) == (20_000 - kept, kept)


@pytest.mark.integration
def test_a_killed_import_loses_nothing_it_acknowledged_and_is_completed(tmp_path: Path):
    rows = [
        {"user": f"u{at % 700}", "item": f"i{at % 900}", "type": "view", "timestamp": AT + at} for at in range(60_000)
    ]
    events = written(tmp_path / "events.jsonl", *rows)
    code = "from apps.recommender.commands import build_commands; build_commands()()"
    command = [sys.executable, "-c", code, "import", "--events", str(events)]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    assert running.stderr is not None
    acknowledged = 0
    for line in running.stderr:
        acknowledged = int(line.split()[2].replace(",", ""))
        if acknowledged >= 15_000:
            break
    running.send_signal(signal.SIGKILL)
    running.wait(timeout=30)
    running.stderr.close()
    kept = _events(tmp_path)
    assert 15_000 <= acknowledged <= kept < 60_000
    done = imported("--events", events)["events"]
    assert (done["known"], done["added"]) == (kept, 60_000 - kept)
    assert _events(tmp_path) == 60_000


def _events(folder: Path) -> int:
    deadline = time.monotonic() + 20
    while True:
        try:
            with sqlite3.connect(folder / "home" / "trivium.db") as database:
                return int(database.execute("SELECT count(*) FROM recommend_events").fetchone()[0])
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
