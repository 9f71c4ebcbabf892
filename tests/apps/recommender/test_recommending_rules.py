# ruff: noqa: F811  pytest takes the fixtures by their names
"""Rules, exploration and what is kept of answers."""

# ruff: noqa: F811  fixtures of another file
import json
from collections import Counter

import numpy as np
from starlette.testclient import TestClient

from apps.recommender.pipeline.recommending.choosing import Scored, best, capped, explored, spread_out
from core.app import Services
from tests.apps.recommender.test_recommending_http import asked, client, ids, send, services  # noqa: F401


def rule(client: TestClient, **said: object) -> int:
    answer = client.post("/v1/recommend/rules", json={"name": "rule", **said})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_a_pin_stands_at_its_place_on_whichever_page(client: TestClient):
    send(client, "ann", "apple")
    rule(client, kind="pin", items=["chair"], position=2)
    answer = asked(client, "users/ann", k=3)
    assert [one["id"] for one in answer["items"]][1] == "chair"
    assert answer["items"][1]["reason"]["text"] == "Chosen by the shop"
    pages = [
        *ids(client, "users/ann", k=2),
        *ids(client, "users/ann", k=2, offset=2),
        *ids(client, "users/ann", k=2, offset=4),
    ]
    assert pages == ids(client, "users/ann", k=6)
    assert len(set(pages)) == len(pages) == 5
    assert "chair" not in ids(client, "users/ann", category="Food")


def test_bans_and_boosts_count_between_their_dates_and_in_their_lists(client: TestClient, services: Services):
    now = services.clock().timestamp()
    rule(client, kind="ban", items=["plum"], lists=["popular"])
    boost = rule(client, kind="boost", categories=["Home"], strength=9, starts_at=now + 60, ends_at=now + 120)
    assert "plum" not in ids(client, "popular")
    assert "plum" in ids(client, "new")
    send(client, "ann", "apple")
    assert ids(client, "users/ann", k=1) == ["pear"]
    services.clock.advance(seconds=61)
    top = asked(client, "users/ann", k=3)["items"]
    assert {one["id"] for one in top} == {"lamp", "sofa", "chair"}
    assert top[0]["reason"]["kind"] == "boosted"
    services.clock.advance(seconds=60)
    assert ids(client, "users/ann", k=1) == ["pear"]
    assert client.delete(f"/v1/recommend/rules/{boost}").status_code == 204
    assert client.delete(f"/v1/recommend/rules/{boost}").status_code == 404
    assert len(client.get("/v1/recommend/rules").json()["items"]) == 1


def test_a_rule_that_says_too_little_is_refused(client: TestClient):
    for said in ({"kind": "ban"}, {"kind": "pin", "items": ["a"]}, {"kind": "boost", "items": ["a"]}, {"kind": "x"}):
        assert client.post("/v1/recommend/rules", json={"name": "r", **said}).status_code == 422


def test_answers_are_kept_with_how_likely_each_item_was(client: TestClient, services: Services):
    send(client, "ann", "apple")
    answer = asked(client, "users/ann", k=3, explore=0.5)
    house = services
    house.closing.close()
    with services.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT request, model, place, items FROM recommend_answers").all()
    [row] = [row for row in rows if row[0] == answer["request"]]
    assert (row[1], row[2]) == ("text", "users")
    kept = json.loads(row[3]) if isinstance(row[3], str) else row[3]
    assert [name for name, _ in kept] == [one["id"] for one in answer["items"]]
    assert all(0 < chance <= 1 for _, chance in kept)


def test_what_is_said_to_be_likely_is_as_often_drawn():
    drawn: Counter[int] = Counter()
    said: dict[int, float] = {}
    for seed in range(4_000):
        first = explored([7, 8], [9, 10], 0.4, np.random.default_rng(seed))[0]
        drawn[first.item] += 1
        said[first.item] = first.chance
    assert abs(said[7] - 0.7) < 1e-9
    assert all(abs(drawn[item] / 4_000 - chance) < 0.03 for item, chance in said.items())


def test_choosing_in_eight_items():
    scores = np.array([5, 1, 4, 4, 2, 0, 3, 9], dtype=np.float32)
    allowed = Scored(np.arange(7) * 10, scores[:7])
    assert best(allowed, 4).tolist() == [0, 2, 3, 6]
    assert best(allowed, 99).tolist() == [0, 2, 3, 6, 4, 1, 5]
    assert capped([0, 2, 3, 6], {0: "a", 2: "a", 3: "", 6: "b"}.__getitem__, 1, 9) == [0, 3, 6]
    vectors = np.eye(3, dtype=np.float32)[[0, 0, 1]]
    assert spread_out([0, 2, 3], np.array([3.0, 2.9, 1.0]), vectors, 0.6, 2) == [0, 3]
    assert spread_out([0, 2, 3], np.array([3.0, 2.9, 1.0]), vectors, 0.0, 2) == [0, 2]
