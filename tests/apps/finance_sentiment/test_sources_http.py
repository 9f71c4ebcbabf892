"""Sources over HTTP and on the console."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from apps.finance_sentiment.app import app
from apps.finance_sentiment.commands import build_commands
from apps.finance_sentiment.pipeline import sources as pipeline
from apps.finance_sentiment.pipeline.polling import Poller
from apps.finance_sentiment.sample.serving import open_guarded_poller
from apps.finance_sentiment.schemas.sources import NewSource
from core.app import Services
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.api import api_client
from core.testing.fakes import FixedClock, LetterEncoder
from tests.apps.finance_sentiment.web import Web, web

FEED = "<rss version='2.0'><channel><title>Wire</title><item><title>One</title></item></channel></rss>"


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as made:
        made.put("/feed", FEED)
        yield made


@pytest.fixture
def services(settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setattr(Poller, "look", lambda _: 0)  # the server's own job would look at moments of its own
    chosen = settings.model_copy(update={"apps": {"finance_sentiment": {"allow_private_addresses": True}}})
    opened = open_services(chosen, encoder=LetterEncoder(), clock=clock)
    upgrade(opened.database, [app])
    yield opened
    close_services(opened)


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with api_client(services, [app]) as opened:
        yield opened


def test_a_source_over_http_from_beginning_to_end(client: TestClient, site: Web):
    body = {"kind": "feed", "address": f"{site.url}/feed?key=secret", "id": "wire"}
    assert client.post("/v1/finance/sources", json=body).status_code == 201
    assert client.post("/v1/finance/sources", json=body).status_code == 409
    site.put("/feed?key=secret", FEED)
    done = client.post("/v1/finance/sources/wire/poll").json()
    assert done == {"source": "wire", "ok": True, "reason": "", "changed": True, "seen": 1, "new": 1}
    shown = client.get("/v1/finance/sources/wire").json()
    assert (shown["state"], shown["items_new"], shown["title"]) == ("ok", 1, "Wire")
    assert shown["address"].endswith("?key=secret")
    changed = client.patch("/v1/finance/sources/wire", json={"enabled": False, "title": "The wire"}).json()
    assert (changed["state"], changed["title"]) == ("paused", "The wire")
    assert client.post("/v1/finance/sources/wire/poll").status_code == 409
    assert [one["id"] for one in client.get("/v1/finance/sources").json()["items"]] == ["wire"]
    assert client.delete("/v1/finance/sources/wire").status_code == 204
    for answer in (
        client.get("/v1/finance/sources/wire"),
        client.patch("/v1/finance/sources/wire", json={}),
        client.delete("/v1/finance/sources/wire"),
        client.post("/v1/finance/sources/wire/poll"),
    ):
        assert answer.status_code == 404
    assert client.get("/v1/finance/documents/1").json()["title"] == "One"


def test_a_source_is_tried_over_http(client: TestClient, site: Web):
    tried = client.post("/v1/finance/sources/test", json={"kind": "feed", "address": f"{site.url}/feed"})
    assert (tried.status_code, tried.json()["titles"]) == (200, ["One"])
    gone = client.post("/v1/finance/sources/test", json={"kind": "feed", "address": f"{site.url}/none"})
    assert (gone.status_code, gone.json()["detail"]) == (
        502,
        "There is nothing at this address (404).",
    )
    folder = client.post("/v1/finance/sources/test", json={"kind": "folder", "address": "/etc"})
    assert folder.status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "pigeon", "address": "https://x.example"},
        {"kind": "feed", "address": "file:///etc/passwd"},
        {"kind": "folder", "address": "/etc"},
        {"kind": "feed", "address": "https://x.example", "every_seconds": -5},
        {"kind": "feed", "address": "https://x.example", "every_seconds": 10},
        {"kind": "feed", "address": "https://x.example\u0000"},
    ],
)
def test_a_source_that_cannot_be_is_refused_over_http(client: TestClient, body: dict[str, object]):
    assert client.post("/v1/finance/sources", json=body).status_code == 422


def test_reading_keys_see_no_secrets_and_change_nothing(services: Services, site: Web):
    inbox = services.settings.home / "inbox"
    inbox.mkdir(parents=True)
    for name, kind, address in (("wire", "feed", f"{site.url}/feed?key=secret"), ("box", "folder", str(inbox))):
        new = NewSource.model_validate({"kind": kind, "address": address, "id": name})
        pipeline.add(services.once(open_guarded_poller), new)
    with api_client(services, [app], scopes=["finance:read"]) as reader:
        shown = {one["id"]: one["address"] for one in reader.get("/v1/finance/sources").json()["items"]}
        assert shown == {"wire": f"{site.url}/feed", "box": ""}
        for answer in (
            reader.post("/v1/finance/sources", json={"kind": "feed", "address": site.url}),
            reader.post("/v1/finance/sources/test", json={"kind": "feed", "address": site.url}),
            reader.post("/v1/finance/sources/wire/poll"),
            reader.patch("/v1/finance/sources/wire", json={"enabled": False}),
            reader.delete("/v1/finance/sources/wire"),
        ):
            assert answer.status_code == 403


def test_pages_of_sources_join(client: TestClient, site: Web):
    for n in range(5):
        client.post("/v1/finance/sources", json={"kind": "feed", "address": site.url, "id": f"s{n}"})
    first = client.get("/v1/finance/sources", params={"limit": 3}).json()
    rest = client.get("/v1/finance/sources", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == [f"s{n}" for n in range(5)]
    assert rest["next_cursor"] is None


def test_the_console_adds_tries_looks_and_removes(site: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "trivium.toml").write_text("[apps.finance_sentiment]\nallow_private_addresses = true\n")
    runner = CliRunner()

    def said(*words: str, code: int = 0) -> str:
        done = runner.invoke(build_commands(), list(words))
        assert done.exit_code == code, done.output
        return done.output

    assert "There are no sources yet" in said("sources", "list")
    assert "There is no source to look at" in said("poll", "--once")
    assert "1 documents, such as\n  One" in said("sources", "test", f"{site.url}/feed")
    assert "The source wire is added." in said("sources", "add", f"{site.url}/feed", "--id", "wire")
    assert json.loads(said("poll", "--once", "--json"))["items"][0]["new"] == 1
    said("sources", "add", f"{site.url}/none", "--id", "none")
    told = said("poll", "--once")
    assert "There is nothing at this address" in told
    assert "failing" in said("sources", "list")
    said("sources", "remove", "wire")
    said("poll", "--once", code=1)
    assert [one["id"] for one in json.loads(said("sources", "list", "--json"))["items"]] == ["none"]
