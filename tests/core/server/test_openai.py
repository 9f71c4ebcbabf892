"""The OpenAI dialect, spoken by OpenAI's own client."""

import base64
from collections.abc import Iterator

import numpy as np
import openai
import pytest
from starlette.testclient import TestClient

from core.app import Services
from core.backend.shipped import shipped_versions
from core.testing.api import api_client
from core.testing.fakes import LetterEncoder
from tests.core.backend.registry.samples import publish

MODEL = "all-minilm-l6-v2"
SHIPPED = [folder.name for folder in shipped_versions()]


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with api_client(services) as client:
        yield client


def speak(client: TestClient, key: str | None = None) -> openai.OpenAI:
    own = client.headers["Authorization"].removeprefix("Bearer ")
    return openai.OpenAI(api_key=key or own, base_url="http://testserver/v1", http_client=client, max_retries=0)


def refused(client: TestClient, **query: object) -> str:
    answer = client.post("/v1/embeddings", json={"model": MODEL, "input": "a", **query})
    assert answer.status_code == 422
    return str(answer.json()["detail"])


@pytest.mark.parametrize("encoding_format", [openai.NOT_GIVEN, "float", "base64"])
def test_vectors_arrive_as_they_were_made(client: TestClient, encoding_format):
    texts = ["kitten care", "bond yields", "é😀"]
    answer = speak(client).embeddings.create(model=MODEL, input=texts, encoding_format=encoding_format)
    assert [item.index for item in answer.data] == [0, 1, 2]
    rows = [item.embedding for item in answer.data]
    if encoding_format == "base64":
        rows = [np.frombuffer(base64.b64decode(row), dtype="<f4") for row in rows]
    np.testing.assert_allclose(np.array(rows), LetterEncoder().encode(texts), atol=1e-7)
    assert answer.usage.prompt_tokens == answer.usage.total_tokens == 5
    assert answer.model == MODEL


def test_one_text_needs_no_list(client: TestClient):
    assert len(speak(client).embeddings.create(model=MODEL, input="kitten").data) == 1


def test_models_are_listed_and_described(client: TestClient):
    assert [model.id for model in speak(client).models.list()] == [MODEL, *SHIPPED]
    assert speak(client).models.retrieve(MODEL).owned_by == "trivium"


def test_trained_models_are_listed_behind_the_backbone(client: TestClient, services: Services):
    publish(services.registry, "mood")
    publish(services.registry, "mood", trained_at="2026-02-01T00:00:00Z")
    publish(services.registry, MODEL)  # the backbone keeps its id
    listed = [model for model in speak(client).models.list() if model.id not in SHIPPED]
    assert [(model.id, model.created, model.owned_by) for model in listed] == [
        (MODEL, 0, "trivium"),
        ("mood", 1_767_268_800, "trivium"),  # version 1 is active
    ]
    assert speak(client).models.retrieve("mood").created == 1_767_268_800
    assert speak(client).models.retrieve("mood@2").created == 1_769_904_000
    with pytest.raises(openai.NotFoundError):
        speak(client).models.retrieve("mood@3")


def test_a_model_with_a_damaged_card_does_not_hide_the_others(client: TestClient, services: Services):
    (publish(services.registry, "mood").path / "card.json").write_text("{")
    listed = [(model.id, model.created) for model in speak(client).models.list() if model.id not in SHIPPED]
    assert listed == [(MODEL, 0), ("mood", 0)]


def test_a_trained_model_makes_no_embeddings(client: TestClient, services: Services):
    publish(services.registry, "mood")
    with pytest.raises(openai.UnprocessableEntityError, match="makes no embeddings: use 'all-minilm-l6-v2'"):
        speak(client).embeddings.create(model="mood", input="a")


def test_the_client_raises_its_own_kind_of_error(client: TestClient, services: Services):
    with pytest.raises(openai.NotFoundError, match="404 - That model is not served here: use 'all-minilm-l6-v2'"):
        speak(client).embeddings.create(model="text-embedding-3-small", input="a")
    with pytest.raises(openai.AuthenticationError, match="not valid"):
        speak(client, "trv_" + "a" * 8 + "_" + "b" * 43).models.list()
    with pytest.raises(openai.UnprocessableEntityError, match="must hold texts, not token numbers") as caught:
        speak(client).embeddings.create(model=MODEL, input=[1, 2, 3])
    assert caught.value.type == "/problems/does-not-fit"
    with api_client(services, scopes=["models:read"]) as reader, pytest.raises(openai.PermissionDeniedError):
        speak(reader).embeddings.create(model=MODEL, input="a")
    with api_client(services, tokens_per_minute=1) as poor:
        speak(poor).embeddings.create(model=MODEL, input="a")
        with pytest.raises(openai.RateLimitError):
            speak(poor).embeddings.create(model=MODEL, input="a")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "must be a text or a list of texts that is not empty"),
        (None, "must be a text or a list of texts that is not empty"),
        ({"text": "a"}, "must be a text or a list of texts that is not empty"),
        ("", "must hold texts that are not empty"),
        (["a", ""], "must hold texts that are not empty"),
        (["a", None], "must hold texts that are not empty"),
        ([[1, 2]], "must hold texts, not token numbers: send the text itself"),
        (["a"] * 2049, "has more than 2048 texts: send them in several requests"),
        ("a" * 100_001, "holds a text of more than 100,000 characters: split it"),
    ],
)
def test_input_that_is_no_text_is_refused_in_plain_words(client: TestClient, given, sentence: str):
    assert refused(client, input=given) == f"The request does not fit: body.input {sentence}."


def test_vectors_are_not_shortened(client: TestClient):
    assert refused(client, dimensions=8) == "The model's vectors have 27 dimensions and cannot be shortened."
    assert len(speak(client).embeddings.create(model=MODEL, input="a", dimensions=27).data[0].embedding) == 27


def test_an_unknown_encoding_is_refused(client: TestClient):
    assert "must be 'float' or 'base64'" in refused(client, encoding_format="int8")


def test_fields_that_mean_nothing_here_are_ignored(client: TestClient):
    answer = client.post("/v1/embeddings", json={"model": MODEL, "input": "a", "user": "u-1", "new": True})
    assert answer.status_code == 200


def test_the_models_name_may_be_written_in_capitals(client: TestClient):
    assert speak(client).embeddings.create(model="all-MiniLM-L6-v2", input="a").model == MODEL


def test_a_model_with_a_slash_in_its_name_can_be_asked_for(client: TestClient):
    assert client.get("/v1/models/BAAI/bge-small").json()["remedy"] == f"Use '{MODEL}'."
