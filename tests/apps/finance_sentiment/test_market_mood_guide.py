"""The guide to the monitor, typed from its first line to its last, with the shipped model, a server and a feed."""

import json
import shlex
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.apps.customer_service.real_servers import town
from tests.apps.finance_sentiment.web import web
from tests.guides import guide, lines, needs_curl, requested, typed

pytestmark = [pytest.mark.integration, needs_curl, pytest.mark.timeout(600)]

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Example</title>
<item><guid>1</guid><title>Acme opens a second plant</title><pubDate>Mon, 02 Mar 2026 07:00:00 GMT</pubDate></item>
</channel></rss>"""


def write_files(folder: Path) -> None:
    rows = [{"text": "Acme falls on weak sales", "entity": "Acme"}, {"text": "Ford rises on record profit"}]
    (folder / "headlines.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "companies.csv").write_text("id,name\nacme,Acme\n")
    (folder / "last-year.jsonl").write_text(
        json.dumps({"title": "Acme wins a large order", "published_at": "2026-03-02T06:00:00Z"}) + "\n"
    )
    start = datetime(2026, 1, 1, tzinfo=UTC)
    counts = "".join(f"{start + timedelta(minutes=5 * n):%Y-%m-%d %H:%M:%S},{n % 7}\n" for n in range(40))
    (folder / "series.csv").write_text(f"timestamp,value\n{counts}")
    (folder / "trivium.toml").write_text("[apps.finance_sentiment]\nallow_private_addresses = true\n")


def test_the_guide_works_from_its_first_line_to_its_last(
    warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_files(tmp_path)
    url = f"sqlite:///{tmp_path / 'mood.db'}"
    monkeypatch.setenv("TRIVIUM_HOME", str(warm_home))
    monkeypatch.setenv("TRIVIUM_DATABASE_URL", url)
    written = lines(guide("market-mood"))
    assert len(written) == 20
    with web() as outlet, town(url, warm_home) as houses:
        feed = outlet.put("/rss.xml", FEED, Content_Type="application/rss+xml")
        server = houses.start()
        names = {"API": str(server.client.base_url).rstrip("/"), "KEY": houses.key}
        said: dict[str, str] = {}
        for line in written:
            typed_line = line.replace("https://news.example/rss.xml", feed)
            said[line] = requested(typed_line, names) if line.startswith("curl ") else typed(typed_line).output
            if "documents" in line and line.startswith("curl "):
                wait_until_read(names)
    check_moods(tmp_path, said)
    check_curves(said)
    exported = (tmp_path / "acme.csv").read_text()
    assert "Acme recalls 40,000 heaters after fires" in exported
    assert (tmp_path / "scored.csv").read_text().startswith("timestamp,value,anomaly_score")


def check_moods(folder: Path, said: Mapping[str, str]) -> None:
    moods = [json.loads(line) for line in (folder / "moods.jsonl").read_text().splitlines()]
    assert [one["label"] for one in moods] == ["negative", "positive"]
    assert moods[1]["entities"][0]["name"] == "Ford Motor"
    items = json.loads(answer(said, "/score"))["items"]
    assert {one["name"]: one["label"] for one in items[0]["entities"]}["Ford Motor"] == "positive"
    assert items[1]["label"] == "negative"


def check_curves(said: Mapping[str, str]) -> None:
    points = json.loads(answer(said, "/timeline"))["points"]
    assert sum(point["volume"] for point in points) == 3
    assert min(point["index"] for point in points if point["index"] is not None) < 0.5
    assert [one["entity"] for one in json.loads(answer(said, "/overview"))["items"]] == ["acme"]
    assert json.loads(answer(said, "/corrections"))["after"] == {"linked": False}


def answer(said: Mapping[str, str], path: str) -> str:
    return next(body for line, body in said.items() if line.startswith("curl ") and path in line)


def wait_until_read(names: Mapping[str, str]) -> None:
    """A running server reads what was pushed within a second or two."""
    deadline = time.monotonic() + 60
    asked = f'curl -s "$API/v1/finance/documents?limit=50" -H {shlex.quote("Authorization: Bearer")}" $KEY"'
    while any(not one["read"] for one in json.loads(requested(asked, names))["items"]):
        assert time.monotonic() < deadline
        time.sleep(0.2)
