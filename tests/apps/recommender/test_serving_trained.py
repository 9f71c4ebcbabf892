"""A trained version in the server says what the model says that was trained, for users and for new items; no torch."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from starlette.testclient import TestClient

from apps.recommender.pipeline.learning import encoded, text_of
from apps.recommender.pipeline.model.blend import Blend
from apps.recommender.pipeline.model.blocks import Shape
from apps.recommender.pipeline.model.cooccurrence import item_knn
from apps.recommender.pipeline.model.files import save
from apps.recommender.pipeline.model.histories import Histories
from apps.recommender.pipeline.model.network import Network
from apps.recommender.pipeline.model.recommender import Recommender
from apps.recommender.pipeline.model.signals import ByNeighbours, ByPopularity, BySequence, ByText
from apps.recommender.pipeline.model.text_space import TextSpace
from apps.recommender.pipeline.recommending.learned import LearnedRows
from core.app import Services
from core.backend.registry import Backbone, Card, Machine
from tests.apps.recommender.test_recommending_http import ROOMS, TITLES, asked, client, send, services  # noqa: F401

ITEMS = sorted(ROOMS)


def made(services: Services, seed: int) -> tuple[Recommender, TextSpace]:  # noqa: F811
    texts = [text_of(TITLES.get(name, name), [ROOMS[name]], "") for name in ITEMS]
    vectors = encoded(texts, services.encoder)
    space = TextSpace.of(vectors, 4)
    text = space.project(vectors)
    torch.manual_seed(seed)
    shape = Shape(items=6, text=text.shape[1], width=8, longest=4, relative=True, gaps=True)
    network = Network(shape, torch.from_numpy(text), torch.linspace(0.2, 1, 6)).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.4)
    past = Histories.gather(
        np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 1, 2, 3, 4]), np.zeros(6), user_count=3, item_count=6
    )
    signals = {
        "sequence": BySequence([network]),
        "together": ByNeighbours(item_knn(past, shrink=1, neighbours=3), 0.8, np.linspace(1, 2, 6, dtype=np.float32)),
        "text": ByText(text / np.linalg.norm(text, axis=1, keepdims=True), 0.7),
        "popular": ByPopularity(np.array([5, 1, 0, 2, 9, 4], dtype=np.float32)),
    }
    blend = Blend(tuple(signals), np.array([1.0, 0.6, 0.4, 0.2]), np.array([0.1, 0.0, -0.1, 0.0]), 1.0, unseen=0.9)
    return Recommender(signals, blend, 6, unseen=np.arange(6) == 5), space


def publish(services: Services, recommender: Recommender, space: TextSpace) -> None:  # noqa: F811
    card = Card(
        task="recommend",
        objective="recommend",
        base=Backbone(name="letters", fingerprint=services.encoder.fingerprint),
        method="made",
        trained_at=services.clock(),
        seconds=0,
        machine=Machine(cpu="none", cores=1, torch="none"),
    )
    with services.registry.draft("recommender") as draft:
        save(draft, recommender, ITEMS, space)
        services.registry.publish("recommender", draft, card, promote=True)


def test_the_server_ranks_as_the_trained_model_does(client: TestClient, services: Services):  # noqa: F811
    recommender, space = made(services, 3)
    publish(services, recommender, space)
    for item in ("apple", "chair", "apple", "sofa"):
        send(client, "ann", item)
        services.clock.advance(seconds=100)  # type: ignore[attr-defined]
    places = np.array([ITEMS.index(name) for name in ("apple", "chair", "apple", "sofa")], dtype=np.int32)
    history = Histories.gather(np.zeros(4, int), places, np.arange(4) * 100.0, user_count=1, item_count=6)
    wanted = recommender.score(history)[0]
    answer = asked(client, "users/ann", seen=True)
    assert answer["model"] == "recommender@1"
    found = {one["id"]: one["score"] for one in answer["items"]}
    assert np.abs(np.array([found[name] for name in ITEMS]) - wanted).max() < 0.02
    kinds = {one["reason"]["kind"] for one in answer["items"]}
    assert kinds <= {"sequence", "together", "similar", "popular", "new"}
    assert asked(client, "users/stranger")["model"] == "popular"


def test_versions_are_promoted_asked_for_and_meet_new_items(client: TestClient, services: Services):  # noqa: F811
    send(client, "ann", "apple")
    assert asked(client, "users/ann")["model"] == "text"
    for seed in (3, 4):
        publish(services, *made(services, seed))
        assert asked(client, "users/ann")["model"] == f"recommender@{seed - 2}"
    assert asked(client, "users/ann", model="recommender@1")["model"] == "recommender@1"
    assert asked(client, "users/ann", model="text")["model"] == "text"
    assert client.get("/v1/recommend/users/ann", params={"model": "recommender@9"}).status_code == 404
    services.registry.rollback("recommender")
    assert asked(client, "users/ann")["model"] == "recommender@1"
    twin = {"id": "twin", "title": "pear pie", "categories": ["Food"]}
    assert client.post("/v1/recommend/items", json=twin).is_success
    answer = asked(client, "users/ann", seen=True, k=20)
    assert answer["model"] == "recommender@1"
    assert len(answer["items"]) == 7
    recommender, space = made(services, 3)
    said = []
    for amount in (0.9, 2.9):
        publish(services, replace(recommender, blend=replace(recommender.blend, unseen=amount)), space)
        said.append({one["id"]: one for one in asked(client, "users/ann", seen=True, k=20)["items"]})
    before, after = ({name: one["score"] for name, one in items.items()} for items in said)
    gained = {name: round(after[name] - before[name], 3) for name in after}
    assert gained == {name: 2.0 if name in ("twin", ITEMS[5]) else 0.0 for name in gained}
    assert said[1]["twin"]["reason"]["kind"] == "new"


def test_serving_imports_no_torch():
    code = "import sys; import apps.recommender.router.recommend; assert 'torch' not in sys.modules"
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_was_learned_is_read_row_by_row(tmp_path: Path):
    rows = np.arange(600, dtype=np.float32).reshape(200, 3)
    save_file({"a": rows[:1], "x.learned": rows, "z": rows[:3]}, tmp_path / "arrays.safetensors")
    learned = LearnedRows(tmp_path / "arrays.safetensors", "x.learned")
    (tmp_path / "arrays.safetensors").unlink()
    for numbers in ([7], [3, 199, 0], [], list(range(150, 20, -1))):
        assert np.array_equal(learned(np.array(numbers, dtype=np.int64)), rows[numbers])
