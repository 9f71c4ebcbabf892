"""Writes that are sent twice and happen once."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, Form, UploadFile
from pydantic import BaseModel
from starlette.testclient import TestClient

from core.app import App, Services
from core.auth import create_key
from core.auth.access import require
from core.database import Database
from core.errors import Conflict
from core.idempotency.answers import CLAIMED_FOR, KEPT_FOR, Answer, Answers, Claim, IdempotencyKeyReused, StillRunning
from core.idempotency.dependency import idempotent
from core.testing.api import api_client
from core.testing.fakes import FixedClock


class Note(BaseModel):
    text: str


class Shelf:
    """Counts what was done."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.full = self.broken = False
        self.entered = threading.Event()
        self.hold: threading.Event | None = None


def shelf_app(shelf: Shelf) -> App:
    def build(services: Services) -> APIRouter:
        router = APIRouter(dependencies=[Depends(require("notes:write")), Depends(idempotent)])

        @router.post("/notes", status_code=201)
        def add(note: Note) -> Note:
            """Add a note."""
            shelf.entered.set()
            if shelf.hold is not None:
                assert shelf.hold.wait(10)
            if shelf.full:
                raise Conflict("the shelf is full")
            if shelf.broken:
                raise RuntimeError("broken")
            shelf.done.append(note.text)
            return note

        @router.post("/files")
        def upload(file: UploadFile, title: Annotated[str, Form()]) -> int:
            """Add a file."""
            shelf.done.append(title)
            return len(file.file.read())

        @router.post("/long")
        def long() -> str:
            """Answer at length."""
            shelf.done.append("long")
            return "x" * 2_000_000

        return router

    return App("notes", "Notes", "N", "/v1/notes", "Keeps notes.", build, {"notes:write": "write"})


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def client(services: Services, shelf: Shelf) -> Iterator[TestClient]:
    with api_client(services, [shelf_app(shelf)]) as client:
        yield client


def add(client: TestClient, text: str = "milk", key: str = "k-1"):
    return client.post("/v1/notes/notes", json={"text": text}, headers={"Idempotency-Key": key})


def test_the_second_time_the_first_answer_comes_back(client: TestClient, shelf: Shelf):
    first, second = add(client), add(client)
    assert shelf.done == ["milk"]
    assert (second.status_code, second.json()) == (first.status_code, first.json()) == (201, {"text": "milk"})
    assert second.headers["Content-Type"] == "application/json"
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers


def test_without_the_header_every_request_counts(client: TestClient, shelf: Shelf):
    for _ in range(2):
        client.post("/v1/notes/notes", json={"text": "milk"})
    assert shelf.done == ["milk", "milk"]


def test_the_key_cannot_be_used_for_another_request(client: TestClient, shelf: Shelf):
    add(client)
    for answer in (
        add(client, "bread"),
        client.post("/v1/notes/notes?x=1", json={"text": "milk"}, headers={"Idempotency-Key": "k-1"}),
        client.post("/v1/notes/long", headers={"Idempotency-Key": "k-1"}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert shelf.done == ["milk"]


def test_two_callers_may_choose_the_same_key(services: Services, shelf: Shelf):
    for _ in range(2):
        with api_client(services, [shelf_app(shelf)]) as client:
            assert add(client).status_code == 201
    assert shelf.done == ["milk", "milk"]


@pytest.mark.parametrize("trouble", ["full", "broken"])
def test_what_failed_may_be_tried_again(client: TestClient, shelf: Shelf, trouble: str):
    setattr(shelf, trouble, True)
    assert add(client).status_code in (409, 500)
    setattr(shelf, trouble, False)
    assert add(client).status_code == 201
    assert shelf.done == ["milk"]


def test_a_request_that_does_not_fit_leaves_the_key_free(client: TestClient, shelf: Shelf):
    bad = client.post("/v1/notes/notes", json={}, headers={"Idempotency-Key": "k-1"})
    assert bad.status_code == 422
    assert add(client).status_code == 201


def test_while_the_first_runs_the_second_is_told_to_wait(client: TestClient, shelf: Shelf):
    shelf.hold = threading.Event()
    first = threading.Thread(target=add, args=(client,))
    first.start()
    assert shelf.entered.wait(10)
    second = add(client)
    assert (second.status_code, second.headers["Retry-After"]) == (409, "2")
    shelf.hold.set()
    first.join()
    assert add(client).headers["Idempotency-Replayed"] == "true"
    assert shelf.done == ["milk"]


@pytest.mark.parametrize("key", ["", "two words", "x" * 129, "é"])
def test_an_odd_key_is_refused(client: TestClient, shelf: Shelf, key: str):
    answer = client.post("/v1/notes/notes", json={"text": "milk"}, headers={"Idempotency-Key": key.encode("latin-1")})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-idempotency-key")
    assert shelf.done == []


def test_an_upload_counts_by_its_content_although_its_boundary_differs(client: TestClient, shelf: Shelf):
    def upload(content: bytes, title: str = "list"):
        sent = {"Idempotency-Key": "k-2"}
        return client.post("/v1/notes/files", files={"file": ("a.md", content)}, data={"title": title}, headers=sent)

    assert upload(b"abc").json() == 3
    assert upload(b"abc").headers["Idempotency-Replayed"] == "true"
    assert upload(b"abd").status_code == 422
    assert upload(b"abc", "other").status_code == 422
    assert shelf.done == ["list"]


def test_an_answer_too_long_to_keep_is_sent_all_the_same(client: TestClient, shelf: Shelf):
    answer = client.post("/v1/notes/long", headers={"Idempotency-Key": "k-3"})
    assert len(answer.json()) == 2_000_000


# The table itself, on both databases.


@pytest.fixture
def answers(database: Database, clock: FixedClock) -> Answers:
    return Answers(database, clock)


@pytest.fixture
def key_id(database: Database, clock: FixedClock) -> int:
    return create_key(database, "desk", ["admin"], known_scopes=(), now=clock()).id


DONE = Answer(201, "application/json", b"{}")


def claimed(found: Claim | Answer) -> Claim:
    assert isinstance(found, Claim)
    return found


def test_a_claim_is_answered_and_then_remembered_for_a_day(answers: Answers, key_id: int, clock: FixedClock):
    answers.keep(claimed(answers.claim(key_id, "k", "h")), DONE)
    clock.advance(seconds=(KEPT_FOR - timedelta(seconds=1)).total_seconds())
    assert answers.claim(key_id, "k", "h") == DONE
    with pytest.raises(IdempotencyKeyReused):
        answers.claim(key_id, "k", "other")
    clock.advance(seconds=1)
    claimed(answers.claim(key_id, "k", "other"))


def test_a_dead_process_does_not_block_its_key_for_ever(answers: Answers, key_id: int, clock: FixedClock):
    abandoned = claimed(answers.claim(key_id, "k", "h"))
    clock.advance(seconds=CLAIMED_FOR.total_seconds() - 1)
    with pytest.raises(StillRunning):
        answers.claim(key_id, "k", "h")
    clock.advance(seconds=1)
    taken_over = claimed(answers.claim(key_id, "k", "h"))
    answers.keep(abandoned, Answer(500, "", b"late"))  # it was not dead after all: too late
    answers.give_up(abandoned)
    answers.keep(taken_over, DONE)
    assert answers.claim(key_id, "k", "h") == DONE


def test_what_is_older_than_a_day_is_forgotten(answers: Answers, key_id: int, clock: FixedClock, database: Database):
    answers.keep(claimed(answers.claim(key_id, "old", "h")), DONE)
    clock.advance(hours=12)
    answers.keep(claimed(answers.claim(key_id, "new", "h")), DONE)
    clock.advance(hours=12)
    answers.expire()
    assert answers.claim(key_id, "new", "h") == DONE
    claimed(answers.claim(key_id, "old", "h"))


def test_of_many_threads_one_gets_the_claim(answers: Answers, key_id: int):
    got: list[object] = []

    def try_it() -> None:
        try:
            got.append(answers.claim(key_id, "k", "h"))
        except StillRunning as error:
            got.append(error)

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert sum(isinstance(one, Claim) for one in got) == 1
