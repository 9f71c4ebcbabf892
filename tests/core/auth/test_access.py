"""Keys, scopes and limits as a client meets them over HTTP."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Depends

from core.app import App, Services
from core.auth.access import Caller, public, require
from core.auth.middleware import presented_key
from core.auth.verify import WrongKey
from core.testing.api import api_client


def build_router(services: Services) -> APIRouter:
    router = APIRouter()

    @router.get("/who")
    async def who(caller: Annotated[Caller, Depends(require("notes:read"))]) -> str:
        """Say who is calling."""
        return caller.name

    @router.post("/read")
    def read(tokens: int, caller: Annotated[Caller, Depends(require("notes:read"))]) -> str:
        """Spend tokens."""
        caller.spend_tokens(tokens)
        return "read"

    @router.get("/open", dependencies=[Depends(public)])
    async def anybody() -> str:
        """Welcome anybody."""
        return "welcome"

    return router


NOTES = App(
    "notes", "Notes", "N", "/v1/notes", "Keeps notes.", build_router, {"notes:read": "read", "notes:write": "write"}
)


def test_without_a_key_the_answer_says_what_to_send(services: Services):
    with api_client(services, [NOTES], scopes=()) as client:
        answer = client.get("/v1/notes/who")
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="trivium"')
        assert answer.json()["remedy"] == "Send it as `Authorization: Bearer trv_…`."
        assert client.get("/v1/notes/open").json() == "welcome"


def test_the_wrong_scope_is_refused_by_name_and_the_right_one_let_in(services: Services):
    with api_client(services, [NOTES], scopes=["notes:write"]) as client:
        answer = client.get("/v1/notes/who")
        assert (answer.status_code, answer.json()["detail"]) == (403, "This key lacks the scope 'notes:read'.")
    for scope in ("notes:read", "admin"):
        with api_client(services, [NOTES], scopes=[scope]) as client:
            assert client.get("/v1/notes/who").json() == "test"


def test_both_headers_are_understood(services: Services):
    with api_client(services, [NOTES]) as client:
        key = client.headers.pop("Authorization").removeprefix("Bearer ")
        assert client.get("/v1/notes/who").status_code == 401
        assert client.get("/v1/notes/who", headers={"X-API-Key": key}).status_code == 200
        assert client.get("/v1/notes/who", headers={"Authorization": f"bearer  {key}"}).status_code == 200


def test_a_wrong_key_is_refused_even_where_none_is_needed(services: Services):
    with api_client(services, [NOTES], scopes=()) as client:
        answer = client.get("/v1/notes/open", headers={"X-API-Key": "trv_guess"})
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/wrong-key")


@pytest.mark.parametrize(
    "headers",
    [
        [(b"authorization", b"Basic dXNlcjpwYXNz")],
        [(b"authorization", b"Bearer one"), (b"x-api-key", b"two")],
        [(b"x-api-key", b"one"), (b"x-api-key", b"two")],
    ],
)
def test_ambiguous_or_foreign_credentials_are_refused(headers):
    with pytest.raises(WrongKey):
        presented_key(headers)


def test_limits_are_told_in_headers_before_they_are_reached(services: Services):
    with api_client(services, [NOTES], requests_per_minute=2) as client:
        first = client.get("/v1/notes/who")
        told = [first.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")]
        assert told == ["2", "1", "60"]
        client.get("/v1/notes/who")
        refused = client.get("/v1/notes/who")
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "60"
        assert refused.headers["X-RateLimit-Remaining"] == "0"
        assert refused.json()["detail"] == "This key's 2 requests a minute are used up."


def test_tokens_are_spent_by_the_endpoint(services: Services):
    with api_client(services, [NOTES], tokens_per_minute=10) as client:
        assert client.post("/v1/notes/read?tokens=8").status_code == 200
        refused = client.post("/v1/notes/read?tokens=8")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
        assert client.post("/v1/notes/read?tokens=11").status_code == 413


def test_guessing_over_http_ends_in_429(services: Services):
    with api_client(services, [NOTES], scopes=()) as client:
        statuses = [client.get("/v1/apps", headers={"X-API-Key": f"guess {n}"}).status_code for n in range(22)]
    assert statuses == [401] * 20 + [429] * 2
