"""Every error as a problem in plain words, without what was sent and without our inside."""

from enum import Enum
from typing import Annotated, Literal

import pytest
from fastapi import APIRouter, Depends, HTTPException
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator
from starlette.testclient import TestClient

from core.app import App, Services
from core.auth.access import public
from core.errors import Conflict, Overloaded
from core.testing.api import api_client

SECRET = "my cat ate the invoice"


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=2, max_length=5)] = "ok"
    age: Annotated[int, Field(ge=0, le=150)] = 1
    colour: Colour = Colour.RED
    kind: Literal["cat", "dog"] = "cat"
    when: AwareDatetime | None = None
    tags: Annotated[list[str], Field(max_length=2)] = []
    notes: dict[str, int] = {}

    @field_validator("name")
    @classmethod
    def _not_reserved(cls, name: str) -> str:
        if name == "admin":
            raise ValueError("must not be a reserved name")
        return name


class Full(Conflict):
    def __init__(self) -> None:
        super().__init__("the shelf is full", remedy="remove a book")


def build_router(services: Services) -> APIRouter:
    router = APIRouter(dependencies=[Depends(public)])

    @router.post("/form")
    async def form(form: Form) -> str:
        """Take a form."""
        return "taken"

    @router.get("/number/{number}")
    async def number(number: int) -> int:
        """Say a number."""
        return number

    @router.get("/fail/{how}")
    def fail(how: str) -> str:
        """Fail."""
        match how:
            case "full":
                raise Full
            case "busy":
                raise Overloaded("the queue is full", remedy="try again in a second")
            case "http":
                raise HTTPException(418, detail=SECRET)
            case _:
                raise ValueError(SECRET)

    return router


FORMS = App("forms", "Forms", "F", "/v1/forms", "Takes forms.", build_router)


@pytest.fixture
def client(services: Services):
    with api_client(services, [FORMS], scopes=()) as client:
        yield client


def test_an_error_of_ours_becomes_its_fact_its_status_and_its_remedy(client: TestClient):
    answer = client.get("/v1/forms/fail/full")
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/full",
        "title": "Full",
        "status": 409,
        "detail": "The shelf is full.",
        "remedy": "Remove a book.",
        "message": "The shelf is full: remove a book.",
        "request_id": answer.headers["X-Request-ID"],
        "errors": [],
    }


def test_an_error_that_passes_says_when_to_try_again(client: TestClient):
    answer = client.get("/v1/forms/fail/busy")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


@pytest.mark.parametrize(("how", "status"), [("http", 418), ("inside", 500)])
def test_a_strangers_words_never_come_through(client: TestClient, how: str, status: int):
    answer = client.get(f"/v1/forms/fail/{how}")
    assert answer.status_code == status
    assert SECRET not in answer.text
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


def test_an_unknown_path_and_a_wrong_method_say_so(client: TestClient):
    assert client.get("/v1/nothing").json()["detail"] == "There is nothing at this address."
    answer = client.delete("/v1/forms/form")
    assert (answer.status_code, answer.json()["remedy"], answer.headers["Allow"]) == (405, "Use POST.", "POST")


@pytest.mark.parametrize(
    ("sent", "field", "problem"),
    [
        ({"name": "x"}, "body.name", "needs at least 2 characters"),
        ({"name": SECRET}, "body.name", "has more than 5 characters"),
        ({"name": 7}, "body.name", "must be text"),
        ({"name": "admin"}, "body.name", "must not be a reserved name"),
        ({"age": SECRET}, "body.age", "must be a whole number"),
        ({"age": 1.5}, "body.age", "must be a whole number"),
        ({"age": -1}, "body.age", "must be at least 0"),
        ({"age": 10**30}, "body.age", "must be at most 150"),
        ({"colour": SECRET}, "body.colour", "must be 'red' or 'blue'"),
        ({"kind": SECRET}, "body.kind", "must be 'cat' or 'dog'"),
        ({"when": SECRET}, "body.when", "must be a time in ISO 8601"),
        ({"when": "2026-01-01T00:00:00"}, "body.when", "must be a time with its time zone"),
        ({"tags": SECRET}, "body.tags", "must be a list"),
        ({"tags": ["a", "b", "c"]}, "body.tags", "has more than 2 entries"),
        ({"tags": ["a", None]}, "body.tags.1", "must be text"),
        ({"notes": {SECRET: "x"}}, "body.notes.…", "must be a whole number"),
        ({"nmae": "x"}, "body.nmae", "is not known here"),
        ({SECRET: 1}, "body.…", "is not known here"),
        ([SECRET], "body", "must be a JSON object sent as application/json"),
        (None, "body", "is missing"),
    ],
)
def test_what_does_not_fit_is_named_in_plain_words(client: TestClient, sent, field: str, problem: str):
    answer = client.post("/v1/forms/form", json=sent)
    assert answer.status_code == 422
    assert {"field": field, "problem": problem} in answer.json()["errors"]
    assert SECRET not in answer.text


def test_parameters_are_named_too(client: TestClient):
    answer = client.get(f"/v1/forms/number/{SECRET}")
    assert answer.json()["errors"] == [{"field": "path.number", "problem": "must be a whole number"}]
    assert SECRET not in answer.text


def test_many_faults_are_cut_short(client: TestClient):
    answer = client.post("/v1/forms/form", json={f"f{n}": n for n in range(50)})
    assert len(answer.json()["errors"]) == 20
    assert answer.json()["detail"].endswith("; and 47 more.")


def test_the_description_names_problems_as_what_they_are(client: TestClient):
    schema = client.get("/openapi.json").json()
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert "application/problem+json" in operation["responses"]["default"]["content"], path
            assert operation["responses"]["200"].get("content"), path
            assert "422" not in operation["responses"], path
