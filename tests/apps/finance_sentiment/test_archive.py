"""The archive over HTTP: lists, pages, filters, meaning, stories, files; on both databases."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pyarrow import parquet
from sqlalchemy.orm import Session
from starlette.testclient import TestClient
from typer.testing import CliRunner

from apps.finance_sentiment.app import app
from apps.finance_sentiment.commands import build_commands
from apps.finance_sentiment.pipeline.archive_index import NAME, open_archive_index
from apps.finance_sentiment.pipeline.stories import Stories
from apps.finance_sentiment.pipeline.tables import safe_cell
from apps.finance_sentiment.store.archive_tables import DocumentRow
from core.app import Services
from core.cli import opening
from core.errors import Invalid
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.api import api_client
from core.testing.fakes import FixedClock, LetterEncoder
from tests.apps.finance_sentiment.archive import NOON, captured, company, reading

RECALL = "Ash recalls 40,000 heaters after house fires"


@pytest.fixture
def house(settings: Settings, database_url: str, clock: FixedClock) -> Iterator[Services]:
    section = {"finance_sentiment": {"shipped_companies": False, "searchable_documents": 3}}
    own = settings.model_copy(update={"database_url": database_url, "apps": section})
    opened = open_services(own, encoder=LetterEncoder(), clock=clock)
    upgrade(opened.database, [app])
    with opened.database.session(write=True) as session:
        company(session, "ash")
        company(session, "birch")
    clock.advance(hours=48)
    yield opened
    close_services(opened)


@pytest.fixture
def client(house: Services) -> Iterator[TestClient]:
    with api_client(house, [app]) as opened:
        yield opened


@pytest.fixture
def reader(house: Services) -> Stories:
    return Stories(house.database, house.clock)


def read(
    session: Session, reader: Stories, title: str, hours: float, moods: dict[str, float], **more: str
) -> DocumentRow:
    """Capture a document, give it its story, and read moods of companies from it."""
    row = captured(session, title, NOON + timedelta(hours=hours), **more)
    reader.assign(session, [row])
    row.read_at = NOON + timedelta(hours=hours)
    session.add_all(reading(row, entity, score) for entity, score in moods.items())
    session.flush()
    return row


def listed(client: TestClient, **asked: str | int) -> list[str]:
    answer = client.get("/v1/finance/documents", params=asked)
    assert answer.status_code == 200, answer.json()
    return [item["title"] for item in answer.json()["items"]]


@pytest.fixture
def filled(house: Services, reader: Stories) -> Services:
    with house.database.session(write=True) as session:
        read(session, reader, RECALL, 0, {"ash": -0.9})
        read(session, reader, f"UPDATE 1-{RECALL}", 1, {"ash": -0.8}, source="wire")
        read(session, reader, "Birch wins order; Ash bids too", 2, {"birch": 0.9, "ash": 0.1})
        captured(session, "Cedar opens a mill", NOON + timedelta(hours=3))
    return house


def test_an_empty_archive_is_an_empty_list(client: TestClient):
    assert listed(client) == listed(client, q="recall") == []
    assert client.get("/v1/finance/entities/ash/stories").json() == {"items": [], "next_cursor": None}
    assert client.get("/v1/finance/documents/1").status_code == 404


def test_documents_come_newest_first_with_what_they_say(client: TestClient, filled: Services):
    items = client.get("/v1/finance/documents").json()["items"]
    assert [item["read"] for item in items] == [False, True, True, True]
    assert [(one["name"], one["mood"]) for one in items[1]["readings"]] == [("Ash", "neutral"), ("Birch", "positive")]
    assert [item["echo"] for item in items[2:]] == [True, False]
    assert client.get(f"/v1/finance/documents/{items[3]['id']}").json()["title"] == RECALL


def test_filters_of_a_list(client: TestClient, filled: Services):
    assert listed(client, entity="birch") == ["Birch wins order; Ash bids too"]
    assert len(listed(client, entity="ash")) == 3
    assert listed(client, entity="ash", mood="neutral") == ["Birch wins order; Ash bids too"]
    assert len(listed(client, mood="negative")) == 2
    assert listed(client, mood="unclear") == []
    assert listed(client, source="wire") == [f"UPDATE 1-{RECALL}"]
    assert listed(client, **{"from": "2026-01-01T13:00Z", "to": "2026-01-01T14:00Z"}) == [f"UPDATE 1-{RECALL}"]
    story = client.get("/v1/finance/documents", params={"source": "wire"}).json()["items"][0]["story"]
    assert len(listed(client, story=story)) == 2
    assert client.get("/v1/finance/documents", params={"from": "2026-01-01T13:00"}).status_code == 422


@pytest.mark.parametrize("asked", [{}, {"entity": "ash"}])
def test_pages_hold_each_document_once(client: TestClient, filled: Services, asked: dict[str, str]):
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get("/v1/finance/documents", params={**asked, "limit": 1, "cursor": cursor}).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ([3, 2, 1] if asked else [4, 3, 2, 1])
    assert client.get("/v1/finance/documents", params={"cursor": "x"}).status_code == 422


def test_stories_of_a_company_count_their_echoes(client: TestClient, filled: Services):
    with filled.database.session(write=True) as session:
        for row in session.query(DocumentRow).filter(DocumentRow.echo):
            for one in session.query(type(reading(row, "ash", 0.0))).filter_by(document_id=row.id):
                one.echo = True
    [bid, recall] = client.get("/v1/finance/entities/ash/stories").json()["items"]
    assert (recall["title"], recall["echoes"], recall["source"], recall["mood"]) == (RECALL, 1, "feed", "negative")
    assert bid["echoes"] == 0
    page = client.get("/v1/finance/entities/ash/stories", params={"limit": 1}).json()
    again = client.get("/v1/finance/entities/ash/stories", params={"limit": 1, "cursor": page["next_cursor"]}).json()
    assert [*page["items"], *again["items"]] == [bid, recall]


def test_the_index_follows_what_was_read_and_leaves_echoes_out(client: TestClient, filled: Services):
    index = open_archive_index(filled)
    index.follow()
    assert sorted(listed(client, q="recalls heaters")) == sorted([RECALL, "Birch wins order; Ash bids too"])
    assert listed(client, q="recalls heaters")[0] == RECALL
    assert listed(client, q="recalls", entity="birch") == ["Birch wins order; Ash bids too"]
    assert listed(client, q="heaters", mood="negative") == [RECALL]
    assert listed(client, q="heaters", **{"from": "2026-01-01T13:00Z"}) == ["Birch wins order; Ash bids too"]
    assert client.get("/v1/finance/documents", params={"q": "heaters", "cursor": "abc"}).status_code == 422


def test_what_was_unread_when_the_index_came_by_is_indexed_later(client: TestClient, filled: Services, reader: Stories):
    index = open_archive_index(filled)
    index.follow()
    with filled.database.session(write=True) as session:
        row = session.get_one(DocumentRow, 4)
        reader.assign(session, [row])
        row.read_at = NOON
    assert open_archive_index(filled).follow() == 1
    assert listed(client, q="Cedar mill")[0] == "Cedar opens a mill"
    assert open_archive_index(filled).follow() == 0


def test_only_the_newest_documents_are_kept_searchable(client: TestClient, filled: Services, reader: Stories):
    with filled.database.session(write=True) as session:
        for at, title in enumerate(["Dogwood sues Elm", "Fir buys Gum for cash"]):
            read(session, reader, title, 4 + at, {})
    open_archive_index(filled).follow()
    assert filled.collections.get(NAME).count() == 3
    assert RECALL not in listed(client, q="recalls heaters")


def test_a_correction_reaches_the_index(client: TestClient, filled: Services):
    index = open_archive_index(filled)
    index.follow()
    with filled.database.session(write=True) as session:
        row = session.get_one(DocumentRow, 1)
        row.echo = True
        session.add(reading(session.get_one(DocumentRow, 3), "birch", 0.5))
    index.refresh([1, 3])
    assert listed(client, q="recalls heaters") == ["Birch wins order; Ash bids too"]


def test_a_file_of_documents_is_safe_and_whole(client: TestClient, filled: Services, reader: Stories):
    with filled.database.session(write=True) as session:
        read(session, reader, '=HYPERLINK("http://x","Ash")', 5, {"ash": -1.0})
    answer = client.get("/v1/finance/documents", params={"format": "csv", "limit": 1})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert rows[0]["title"] == '\'=HYPERLINK("http://x","Ash")'
    assert rows[0]["score"] == "-1.0"
    assert [row["entity"] for row in rows] == ["ash", "", "ash", "birch", "ash", "ash"]
    answer = client.get("/v1/finance/documents", params={"format": "parquet", "entity": "birch"})
    [row] = parquet.read_table(io.BytesIO(answer.content)).to_pylist()
    assert (row["name"], row["mood"], row["echo"]) == ("Birch", "positive", False)


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "  =1", "\uff1d1", "\x00=1"])
def test_no_cell_begins_a_formula(cell: str):
    assert safe_cell(cell).startswith("'")


def test_export_on_the_command_line(filled: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(opening, "read_settings", lambda: filled.settings)
    runner, target = CliRunner(), tmp_path / "out.csv"
    done = runner.invoke(build_commands(), ["export", str(target), "--entity", "ash", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["rows"] == 3
    assert len(target.read_text().splitlines()) == 4
    refused = runner.invoke(build_commands(), ["export", str(tmp_path / "out.txt")])
    assert isinstance(refused.exception, Invalid)


def test_without_an_index_a_search_says_so(house: Services):
    section = {"finance_sentiment": {"shipped_companies": False, "searchable_documents": 0}}
    bare = open_services(
        house.settings.model_copy(update={"apps": section}), encoder=LetterEncoder(), clock=house.clock
    )
    with api_client(bare, [app]) as client:
        answer = client.get("/v1/finance/documents", params={"q": "heaters"})
        assert (answer.status_code, answer.json()["detail"]) == (409, "Search by meaning is switched off here.")
    close_services(bare)
