# ruff: noqa: F811  fixtures of another file
"""Who was recommended an item, read from kept answers."""

from starlette.testclient import TestClient

from core.app import Services
from tests.apps.recommender.test_recommending_http import asked, client, send, services  # noqa: F401


def test_an_items_recipients_are_told_once_each_the_latest_first(client: TestClient, services: Services):
    for user in ("ann", "bob"):
        send(client, user, "apple")
    for path in ("users/ann", "users/bob", "popular", "users/ann"):
        services.clock.advance(seconds=60)
        asked(client, path, k=6)
    services.closing.close()  # writes what waits
    found = client.get("/v1/recommend/items/pear/recommended-to").json()
    assert (found["lists"], found["among_first"]) == (4, 4)
    assert [(one["user"], one["session"], one["place"], one["position"], one["model"]) for one in found["items"]] == [
        ("ann", None, "users", 1, "text"),
        ("bob", None, "users", 1, "text"),
    ]
    assert found["items"][0]["at"] > found["items"][1]["at"]
    assert len(client.get("/v1/recommend/items/pear/recommended-to", params={"limit": 1}).json()["items"]) == 1


def test_who_had_an_item_does_not_get_it(client: TestClient, services: Services):
    send(client, "ann", "apple")
    asked(client, "users/ann", k=6)
    services.closing.close()
    assert client.get("/v1/recommend/items/apple/recommended-to").json() == {
        "lists": 1,
        "among_first": 0,
        "items": [],
    }
