import socket

import httpx
import pytest
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ui.client import ApiProblem, Client, KeyRefused, open_http


class Heard(BaseModel):
    authorization: str
    query: str


async def echo(request: Request) -> Response:
    return JSONResponse({"authorization": request.headers["authorization"], "query": str(request.query_params)})


async def overloaded(_: Request) -> Response:
    problem = {
        "type": "/problems/overloaded",
        "status": 503,
        "detail": "The queue is full.",
        "remedy": "Wait a second.",
    }
    return JSONResponse(problem, 503, {"Retry-After": "7"}, media_type="application/problem+json")


async def locked(_: Request) -> Response:
    return JSONResponse({"detail": "The API key was revoked.", "remedy": "Create a new one."}, 401)


async def proxy_error(_: Request) -> Response:
    return PlainTextResponse("<html>bad gateway</html>", 502)


API = Starlette(
    routes=[
        Route("/echo", echo),
        Route("/overloaded", overloaded, methods=["GET", "POST"]),
        Route("/locked", locked),
        Route("/proxy", proxy_error),
    ]
)


class RefusesFirst(httpx.BaseTransport):
    """Nobody listens at the first try, as while the API restarts."""

    def __init__(self) -> None:
        self.tries = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.tries += 1
        if self.tries == 1:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, json={"authorization": "", "query": ""})


def test_the_key_travels_as_bearer_and_parameters_without_value_stay_home(client_of):
    heard = client_of(API).get("/echo", Heard, limit=5, cursor=None)
    assert heard == Heard(authorization="Bearer trv_abcdefgh_secret", query="limit=5")


def test_only_the_handle_of_the_key_is_shown(client_of):
    assert client_of(API).key_prefix == "trv_abcdefgh"


def test_a_problem_keeps_the_sentences_of_the_api(client_of):
    with pytest.raises(ApiProblem) as caught:
        client_of(API).get("/overloaded", Heard)
    assert str(caught.value) == "The queue is full. Wait a second."
    assert (caught.value.status, caught.value.name, caught.value.retry_after_s) == (503, "overloaded", 7)


def test_a_key_that_is_not_accepted_is_an_error_of_its_own(client_of):
    with pytest.raises(KeyRefused) as caught:
        client_of(API).get("/locked", Heard)
    assert str(caught.value) == "The API key was revoked. Create a new one."


def test_an_answer_that_is_no_problem_document_is_one_sentence_too(client_of):
    with pytest.raises(ApiProblem, match=r"^The API answered with status 502\. Try again in a moment\.$"):
        client_of(API).get("/proxy", Heard)


def test_an_answer_in_another_form_says_that_versions_differ(client_of):
    class Other(BaseModel):
        number: int

    with pytest.raises(ApiProblem, match="same version"):
        client_of(API).get("/echo", Other)


def test_when_nobody_listens_the_sentence_says_how_to_start_the_api():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with open_http(address) as http, pytest.raises(ApiProblem) as caught:
        Client(http, "trv_k").get("/echo", Heard)
    assert str(caught.value) == f"The API at {address} does not answer: start it with `trivium serve`."
    assert caught.value.status == 0


def test_an_api_that_takes_too_long_is_said_to():
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        with (
            httpx.Client(base_url=f"http://127.0.0.1:{mute.getsockname()[1]}", timeout=0.05) as http,
            pytest.raises(ApiProblem, match="took too long"),
        ):
            Client(http, "trv_k").get("/echo", Heard)


def test_a_read_is_tried_again_when_nobody_listened():
    transport = RefusesFirst()
    with httpx.Client(base_url="http://api", transport=transport) as http:
        Client(http, "trv_k").get("/echo", Heard)
    assert transport.tries == 2


def test_a_write_is_never_tried_twice():
    transport = RefusesFirst()
    with httpx.Client(base_url="http://api", transport=transport) as http, pytest.raises(ApiProblem):
        Client(http, "trv_k").post("/overloaded", Heard(authorization="", query=""), Heard)
    assert transport.tries == 1


def test_a_proxy_from_the_environment_is_not_used_for_this_machine(client_of, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert client_of(API).get("/echo", Heard).query == ""
