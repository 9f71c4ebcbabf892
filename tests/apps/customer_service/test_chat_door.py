"""The desk behind OpenAI's own client, against a server that is really started, with the real weights."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from apps.customer_service.pipeline.chat_door import asked
from apps.customer_service.schemas.asking import MOST_QUESTION_CHARACTERS
from core.chat_door import ChatTurn
from core.errors import TriviumError
from tests.apps.customer_service.real_servers import Server, town

ROWS = [
    {"id": "fee", "question": "What does a new card cost?", "answer": "A new card costs £5. It comes within a week."},
    {"id": "pin", "question": "Where do I see my PIN?", "answer": "The app shows your PIN under Card settings."},
    {"id": "eur", "question": "Can I pay in euros with my card?", "answer": "Paying in euros costs £0.30."},
]
QUESTION = "What does a new card cost?"


@pytest.fixture(scope="module")
def server(warm_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    url = f"sqlite:///{tmp_path_factory.mktemp('door') / 'desk.db'}"
    with pytest.MonkeyPatch.context() as environment, town(url, warm_home) as houses:
        environment.setenv("TRIVIUM_PRECISION", "float")  # the usual precision takes long to convert
        started = houses.start()
        for collection in ("support", "shop"):
            body = {"documents": ROWS, "collection": collection}
            assert started.client.post("/v1/support/documents", json=body).status_code == 201
        yield started


def address(server: Server) -> dict[str, object]:
    key = str(server.client.headers["Authorization"]).removeprefix("Bearer ")
    return {"base_url": str(server.client.base_url).rstrip("/") + "/v1", "api_key": key, "max_retries": 0}


def one(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


@pytest.mark.integration
def test_the_desk_answers_with_citations(server: Server):
    client = openai.OpenAI(**address(server))
    said = client.chat.completions.create(model="trivium-support", messages=one(QUESTION), temperature=0.3, seed=1)
    [choice] = said.choices
    assert choice.message.content is not None
    assert choice.message.content == "A new card costs £5. It comes within a week. [1]"
    assert choice.finish_reason == "stop"
    told = (said.model_extra or {})["trivium"]
    assert (told["action"], told["collection"]) == ("answer", "support")
    assert told["citations"][0]["document"] == "fee"
    assert told["citations"][0]["text"] in choice.message.content
    assert said.usage is not None
    assert said.usage.prompt_tokens > 5
    assert said.usage.completion_tokens > 5


@pytest.mark.integration
def test_what_it_does_not_know_it_hands_over(server: Server):
    client = openai.OpenAI(**address(server))
    said = client.chat.completions.create(model="trivium-support", messages=one("Who won the 1966 world cup?"))
    assert (said.model_extra or {})["trivium"]["action"] == "handoff"
    assert "I don't know" in str(said.choices[0].message.content)


@pytest.mark.integration
def test_each_knowledge_base_is_a_model(server: Server):
    client = openai.OpenAI(**address(server))
    listed = [model.id for model in client.models.list()]
    assert {"trivium-support", "trivium-support/support", "trivium-support/shop"} <= set(listed)
    said = client.chat.completions.create(model="trivium-support/shop", messages=one(QUESTION))
    assert (said.model_extra or {})["trivium"]["collection"] == "shop"
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="trivium-support/nowhere", messages=one(QUESTION))


@pytest.mark.integration
def test_streamed_and_whole_answers_are_the_same(server: Server):
    client = openai.OpenAI(**address(server))
    whole = client.chat.completions.create(model="trivium-support", messages=one(QUESTION))
    chunks = list(
        client.chat.completions.create(
            model="trivium-support", messages=one(QUESTION), stream=True, stream_options={"include_usage": True}
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage
    assert (chunks[-2].model_extra or {})["trivium"] == (whole.model_extra or {})["trivium"]


@pytest.mark.integration
async def test_many_at_once_by_the_asynchronous_client(server: Server):
    async with openai.AsyncOpenAI(**address(server)) as client:

        async def ask(text: str) -> str:
            stream = await client.chat.completions.create(model="trivium-support", messages=one(text), stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

        said = await asyncio.gather(*(ask(text) for text in (QUESTION, "Where do I see my PIN?") * 4))
    assert [text.split()[0] for text in said] == ["A", "The"] * 4


@pytest.mark.integration
def test_a_key_of_the_knowledge_base_alone_is_refused_in_openais_shape(server: Server):
    answer = server.client.post(
        "/v1/chat/completions", json={"model": "x", "messages": one("a")}, headers={"Authorization": ""}
    )
    assert answer.status_code == 401
    assert answer.json()["error"]["code"]
    refused = server.client.post(
        "/v1/chat/completions", json={"model": "trivium-support", "messages": one("a"), "n": 2}
    )
    assert refused.json()["error"]["param"] == "n"


def test_messages_sent_one_after_the_other_are_one_question():
    turns = [
        ChatTurn("user", "Hi"),
        ChatTurn("assistant", "Hello"),
        ChatTurn("user", "My card"),
        ChatTurn("user", "is lost"),
    ]
    question, before = asked(turns)
    assert question == "My card\nis lost"
    assert [(turn.role, turn.text) for turn in before] == [("user", "Hi"), ("agent", "Hello")]


@pytest.mark.parametrize("text", [" \n", "a" * (MOST_QUESTION_CHARACTERS + 1)])
def test_nothing_and_too_much_are_refused(text: str):
    with pytest.raises(TriviumError):
        asked([ChatTurn("user", text)])
