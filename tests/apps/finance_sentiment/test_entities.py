"""The list of companies: SQL, the file, HTTP, the command line."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from apps.finance_sentiment.app import app
from apps.finance_sentiment.commands import build_commands
from apps.finance_sentiment.errors import BadEntityFile, EditedMeanwhile, NoSuchEntity, TooManyEntities
from apps.finance_sentiment.pipeline.companies import read_companies
from apps.finance_sentiment.pipeline.entities import LiveEntities, link, open_entities
from apps.finance_sentiment.schemas.entities import EntityEdit
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store import entities as store
from apps.finance_sentiment.store.entities import Entities
from core.app import Services
from core.cli import opening
from core.database import Database
from core.errors import Invalid, TriviumError
from core.migrations import upgrade
from core.testing.api import api_client
from core.testing.fakes import FixedClock

HEADER = "id,name,tickers,exchange,country,aliases,watched\n"


@pytest.fixture
def entities(database: Database, clock: FixedClock) -> Entities:
    return Entities(database, clock)


def edit(name: str, **more: object) -> EntityEdit:
    return EntityEdit.model_validate({"name": name, **more})


def test_what_a_person_changed_or_removed_outlives_the_next_shipped_list(entities: Entities):
    first = {"a": edit("Ashgrove"), "b": edit("Birchly"), "c": edit("Cedarn")}
    assert entities.bring_shipped(first, "one") == 3
    assert entities.bring_shipped(first, "one") == 0
    entities.put("a", edit("Ashgrove Holdings"))
    entities.remove("b")
    entities.watch("c", True)
    newer = {**first, "c": edit("Cedarn SE"), "d": edit("Dogwood")}
    assert entities.bring_shipped(newer, "two") == 2
    assert {row.id: (row.name, row.watched, row.origin) for row in entities.all()} == {
        "a": ("Ashgrove Holdings", False, "own"),
        "c": ("Cedarn SE", True, "shipped"),
        "d": ("Dogwood", False, "shipped"),
    }


def test_of_several_that_start_at_once_one_reads_the_shipped_list_in(entities: Entities):
    edits = {f"firm-{at}": edit(f"Firm number {at}") for at in range(50)}
    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(lambda _: entities.bring_shipped(edits, "one"), range(4)))
    assert sorted(written) == [0, 0, 0, 50]
    assert entities.revision() == 1


def test_without_the_shipped_list_nothing_is_looked_for(services: Services):
    upgrade(services.database, [app])
    empty = open_entities(services.database, services.clock, FinanceSettings(shipped_companies=False))
    assert empty.all() == []
    assert link(LiveEntities(empty), ["Apple shares rose $AAPL"])[0].mentions == []


def test_a_list_has_an_end(entities: Entities, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store, "MOST", 2)
    entities.put_all({"a": edit("Ashgrove"), "b": edit("Birchly")})
    with pytest.raises(TooManyEntities, match="may hold 2 entities"):
        entities.put("c", edit("Cedarn"))
    assert [row.id for row in entities.all()] == ["a", "b"]
    entities.remove("a")
    entities.put("c", edit("Cedarn"))


def test_who_decides_by_an_old_version_is_told_so(entities: Entities):
    entities.put("a", edit("Ashgrove"))
    entities.put("a", edit("Ashgrove Two", version=1))
    with pytest.raises(EditedMeanwhile, match="you read version 1, it is at 2"):
        entities.put("a", edit("Ashgrove Three", version=1))
    with pytest.raises(NoSuchEntity, match="There is no entity 'z'"):
        entities.watch_all(["a", "z"], True)
    assert entities.all(watched=True) == []


def test_what_one_process_changes_another_links_with_its_next_text(entities: Entities, clock: FixedClock):
    other = LiveEntities(Entities(entities.database, clock))
    assert link(other, ["Ashgrove wins order"])[0].mentions == []
    entities.put("a", edit("Ashgrove"))
    [mention] = link(other, ["Ashgrove wins order"])[0].mentions
    assert (mention.entity, mention.text, mention.name) == ("a", "Ashgrove", "Ashgrove")
    entities.remove("a")
    assert link(other, ["Ashgrove wins order"])[0].mentions == []


def test_a_file_adds_and_replaces(entities: Entities, tmp_path: Path):
    entities.put("ash", edit("Old Ash"))
    file = tmp_path / "mine.csv"
    file.write_text(HEADER + 'ash,Ashgrove,ASH|lse:asg,NYSE,gb,"Ash?|Grove, Ash & Co",yes\nbir,Birchly,,,,,\n')
    assert entities.put_all(read_companies(file)) == (1, 1)
    row = entities.get("ash")
    assert row.tickers == ["NYSE:ASH", "LSE:ASG"]
    assert row.aliases == ["Ash?", "Grove, Ash & Co"]
    assert (row.country, row.watched, row.origin, row.version) == ("GB", True, "own", 2)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("Big Id,Ash,,,,,", "id: small letters"),
        (",Ash,,,,,", "id: is empty"),
        ("ash,,,,,,", "name: String should have at least 2"),
        ("ash,Ash,A B,NYSE,,,", "tickers.0"),
        ("ash,Ash,ASH,,,,", "tickers.0"),
        ("ash,Ash,,,Germany,,", "country"),
        ("ash,Ash,,,,,maybe", "watched: say yes or no"),
        ("ash,Ash,,,,Gr|GR,", "aliases names the same twice"),
        ("good,Ash,,,,,", "id 'good' stands in line 2 already"),
        ("ash,Ash,,,,,,surplus", "more values than columns"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_nothing_is_written(tmp_path: Path, row: str, fault: str):
    file = tmp_path / "mine.csv"
    file.write_text(f"{HEADER}good,Goodly,,,,,\n{row}\n")
    with pytest.raises(BadEntityFile) as caught:
        read_companies(file)
    [told] = caught.value.faults
    assert told.startswith("line 3, ")
    assert fault in told


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("mine.txt", b"id,name\n", "is not a CSV"),
        ("mine.csv", b"name\nAsh\n", "names no column `id`"),
        ("mine.csv", b"id\nash\n", "has no column `name`"),
        ("mine.csv", b"id,name,colour\nash,Ash,red\n", "'colour' that means nothing here"),
        ("mine.csv", b"id,name\n", "holds no rows"),
        ("mine.csv", b"id,name\nash,\xff\xfe\n", "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, name: str, content: bytes, fault: str):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(Invalid) as caught:
        read_companies(file)
    assert fault in str(caught.value)


def test_the_list_over_http(services: Services):
    upgrade(services.database, [app])
    with api_client(services, [app]) as client:
        shipped = client.get("/v1/finance/entities", params={"q": "aapl"}).json()["items"]
        assert [one["id"] for one in shipped] == ["apple"]
        made = client.put("/v1/finance/entities/ash", json={"name": "Ashgrove", "tickers": ["nyse:ash"]})
        assert made.status_code == 200
        assert (made.json()["tickers"], made.json()["origin"]) == (["NYSE:ASH"], "own")
        assert client.put("/v1/finance/entities/ash/watched", json={"watched": True}).json()["watched"] is True
        watched = client.get("/v1/finance/entities", params={"watched": True}).json()
        assert [one["id"] for one in watched["items"]] == ["ash"]
        texts = ["Ashgrove sues Apple", "apple pie"]
        items = client.post("/v1/finance/mentions", json={"texts": texts}).json()["items"]
        assert [[one["entity"] for one in item["mentions"]] for item in items] == [["ash", "apple"], []]
        assert client.put("/v1/finance/entities/ash", json={"name": "Ash", "version": 1}).status_code == 409
        assert client.put("/v1/finance/entities/ash", json={"name": "Ash", "tickers": ["ASH"]}).status_code == 422
        for wrong in ("__", "A\0B", "A\nB", " A ", "A" * 121):
            assert client.put("/v1/finance/entities/ash", json={"name": wrong}).status_code == 422
            assert client.put("/v1/finance/entities/ash", json={"name": "Ash", "aliases": [wrong]}).status_code == 422
        assert client.put("/v1/finance/entities/BAD", json={"name": "Ash"}).status_code == 422
        assert client.delete("/v1/finance/entities/ash").status_code == 204
        assert client.get("/v1/finance/entities/ash").status_code == 404
        assert client.delete("/v1/finance/entities/ash").status_code == 404


def test_pages_join_to_the_whole_list(services: Services):
    upgrade(services.database, [app])
    with api_client(services, [app]) as client:
        seen: list[str] = []
        cursor = None
        while True:
            asked = {"limit": 200, **({"cursor": cursor} if cursor else {})}
            page = client.get("/v1/finance/entities", params=asked).json()
            seen += [one["id"] for one in page["items"]]
            if not (cursor := page["next_cursor"]):
                break
        assert client.get("/v1/finance/entities", params={"cursor": "nonsense"}).status_code == 422
    assert len(seen) == len(set(seen)) >= 400
    assert seen == sorted(seen)


def test_reading_keys_may_not_write(services: Services):
    upgrade(services.database, [app])
    with api_client(services, [app], scopes=["finance:read"]) as client:
        assert client.get("/v1/finance/entities/apple").status_code == 200
        assert client.delete("/v1/finance/entities/apple").status_code == 403


def test_the_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(opening, "installed_apps", lambda: ([app], []))
    run, group = CliRunner(), build_commands()
    file = tmp_path / "mine.csv"
    file.write_text(HEADER + "ash,Ashgrove,,,,,\n")
    done = run.invoke(group, ["entities", "import", str(file), "--json"])
    assert done.exit_code == 0, done.output
    assert done.stdout == '{"added": 1, "replaced": 0}\n'
    assert run.invoke(group, ["entities", "watch", "ash", "apple"]).exit_code == 0
    listed = run.invoke(group, ["entities", "list", "--watched", "--json"])
    assert '"id": "ash"' in listed.stdout
    assert '"id": "apple"' in listed.stdout
    assert '"id": "microsoft"' not in listed.stdout
    file.write_text(HEADER + "ASH,Ashgrove,,,,,\n")
    bad = run.invoke(group, ["entities", "import", str(file)])
    assert isinstance(bad.exception, TriviumError)
    assert "Rows of mine.csv are wrong (line 2, id: small letters" in str(bad.exception)
