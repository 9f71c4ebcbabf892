"""Numbers over HTTP: every answer names its version and its coverage; labels and numbers are never mixed up."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from starlette.testclient import TestClient

from core.app import Services
from core.backend.registry import Backbone
from core.backend.value_head import ValueHead, ValueHeadAbout, load_value_head
from core.errors import TriviumError
from core.testing.api import api_client
from core.testing.fakes import LetterEncoder
from tests.core.backend.classifiers import publish_head
from tests.core.backend.registry.samples import card

ABOUT = ValueHeadAbout(mean=5.0, scale=2.0, half_width=1.5, coverage=0.9)
HEAD = ValueHead(ABOUT, LetterEncoder().encode(["zzz"])[0], 0.25)  # the more a text is like "zzz", the larger


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with services.registry.draft("stars") as draft:
        HEAD.save(draft)
        base = Backbone(name="letters", fingerprint=LetterEncoder().fingerprint)
        about = card(task="regression", objective="regress", labels=[], base=base, method="head")
        services.registry.publish("stars", draft, about)
    publish_head(services.registry)
    with api_client(services) as client:
        yield client


def test_each_text_gets_a_number_in_an_interval(client: TestClient):
    answer = client.post("/v1/regress", json={"model": "stars", "input": ["zz", {"text": "abc", "entity": "b"}]})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["model"], found["coverage"]) == ("stars@1", 0.9)
    assert found["data"][0] == {"index": 0, "value": 7.5, "low": 6.0, "high": 9.0}  # 5 + 2 (1 + 0.25)
    assert found["data"][1]["value"] < 7.5
    assert found["usage"]["total_tokens"] > 0


@pytest.mark.parametrize(
    ("path", "model", "status", "sentence"),
    [
        ("/v1/classify", "stars", 422, "Model stars@1 gives no labels: it gives numbers, so ask it at /v1/regress"),
        ("/v1/regress", "mood", 422, "Model mood@1 gives no numbers"),
        ("/v1/regress", "all-MiniLM-L6-v2", 422, "gives no numbers"),
        ("/v1/regress", "starts", 404, "There is no model 'starts'"),
        ("/v1/regress", "", 422, "cannot name a model"),
    ],
)
def test_labels_and_numbers_are_asked_at_their_own_places(
    client: TestClient, path: str, model: str, status: int, sentence: str
):
    answer = client.post(path, json={"model": model, "input": "a"})
    assert answer.status_code == status
    assert sentence in answer.json()["message"]


def test_a_damaged_head_is_said_to_be_one(tmp_path, services: Services):
    HEAD.save(tmp_path)
    loaded = load_value_head(tmp_path)
    assert (loaded.about, loaded.bias) == (ABOUT, 0.25)
    assert np.array_equal(loaded.weights, HEAD.weights)
    for about, sentence in (
        (replace(ABOUT, half_width=float("nan")), "of another format"),
        (replace(ABOUT, format=2), "of another format"),
    ):
        replace(HEAD, about=about).save(tmp_path)
        with pytest.raises(TriviumError, match=sentence):
            load_value_head(tmp_path)
    (tmp_path / "value_head.json").write_text("{}")
    with pytest.raises(TriviumError, match="cannot be read"):
        load_value_head(tmp_path)
