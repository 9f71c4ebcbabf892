"""What is refused before anything parses it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter, Depends, Form, UploadFile
from pydantic import BaseModel
from starlette.testclient import TestClient

from core.app import App, Services
from core.auth.access import public
from core.server.bodies import MOST_BYTES_WITHOUT_KEY
from core.settings import Settings
from core.testing.api import api_client

MOST = 100_000


class Note(BaseModel):
    text: Any


def build_router(services: Services) -> APIRouter:
    router = APIRouter(dependencies=[Depends(public)])

    @router.post("/note")
    async def note(note: Note) -> Any:
        """Say it again."""
        return note.text

    @router.post("/file")
    async def file(file: UploadFile) -> int:
        """Measure a file."""
        return len(await file.read())

    @router.post("/form")
    async def form(text: str = Form()) -> str:
        """Say it again."""
        return text

    @router.post("/unread")
    async def unread() -> str:
        """Read nothing."""
        return "done"

    return router


ECHO = App("echo", "Echo", "E", "/v1/echo", "Says it again.", build_router)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"max_upload_bytes": MOST})


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with api_client(services, [ECHO]) as client:
        yield client


def post(client: TestClient, body: bytes, kind: str = "application/json"):
    return client.post("/v1/echo/note", content=body, headers={"Content-Type": kind})


def test_a_body_at_the_limit_passes_and_one_byte_more_does_not(client: TestClient):
    frame = len(b'{"text": ""}')
    assert post(client, b'{"text": "%s"}' % (b"a" * (MOST - frame))).status_code == 200
    answer = post(client, b'{"text": "%s"}' % (b"a" * (MOST - frame + 1)))
    assert answer.status_code == 413
    assert answer.headers["Connection"] == "close"
    assert answer.json()["detail"] == "The request has more than 100,000 bytes."


@pytest.mark.parametrize("path", ["note", "unread"])
def test_a_stated_length_over_the_limit_is_refused_without_reading(client: TestClient, path: str):
    answer = client.post(f"/v1/echo/{path}", content=b"{}", headers={"Content-Length": str(MOST + 1)})
    assert answer.status_code == 413


def test_a_body_of_unstated_length_is_counted_while_it_arrives(client: TestClient):
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while taken < 100 * MOST:
            taken += 10_000
            yield b"x" * 10_000

    answer = client.post("/v1/echo/note", content=endless(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")


def test_a_file_that_is_too_large_is_refused(client: TestClient):
    assert client.post("/v1/echo/file", files={"file": b"x" * 90_000}).json() == 90_000
    assert client.post("/v1/echo/file", files={"file": b"x" * MOST}).status_code == 413


def test_without_a_key_only_small_bodies_are_read(services: Services):
    with api_client(services, [ECHO], scopes=()) as client:
        small = b'{"text": "%s"}' % (b"a" * (MOST_BYTES_WITHOUT_KEY - 12))
        assert post(client, small).status_code == 200
        assert post(client, small + b" ").status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        rb'{"text": "a\u0000b"}',
        rb'{"text": ["a", {"\u0000": 1}]}',
        rb'{"text": "\\\u0000"}',
        b'{"text": "a\x00b"}',
        rb'{"text": "\ud83d"}',
        rb'{"text": "\udc00\ud83d"}',
        rb'{"text": "\ud83d x"}',
        '{"text": "wide"}'.encode("utf-16"),
        '{"text": "wide"}'.encode("utf-32-le"),
    ],
)
def test_characters_that_no_database_keeps_are_refused(client: TestClient, body: bytes):
    for kind in ("application/json", "application/merge-patch+json; charset=utf-8"):
        answer = post(client, body, kind)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unusable-character")


@pytest.mark.parametrize(
    "text", ["\\u0000", "\\\\u0000", "smile 😀", "é\u200b\ufeff", "\\ud83d", "\U0010ffff", "\u0001\t"]
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_everything_else_comes_through_unchanged(client: TestClient, text: str, ascii_only: bool):
    answer = post(client, json.dumps({"text": text}, ensure_ascii=ascii_only).encode())
    assert answer.json() == text


def test_characters_that_arrive_in_pieces_are_seen_too(client: TestClient):
    def pieces() -> Iterator[bytes]:
        yield from (b'{"text": "a\\', b"u00", b'00"}')

    answer = client.post("/v1/echo/note", content=pieces(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_nul_in_an_address_or_a_form_is_refused(client: TestClient):
    assert client.get("/v1/models/a%00b").status_code == 422
    assert client.get("/v1/apps?q=%00").status_code == 422
    assert client.post("/v1/echo/form", data={"text": "a\x00"}).status_code == 422
    assert client.post("/v1/echo/form", data={"text": "a%00"}).json() == "a%00"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"text": ' * 9_000,
        b"[" * 90_000,
        b'{"text": 1e999999}',
        b'{"text": %s}' % (b"9" * 90_000),
        b'{"text": NaN}',
        b"\xff\xfe",
        b'"\\u',
        b'{"text": "\xc3\x28"}',
        b'{"text": {"__proto__": {}}}',
    ],
)
def test_odd_bodies_get_an_answer_that_is_no_fault_of_ours(client: TestClient, body: bytes):
    for kind in (
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
    ):
        for path in ("/v1/echo/note", "/v1/echo/file", "/v1/echo/form", "/v1/embeddings"):
            answer = client.post(path, content=body, headers={"Content-Type": kind})
            assert answer.status_code in (200, 400, 422), (path, kind, answer.text)
            answer.json()
