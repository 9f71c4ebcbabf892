"""Four real servers over one database, written to by eight at a time: the next call to any knows the last event."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.apps.customer_service.real_servers import town

pytestmark = pytest.mark.integration

WRITERS, TURNS = 8, 12
THINGS = ["kettle", "mattress", "lantern", "bicycle", "umbrella", "teapot", "hammock", "candle", "ladder", "blanket"]


@pytest.fixture
def servers(database_url: str, warm_home: Path) -> Iterator[list[httpx.Client]]:
    with town(database_url, warm_home) as houses, ThreadPoolExecutor(4) as pool:
        yield [server.client for server in pool.map(lambda _: houses.start(), range(4))]


def _asked(client: httpx.Client, path: str, **query: object) -> dict:
    answer = client.get(f"/v1/recommend/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _shop(servers: list[httpx.Client]) -> None:
    rows = [{"id": f"{name}-{size}", "title": f"{name} {size}"} for name in THINGS for size in ("small", "large")]
    assert servers[0].post("/v1/recommend/items", json=rows).status_code == 200


def test_the_next_call_knows_the_last_event_whoever_took_it(servers: list[httpx.Client]):
    _shop(servers)

    def visit(writer: int) -> None:
        for turn in range(TURNS):
            item = f"{THINGS[turn % len(THINGS)]}-{'small' if turn < len(THINGS) else 'large'}"
            event = {"user": f"user-{writer}", "item": item, "type": "click"}
            taken = servers[(writer + turn) % 4].post("/v1/recommend/events", json=event)
            assert (taken.status_code, taken.json()["added"]) == (200, 1), taken.text
            for other in (turn + 1, turn + 2):
                answer = _asked(servers[(writer + other) % 4], f"users/user-{writer}", k=20)
                assert answer["events"] == turn + 1
                assert item not in [one["id"] for one in answer["items"]]
                assert len(answer["items"]) == 20 - (turn + 1)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(visit, range(WRITERS)))


def test_what_one_server_is_told_of_items_and_rules_all_others_know_at_once(servers: list[httpx.Client]):
    _shop(servers)
    assert (
        servers[0].post("/v1/recommend/events", json={"user": "ann", "item": "kettle-small", "type": "view"}).is_success
    )
    for turn, server in enumerate(servers):
        new = {"id": f"new-{turn}", "title": f"kettle with whistle {turn}"}
        assert server.post("/v1/recommend/items", json=new).is_success
        answers = [_asked(other, "users/ann", k=3 + turn) for other in servers]
        assert all(new["id"] in [one["id"] for one in answer["items"]] for answer in answers)
        rule = {"name": "no", "kind": "ban", "items": [new["id"]]}
        made = server.post("/v1/recommend/rules", json=rule).json()
        answers = [_asked(other, "users/ann", k=30) for other in servers]
        assert all(new["id"] not in [one["id"] for one in answer["items"]] for answer in answers)
        assert server.delete(f"/v1/recommend/rules/{made['id']}").status_code == 204
        answers = [_asked(other, "users/ann", k=30) for other in servers]
        assert all(new["id"] in [one["id"] for one in answer["items"]] for answer in answers)


def test_all_servers_give_a_visitor_the_same_arm_and_count_the_visitor_once(servers: list[httpx.Client]):
    _shop(servers)
    event = {"user": "fan", "item": "ladder-small", "type": "purchase"}
    assert servers[0].post("/v1/recommend/events", json=event).is_success
    base = "/v1/recommend/experiments"
    arms = [{"name": "usual", "share": 0.5}, {"name": "other", "share": 0.5, "model": "popular"}]
    name = servers[0].post(base, json={"name": "Popular", "arms": arms}).json()["id"]
    assert servers[1].patch(f"{base}/{name}", json={"state": "running"}).is_success
    time.sleep(1.2)
    people = [f"visitor-{number}" for number in range(8)]

    def seen(user: str) -> set[str]:
        answers = [_asked(server, f"users/{user}")["experiments"] for server in servers]
        return {one["arm"] for answer in answers for one in answer}

    with ThreadPoolExecutor(WRITERS) as pool:
        found = dict(zip(people, pool.map(seen, people), strict=True))
    assert all(len(one) == 1 for one in found.values())
    assert set.union(*found.values()) == {"usual", "other"}
    time.sleep(2)
    told = servers[2].get(f"{base}/{name}/results").json()
    assert {arm["arm"]: arm["exposed"] for arm in told["arms"]} == {
        arm: sum(one == {arm} for one in found.values()) for arm in ("usual", "other")
    }
    assert sum(arm["lists"] for arm in told["arms"]) == 4 * len(people)
    assert told["mixed"] == 0
    assert servers[3].patch(f"{base}/{name}", json={"arms": {"other": "stopped"}}).is_success
    time.sleep(1.2)
    assert all(seen(user) <= {"usual"} for user in people)
