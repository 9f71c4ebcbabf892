"""Conversations are read out whole, in order, and masked unless somebody says otherwise."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from starlette.testclient import TestClient
from typer.testing import CliRunner

from apps.customer_service.app import app
from apps.customer_service.commands import exporting
from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.store import exporting as store
from core.app import Services
from core.cli import build_cli
from core.errors import TriviumError
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.api import api_client
from core.testing.fakes import FixedClock, LetterEncoder

SECRETS = ["ann@example.org", "DE89 3704 0044 0532 0130 00", "crm-ann-77"]
ROWS = [{"id": "fee", "question": "What does a new card cost?", "answer": "A new card costs £5."}]


def fill(services: Services, client: TestClient, clock: FixedClock) -> list[str]:
    """Three conversations, on three days; personal data wherever a customer can write it."""
    import_rows(ROWS, services.collections.ensure("support"))
    import_rows(ROWS, services.collections.ensure("shop"))
    chats = []
    for n in range(3):
        begun = client.post(
            "/v1/support/conversations",
            json={
                "customer": "crm-ann-77",
                "collection": "shop" if n == 1 else "support",
                "metadata": {"mail": "ann@example.org"},
                "message": {
                    "text": "I am at ann@example.org, IBAN DE89 3704 0044 0532 0130 00",
                    "client_id": "ann@example.org",
                },
            },
        )
        chat = str(begun.json()["conversation"]["id"])
        at = f"/v1/support/conversations/{chat}"
        opinion = {"thumb": "down", "comment": "write to ann@example.org"}
        assert client.post(f"{at}/entries/2/feedback", json=opinion).status_code == 204
        assert client.post(f"{at}/rating", json={"score": 2, "comment": "ann@example.org"}).status_code == 200
        chats.append(chat)
        clock.advance(days=1)
    return chats


@pytest.fixture
def house(settings: Settings, database_url: str, clock: FixedClock) -> Iterator[Services]:
    services = open_services(
        settings.model_copy(update={"database_url": database_url}), encoder=LetterEncoder(), clock=clock
    )
    upgrade(services.database, [app])
    yield services
    close_services(services)


def exported(client: TestClient, **query: Any) -> list[dict[str, Any]]:
    answer = client.get("/v1/support/export", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/jsonl"
    return [json.loads(line) for line in answer.text.splitlines()]


def test_rows_are_masked_unless_raw_ones_are_asked_for(
    house: Services, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(store, "AT_ONCE", 2)
    with api_client(house, [app]) as client:
        chats = fill(house, client, clock)
        masked, raw = exported(client), exported(client, raw=True)
    assert [row["id"] for row in masked] == [row["id"] for row in raw] == chats
    assert not any(secret in json.dumps(masked) for secret in SECRETS)
    assert masked[0]["entries"][0]["text"] == "I am at [EMAIL], IBAN [IBAN]"
    assert masked[0]["entries"][1]["comment"] == "write to [EMAIL]"
    assert masked[0]["rating_comment"] == "[EMAIL]"
    assert masked[0]["customer"] == masked[1]["customer"] != raw[0]["customer"] == "crm-ann-77"
    assert "metadata" not in masked[0]
    assert all(secret in json.dumps(raw, ensure_ascii=False) for secret in SECRETS)
    for row in masked:
        assert [entry["number"] for entry in row["entries"]] == list(range(1, len(row["entries"]) + 1))
    assert masked[0]["entries"][1]["data"]["action"] == raw[0]["entries"][1]["data"]["action"]


def test_pseudonyms_of_two_exports_do_not_meet(house: Services, clock: FixedClock):
    with api_client(house, [app]) as client:
        fill(house, client, clock)
        assert exported(client)[0]["customer"] != exported(client)[0]["customer"]


def test_a_span_of_time_and_a_knowledge_base_narrow_it(house: Services, clock: FixedClock):
    began = clock().isoformat()
    with api_client(house, [app]) as client:
        chats = fill(house, client, clock)
        second = datetime(2026, 1, 2, 12, tzinfo=UTC).isoformat()
        third = datetime(2026, 1, 3, 12, tzinfo=UTC).isoformat()
        assert [row["id"] for row in exported(client, since=second, until=third)] == [chats[1]]
        assert [row["id"] for row in exported(client, until=second)] == [chats[0]]
        assert [row["id"] for row in exported(client, collection="shop")] == [chats[1]]
        assert exported(client, until=began) == []
        for wrong in ({"since": third, "until": second}, {"since": "2026-01-01T00:00:00"}, {"since": "soon"}):
            assert client.get("/v1/support/export", params=wrong).status_code == 422


def test_only_agents_keys_export(house: Services):
    with api_client(house, [app], scopes=["support:chat"]) as client:
        assert client.get("/v1/support/export").status_code == 403


@pytest.fixture
def filled(clock: FixedClock) -> list[str]:
    """Conversations in the database that the command line opens."""
    services = open_services(Settings(), encoder=LetterEncoder(), clock=clock)
    upgrade(services.database, [app])
    with api_client(services, [app]) as client:
        chats = fill(services, client, clock)
    close_services(services)
    return chats


def trivium(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(build_cli()[0], ["support", *words])
    return done.exit_code, done.output


def test_the_command_writes_json_lines(filled: list[str], tmp_path: Path):
    code, said = trivium("export", "out.jsonl", "--since", "2026-01-02", "--json")
    assert (code, '{"conversations": 2, "masked": true}' in said) == (0, True)
    text = (tmp_path / "out.jsonl").read_text()
    assert [json.loads(line)["id"] for line in text.splitlines()] == filled[1:]
    assert not any(secret in text for secret in SECRETS)


def test_the_command_writes_parquet_with_a_row_an_entry(
    filled: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(exporting, "FLAT", 2)
    assert trivium("export", "masked.parquet")[0] == 0
    assert trivium("export", "raw.parquet", "--raw")[0] == 0
    masked, raw = (parquet.read_table(tmp_path / f"{name}.parquet").to_pylist() for name in ("masked", "raw"))
    assert not any(secret in str(masked) for secret in SECRETS)
    assert all(secret in str(raw) for secret in SECRETS)
    assert list(dict.fromkeys(row["id"] for row in masked)) == filled
    assert masked[0]["entry_text"] == "I am at [EMAIL], IBAN [IBAN]"
    assert (masked[0]["metadata"], json.loads(raw[0]["metadata"])) == (None, {"mail": "ann@example.org"})
    assert json.loads(masked[1]["entry_data"])["action"]


@pytest.mark.parametrize(
    ("words", "said", "exit_code"),
    [
        (["out.xlsx"], "out.xlsx is of no known kind", 2),
        (["out.jsonl", "--since", "yesterday"], "a time cannot be read", 2),
        (["out.jsonl", "--since", "2026-02-02", "--until", "2026-02-01"], "`until` is not later", 2),
        (["nowhere/out.jsonl"], "cannot be written", 1),
    ],
)
def test_what_cannot_be_written_is_said_and_leaves_nothing(words: list[str], said: str, exit_code: int, tmp_path: Path):
    done = CliRunner().invoke(build_cli()[0], ["support", "export", *words])
    assert isinstance(done.exception, TriviumError)
    assert said in str(done.exception)[:1].lower() + str(done.exception)[1:]
    assert done.exception.exit_code == exit_code
    assert not [path for path in tmp_path.iterdir() if path.suffix in {".part", ".jsonl", ".xlsx"}]
