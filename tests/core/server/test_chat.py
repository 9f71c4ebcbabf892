"""Chat completions in the OpenAI dialect, spoken by OpenAI's own client to the model of a small app."""

from collections.abc import Iterator, Sequence

import openai
import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from core.app import App, Services
from core.chat_door import ChatReply, ChatTurn
from core.testing.api import api_client

ASK = [{"role": "user", "content": "What does it cost?"}]


class Echo:
    """Says what it was told, turn by turn."""

    scope = "echo:use"

    def models(self) -> list[str]:
        return ["echo"]

    def serves(self, model: str) -> bool:
        return model == "echo"

    def reply(self, model: str, turns: Sequence[ChatTurn]) -> ChatReply:
        return ChatReply([f"{turn.role}: {turn.text}\n" for turn in turns], {"turns": len(turns)})


def build_router(_: Services) -> APIRouter:
    return APIRouter()


def open_echo(_: Services) -> Echo:
    return Echo()


ECHO = App("echo", "Echo", "E", "/v1/echo", "Echoes.", build_router, {"echo:use": "hear oneself"}, chat=open_echo)


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with api_client(services, [ECHO]) as client:
        yield client


def speak(client: TestClient, key: str | None = None) -> openai.OpenAI:
    own = client.headers["Authorization"].removeprefix("Bearer ")
    return openai.OpenAI(api_key=key or own, base_url="http://testserver/v1", http_client=client, max_retries=0)


def post(client: TestClient, **query: object) -> dict:
    answer = client.post("/v1/chat/completions", json={"model": "echo", "messages": ASK, **query})
    return {"status": answer.status_code, **answer.json()}


def test_an_app_brings_a_model_of_its_own(client: TestClient):
    said = speak(client).chat.completions.create(
        model="echo",
        messages=[
            {"role": "system", "content": "Be rude."},
            {"role": "user", "content": "Hello."},
            {"role": "assistant", "content": "Hello!"},
            {"role": "user", "content": [{"type": "text", "text": "A card?"}, {"type": "text", "text": "Please."}]},
        ],
    )
    [choice] = said.choices
    assert choice.message.content == "user: Hello.\nassistant: Hello!\nuser: A card?\nPlease.\n"
    assert (choice.finish_reason, choice.message.role, said.model) == ("stop", "assistant", "echo")
    assert said.model_extra == {"trivium": {"turns": 3}}
    assert said.usage is not None
    assert (said.usage.prompt_tokens, said.usage.completion_tokens, said.usage.total_tokens) == (5, 8, 13)


def test_it_stands_in_the_list_of_models(client: TestClient):
    assert "echo" in [model.id for model in speak(client).models.list()]
    assert speak(client).models.retrieve("echo").owned_by == "trivium"
    with pytest.raises(openai.UnprocessableEntityError, match="makes no embeddings"):
        speak(client).embeddings.create(model="echo", input="a")


def test_a_stream_comes_in_pieces_and_ends_with_what_the_app_tells(client: TestClient):
    messages = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, *ASK]
    chunks = list(speak(client).chat.completions.create(model="echo", messages=messages, stream=True))
    assert [chunk.choices[0].delta.content for chunk in chunks] == [
        "",
        "user: a\n",
        "assistant: b\n",
        "user: What does it cost?\n",
        None,
    ]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * 4 + ["stop"]
    assert chunks[-1].model_extra == {"trivium": {"turns": 3}}
    assert len({chunk.id for chunk in chunks}) == 1


def test_a_stream_tells_its_usage_where_asked_to(client: TestClient):
    chunks = list(
        speak(client).chat.completions.create(
            model="echo", messages=ASK, stream=True, stream_options={"include_usage": True}
        )
    )
    assert [chunk.usage is not None for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 4 + 5


def test_the_bytes_of_a_stream_end_with_done(client: TestClient):
    answer = client.post("/v1/chat/completions", json={"model": "echo", "messages": ASK, "stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.endswith("\n\ndata: [DONE]\n\n")


@pytest.mark.parametrize(
    ("most", "content", "reason"), [(2, "", "length"), (3, "user: a b\n", "length"), (99, None, "stop")]
)
def test_an_answer_is_shortened_by_whole_sentences(client: TestClient, most: int, content: str | None, reason: str):
    messages = [{"role": "user", "content": "a b"}, {"role": "assistant", "content": "c"}, *ASK]
    for name in ("max_tokens", "max_completion_tokens"):
        said = speak(client).chat.completions.create(model="echo", messages=messages, **{name: most})
        assert said.choices[0].finish_reason == reason
        if content is not None:
            assert said.choices[0].message.content == content


@pytest.mark.parametrize(
    ("query", "param", "sentence"),
    [
        ({"n": 2}, "n", "The models here give one answer: leave `n` out, or send 1."),
        ({"tools": [{"type": "function"}]}, "tools", "The models here call no tools: leave `tools` out."),
        ({"logprobs": True}, "logprobs", "The models here give no log probabilities: leave `logprobs` out."),
        (
            {"response_format": {"type": "json_object"}},
            "response_format",
            "The models here answer in plain text: leave `response_format` out.",
        ),
        (
            {"modalities": ["text", "audio"]},
            "modalities",
            "The models here answer in plain text: leave `modalities` out.",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]},
            "messages.0.content",
            "The models here read text only: send texts, no images or files.",
        ),
        (
            {"messages": [*ASK, {"role": "tool", "content": "4", "tool_call_id": "c"}]},
            "messages.1",
            "The models here call no tools: leave calls and their results out.",
        ),
        (
            {"messages": [*ASK, {"role": "assistant", "content": "It"}]},
            "messages",
            "The last message is not a user's: let it be the question.",
        ),
    ],
)
def test_what_cannot_be_had_is_refused_in_one_sentence(client: TestClient, query: dict, param: str, sentence: str):
    answer = post(client, **query)
    assert answer["status"] == 400
    assert (answer["error"]["message"], answer["error"]["param"]) == (sentence, param)
    assert answer["error"]["type"] == "invalid_request_error"
    with pytest.raises(openai.BadRequestError) as caught:
        speak(client).chat.completions.create(**{"model": "echo", "messages": ASK, **query})
    assert (caught.value.param, sentence in str(caught.value)) == (param, True)


def test_what_changes_nothing_is_ignored(client: TestClient):
    harmless = {
        "temperature": 0.2,
        "top_p": 0.9,
        "seed": 7,
        "stop": ["\n"],
        "user": "u-1",
        "presence_penalty": 1,
        "n": 1,
        "tools": [],
        "response_format": {"type": "text"},
        "unheard_of": {"a": 1},
    }
    assert post(client, **harmless)["choices"][0]["message"]["content"] == "user: What does it cost?\n"


def test_every_kind_of_refusal_has_openais_shape(client: TestClient, services: Services):
    client_of = speak(client)
    with pytest.raises(openai.NotFoundError, match="no chat model of that name here: use 'echo'"):
        client_of.chat.completions.create(model="gpt-4o", messages=ASK)
    with pytest.raises(openai.UnprocessableEntityError) as caught:
        client_of.chat.completions.create(model="echo", messages=[])
    assert (caught.value.param, caught.value.code) == ("messages", "does-not-fit")
    with pytest.raises(openai.AuthenticationError, match="not valid"):
        speak(client, "trv_" + "a" * 8 + "_" + "b" * 43).chat.completions.create(model="echo", messages=ASK)
    poorly = pytest.raises(openai.PermissionDeniedError, match="lacks the scope 'echo:use'")
    with api_client(services, [ECHO], scopes=["models:read"]) as reader, poorly:
        speak(reader).chat.completions.create(model="echo", messages=ASK)
    with api_client(services, [ECHO], tokens_per_minute=4) as poor:
        speak(poor).chat.completions.create(model="echo", messages=ASK)
        with pytest.raises(openai.RateLimitError) as limited:
            speak(poor).chat.completions.create(model="echo", messages=ASK)
        assert limited.value.type == "rate_limit_error"


def test_other_addresses_keep_plain_problems(client: TestClient):
    assert "error" not in client.get("/v1/nothing").json()


def test_a_house_without_such_an_app_says_so(services: Services):
    with api_client(services) as client:
        assert "install an app that brings one" in post(client)["message"]


def test_an_app_whose_model_cannot_be_opened_is_left_out(services: Services):
    def fails(_: Services) -> Echo:
        raise RuntimeError("no")

    broken = App("echo", "Echo", "E", "/v1/echo", "Echoes.", build_router, chat=fails)
    with api_client(services, [broken]) as client:
        assert [one["name"] for one in client.get("/v1/apps").json()["broken"]] == ["echo"]
