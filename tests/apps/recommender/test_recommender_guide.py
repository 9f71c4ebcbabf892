"""The guide to the recommender, typed from its first line to its last, with a server."""

import json
import time
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.apps.customer_service.real_servers import town
from tests.guides import guide, lines, needs_curl, requested, typed

pytestmark = [pytest.mark.integration, needs_curl, pytest.mark.timeout(1_200)]


def write_files(folder: Path) -> None:
    import gzip

    items = [{"id": "lamp-0", "title": "Floor lamp"}, {"id": "rug-1", "title": "Wool rug", "price": 90}]
    items += [{"id": f"chair-{at}", "title": f"Chair {at}"} for at in range(8)]
    (folder / "items.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, items)).encode(), mtime=0))
    (folder / "users.csv").write_text("id,plan\nbob,gold\n")
    rows = [{"user": "bob", "item": "lamp-0", "type": "view", "timestamp": "2026-01-05T10:00:00Z"}]
    names = [item["id"] for item in items]
    rows += [
        {
            "user": f"guest-{user}",
            "item": names[(user + at) % 10],
            "type": "view",
            "timestamp": f"2026-01-05T1{at}:00:00Z",
        }
        for user in range(20)
        for at in range(6)
    ]
    parquet.write_table(pa.Table.from_pylist(rows), folder / "events.parquet")


def test_the_guide_works_from_its_first_line_to_its_last(
    warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_files(tmp_path)
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    monkeypatch.setenv("TRIVIUM_HOME", str(warm_home))
    monkeypatch.setenv("TRIVIUM_DATABASE_URL", url)
    written = [line for line in lines(guide("recommender")) if not line.startswith("python ")]
    with town(url, warm_home) as houses:
        server = houses.start()
        names = {"API": str(server.client.base_url).rstrip("/"), "KEY": houses.key}
        said = {line: requested(line, names) if line.startswith("curl ") else typed(line).output for line in written}
        until = time.monotonic() + 400
        while (last := server.client.get("/v1/recommend/versions/training").json()["last"])["running"]:
            assert time.monotonic() < until, last
            time.sleep(0.5)
        counted = server.client.get("/v1/recommend/data").json()
    merged = next(body for line, body in said.items() if "/merge" in line)
    assert json.loads(merged) == {"session": "s-1", "user": "ann", "events": 1}
    assert "3 events and 1 sessions are erased." in said["trivium recommend erase ann"]
    assert (counted["items"], counted["users"], counted["events"], counted["erased"]) == (11, 1, 121, 2)
    assert last["version"] == "recommender@3", last
    assert len((tmp_path / "lists.jsonl").read_text().splitlines()) == 21
