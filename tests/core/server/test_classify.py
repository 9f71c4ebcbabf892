"""Labels over HTTP: every answer names its version, every mistake is said in plain words."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.app import Services
from core.testing.api import api_client
from tests.core.backend.classifiers import head, publish_head
from tests.core.backend.registry.samples import publish


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    publish_head(services.registry)
    with api_client(services) as client:
        yield client


def ask(client: TestClient, given: Any, **more: Any) -> dict[str, Any]:
    answer = client.post("/v1/classify", json={"model": "mood", "input": given, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(client: TestClient, status: int, **query: Any) -> str:
    answer = client.post("/v1/classify", json={"model": "mood", "input": "a", **query})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["detail"])


def test_each_text_gets_a_label_with_its_probabilities(client: TestClient):
    answer = ask(client, ["gains, and a zip", {"text": "a loss", "entity": "loss"}, {"text": "fall", "entity": None}])
    assert answer["model"] == "mood@1"
    assert [(one["index"], one["label"]) for one in answer["data"]] == [(0, "up"), (1, "down"), (2, "down")]
    for one in answer["data"]:
        assert one["probabilities"].keys() == {"down", "up"}
        assert sum(one["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert one["confidence"] == max(one["probabilities"].values())
        assert "explanation" not in one
    assert answer["usage"] == {"prompt_tokens": 10, "total_tokens": 10}  # with the entities' marks


def test_one_text_needs_no_list(client: TestClient):
    assert len(ask(client, "a gain")["data"]) == 1


def test_a_text_out_of_scope_has_no_label(client: TestClient, services: Services):
    publish_head(services.registry, "strict", head(refuse_below=0.99))
    [one] = ask(client, "xyz", model="strict")["data"]
    assert one["label"] is None
    assert one["confidence"] > 0


def test_an_explanation_weighs_the_words_where_it_is_asked_for(client: TestClient):
    [plain] = ask(client, "A gain, zip!")["data"]
    answer = ask(client, "A gain, zip!", explain=True)
    [one] = answer["data"]
    assert {key: value for key, value in one.items() if key != "explanation"} == plain
    assert [(word["start"], word["end"], word["text"]) for word in one["explanation"]] == [
        (0, 1, "A"),
        (2, 6, "gain"),
        (8, 11, "zip"),
    ]
    assert sum(abs(word["weight"]) for word in one["explanation"]) == pytest.approx(1, abs=1e-5)
    assert answer["usage"]["total_tokens"] == 3 + 3 * 3


def test_a_promotion_is_followed_and_a_version_can_be_named(client: TestClient, services: Services):
    assert ask(client, "a")["model"] == "mood@1"
    publish_head(services.registry, promote=True)
    assert ask(client, "a")["model"] == "mood@2"
    assert ask(client, "a", model="mood@1")["model"] == "mood@1"
    assert ask(client, "a", model="mood@latest")["model"] == "mood@2"
    services.registry.rollback("mood")
    assert ask(client, "a")["model"] == "mood@1"


def test_a_model_that_is_not_there_or_gives_no_labels_is_said(client: TestClient, services: Services):
    publish(services.registry, "other")
    (services.registry.folder / "other" / "1" / "head.safetensors").write_text("something else")
    assert "There is no model 'moods'" in refused(client, 404, model="moods")
    assert "Version 9 of 'mood' does not exist" in refused(client, 404, model="mood@9")
    assert "cannot name a model" in refused(client, 422, model="Mood 1")
    assert "Model all-MiniLM-L6-v2 gives no labels" in refused(client, 422, model="all-MiniLM-L6-v2")
    assert "Model other@1 is damaged, head.safetensors" in refused(client, 500, model="other")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "must be a text or a list of texts that is not empty"),
        ({"text": "a"}, "must be a text or a list of texts that is not empty"),
        ("", "must hold texts that are not empty"),
        (["a", " "], "must hold texts that are not empty"),
        ([{"entity": "a"}], "must hold texts that are not empty"),
        ([{"text": "a", "entity": 3}], "must hold texts that are not empty"),
        ([{"text": "a", "entities": "b"}], 'must hold texts, or objects of "text" and "entity"'),
        ([["a"]], 'must hold texts, or objects of "text" and "entity"'),
        (["a"] * 257, "has more than 256 texts: send them in several requests"),
        ("a" * 100_001, "holds a text of more than 100,000 characters: split it"),
    ],
)
def test_input_that_does_not_fit_is_refused_in_plain_words(client: TestClient, given: object, sentence: str):
    assert refused(client, 422, input=given) == f"The request does not fit: body.input {sentence}."


def test_a_key_needs_the_scope_and_enough_tokens(services: Services):
    publish_head(services.registry)
    with api_client(services, scopes=["models:read"]) as reader:
        assert "lacks the scope 'models:use'" in refused(reader, 403)
    with api_client(services, scopes=["models:use"], tokens_per_minute=6) as poor:
        ask(poor, "a gain")
        assert "tokens" in refused(poor, 429, input="a gain", explain=True)  # 2, and twice 2
    with api_client(services, scopes=[]) as stranger:
        refused(stranger, 401)


def test_the_documentation_says_what_it_does(client: TestClient):
    described = client.get("/openapi.json").json()
    operation = described["paths"]["/v1/classify"]["post"]
    assert operation["summary"].startswith("Say which label of a trained model fits each text")
    given = described["components"]["schemas"]["ClassifyQuery"]["properties"]["input"]
    assert [kind["type"] for kind in given["anyOf"]] == ["string", "array"]
