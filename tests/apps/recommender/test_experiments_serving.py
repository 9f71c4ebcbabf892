"""Experiments' arms make the lists: over HTTP, on both databases, with models that really rank differently."""

from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import REGISTRY
from starlette.testclient import TestClient

from apps.recommender.app import app
from apps.recommender.pipeline.experimenting.guards import Guards
from apps.recommender.pipeline.experimenting.showing import open_experiments
from apps.recommender.pipeline.recommending.answering import open_answering
from apps.recommender.store.answer_tables import AnswerRow
from apps.recommender.store.experiment_tables import ExposureRow
from apps.recommender.store.exposures import Exposures
from core.app import Services
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.api import api_client
from core.testing.fakes import FixedClock, LetterEncoder
from tests.apps.recommender.test_recommending_http import ROOMS, TITLES, asked, send
from tests.apps.recommender.test_serving_trained import made, publish

BASE = "/v1/recommend/experiments"
HALVES = [{"name": "usual", "share": 0.5}, {"name": "other", "share": 0.5, "model": "popular"}]
PEOPLE = [f"u{number}" for number in range(12)]


@pytest.fixture
def services(settings: Settings, database_url: str, clock: FixedClock) -> Iterator[Services]:
    own = {"recommender": {"popularity_every_s": 0}}
    prompt = settings.model_copy(update={"apps": own, "database_url": database_url})
    opened = open_services(prompt, encoder=LetterEncoder(), clock=clock)
    upgrade(opened.database, [app])
    yield opened
    close_services(opened)


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with api_client(services, [app]) as opened:
        rows = [{"id": name, "title": TITLES.get(name, name), "categories": [room]} for name, room in ROOMS.items()]
        assert opened.post("/v1/recommend/items", json=rows).status_code == 200
        for user in PEOPLE:
            send(opened, user, "apple")
        send(opened, "fan", *["chair"] * 2, kind="purchase")
        yield opened


def begun(client: TestClient, **told: Any) -> str:
    answer = client.post(BASE, json={"name": "Popular", "arms": HALVES, **told})
    assert answer.status_code == 201, answer.text
    name = answer.json()["id"]
    assert client.patch(f"{BASE}/{name}", json={"state": "running"}).status_code == 200
    return name


def later(client: TestClient, services: Services) -> None:
    """The second after which every process has read what runs; and all that waits is written."""
    services.clock.advance(seconds=1.1)  # type: ignore[attr-defined]
    house = services.once(open_answering)
    house.log.flush()
    house.arms.log.flush()


def exposures(services: Services) -> list[tuple[str, str]]:
    with services.database.session() as session:
        rows = session.query(ExposureRow).all()
        return sorted((row.experiment_id, row.arm) for row in rows)


def counted(client: TestClient, name: str) -> dict[str, tuple[int, int, int]]:
    """Of each arm: visitors, lists, lists without it."""
    arms = client.get(f"{BASE}/{name}/results").json()["arms"]
    return {arm["arm"]: (arm["exposed"], arm["lists"], arm["lists_without"]) for arm in arms}


def arms_of(client: TestClient) -> dict[str, str]:
    found = {}
    for user in PEOPLE:
        [shown] = asked(client, f"users/{user}")["experiments"]
        found[user] = shown["arm"]
    return found


def test_lists_change_by_themselves_and_every_visitor_keeps_the_arm(client: TestClient, services: Services):
    assert asked(client, "users/u1")["experiments"] == []
    name = begun(client)
    later(client, services)
    arms = arms_of(client)
    assert set(arms.values()) == {"usual", "other"}
    assert arms_of(client) == arms
    for user, arm in arms.items():
        answer = asked(client, f"users/{user}")
        assert answer["model"] == {"usual": "text", "other": "popular"}[arm]
        assert answer["items"][0]["id"] == {"usual": "pear", "other": "chair"}[arm]
        assert answer["experiments"] == [{"experiment": name, "arm": arm, "counted": True}]
        assigned = client.get(f"{BASE}/{name}/assignment?user={user}").json()["arm"]
        assert assigned["name"] == arm
    later(client, services)
    told = counted(client, name)
    for arm in ("usual", "other"):
        visitors = sum(one == arm for one in arms.values())
        assert told[arm] == (visitors, 3 * visitors, 0)


def test_an_exposure_is_kept_once_after_the_list_and_of_nobody_who_refused(client: TestClient, services: Services):
    name = begun(client)
    client.post("/v1/recommend/users", json=[{"id": "no", "consent": False}])
    later(client, services)
    assert asked(client, "users/no")["experiments"] == []
    refused = client.get("/v1/recommend/users/u1", params={"attribute": "size"})
    assert refused.status_code == 422
    later(client, services)
    assert exposures(services) == []
    for _ in range(3):
        asked(client, "users/u1")
        asked(client, "sessions/new one")
        later(client, services)
    assert len(exposures(services)) == 2
    assert sum(lists for _, lists, _ in counted(client, name).values()) == 6


def test_whoever_is_erased_leaves_no_exposure_behind_and_may_come_back(client: TestClient, services: Services):
    name = begun(client)
    later(client, services)
    asked(client, "users/u1")
    assert client.delete("/v1/recommend/users/u1").is_success
    later(client, services)
    assert exposures(services) == []
    asked(client, "users/u1")
    later(client, services)
    assert [experiment for experiment, _ in exposures(services)] == [name]


def test_an_arm_is_asked_for_by_name_without_being_counted(client: TestClient, services: Services):
    name = client.post(BASE, json={"name": "Draft", "arms": HALVES}).json()["id"]
    for user in PEOPLE[:4]:
        answer = asked(client, f"users/{user}", experiment=name, arm="other")
        assert answer["model"] == "popular"
        assert answer["experiments"] == [{"experiment": name, "arm": "other", "counted": False}]
    client.patch(f"{BASE}/{name}", json={"state": "running"})
    later(client, services)
    user = next(user for user, arm in arms_of(client).items() if arm == "other")
    assert asked(client, f"users/{user}", experiment="none")["model"] == "text"
    looked = asked(client, f"users/{user}", keep=False)
    assert (looked["model"], looked["experiments"][0]["counted"]) == ("popular", False)
    later(client, services)
    assert sum(lists for _, lists, _ in counted(client, name).values()) == len(PEOPLE)
    with services.database.session() as session:
        assert session.get(AnswerRow, looked["request"]) is None
    for query in ({"arm": "other"}, {"experiment": name}, {"experiment": name, "arm": "third"}):
        assert client.get("/v1/recommend/users/u1", params=query).status_code == 422
    gone = {"experiment": "exp_0000000000000000", "arm": "other"}
    assert client.get("/v1/recommend/users/u1", params=gone).status_code == 404


def test_what_a_request_names_counts_more_than_the_arm(client: TestClient, services: Services):
    arms = [HALVES[0], {**HALVES[1], "most_per_category": 1}]
    name = begun(client, arms=arms)
    later(client, services)
    user = next(user for user, arm in arms_of(client).items() if arm == "other")
    both = asked(client, f"users/{user}", model="text")
    assert (both["model"], len(both["items"])) == ("text", 2)  # one of each category, by the arm
    assert both["experiments"][0]["arm"] == "other"
    none = asked(client, f"users/{user}", model="text", most_per_category=5)
    assert (len(none["items"]), none["experiments"]) == (5, [])  # nothing is left that the experiment says
    later(client, services)
    assert counted(client, name)["other"][0] == sum(arm == "other" for arm in arms_of(client).values())


def test_rules_diversity_and_novelty_of_an_arm_are_applied(client: TestClient, services: Services):
    rule = client.post("/v1/recommend/rules", json={"name": "no", "kind": "ban", "items": ["pear"]}).json()
    quiet = {"name": "quiet", "share": 0.5, "rules": [], "diversity": 0.5, "novelty": 5}
    name = begun(client, arms=[HALVES[0], quiet])
    later(client, services)
    with_rules = asked(client, "users/u1", experiment=name, arm="usual", k=6)
    without = asked(client, "users/u1", experiment=name, arm="quiet", k=6)
    assert "pear" not in [one["id"] for one in with_rules["items"]]
    assert "pear" in [one["id"] for one in without["items"]]
    assert without["items"][-1]["id"] == "chair"  # what everybody wants is pushed down
    only = begun(client, lane="rules", arms=[HALVES[0], {"name": "one", "share": 0.5, "rules": [str(rule["id"])]}])
    assert "pear" not in [one["id"] for one in asked(client, "users/u1", experiment=only, arm="one", k=6)["items"]]


def test_search_and_candidates_take_part_where_somebody_is_named(client: TestClient, services: Services):
    name = begun(client)
    later(client, services)
    user = next(user for user, arm in arms_of(client).items() if arm == "other")
    ranked = client.post("/v1/recommend/rank", json={"user": user, "items": ["pear", "chair"]}).json()
    assert (ranked["model"], ranked["items"][0]["id"]) == ("popular", "chair")
    assert ranked["experiments"] == [{"experiment": name, "arm": "other", "counted": True}]
    usual = {"user": user, "items": ["pear", "chair"], "experiment": "none"}
    assert client.post("/v1/recommend/rank", json=usual).json()["items"][0]["id"] == "pear"
    assert asked(client, "search", q="pie", user=user)["experiments"][0]["arm"] == "other"
    assert asked(client, "search", q="pie")["experiments"] == []
    assert client.post("/v1/recommend/rank", json={"items": ["pear"]}).json()["experiments"] == []
    assert asked(client, "popular")["experiments"] == []


def test_experiments_of_two_lanes_make_one_list_together(client: TestClient, services: Services):
    first = begun(client)
    capped = [{"name": "free", "share": 0.5}, {"name": "capped", "share": 0.5, "most_per_category": 1}]
    second = begun(client, lane="page", arms=capped)
    later(client, services)
    seen = set()
    for user in PEOPLE:
        answer = asked(client, f"users/{user}")
        arms = {one["experiment"]: one["arm"] for one in answer["experiments"]}
        seen.add((arms[first], arms[second]))
        assert answer["model"] == ("popular" if arms[first] == "other" else "text")
        assert len(answer["items"]) == (2 if arms[second] == "capped" else 5)
    assert len(seen) > 2


def test_a_trained_versions_arm_ranks_by_it_and_one_that_is_gone_takes_nothing_away(
    client: TestClient, services: Services, caplog: pytest.LogCaptureFixture
):
    for seed in (3, 4):
        publish(services, *made(services, seed))
    name = begun(client, arms=[HALVES[0], {"name": "first", "share": 0.5, "model": "recommender@1"}])
    services.registry.promote("recommender@2")
    later(client, services)
    user = next(user for user, arm in arms_of(client).items() if arm == "first")
    scored = {one["id"]: one["score"] for one in asked(client, f"users/{user}")["items"]}
    by_name = asked(client, f"users/{user}", model="recommender@1")
    assert {one["id"]: one["score"] for one in by_name["items"]} == scored
    assert asked(client, f"users/{user}")["model"] == "recommender@1"
    assert asked(client, f"users/{user}", experiment="none")["model"] == "recommender@2"
    later(client, services)
    before = counted(client, name)["first"]
    missed = _missed(name)

    services.registry.delete("recommender@1")
    answer = asked(client, f"users/{user}")
    assert (answer["model"], answer["experiments"]) == ("recommender@2", [])
    assert len(answer["items"]) == 5
    assert [record.message for record in caplog.records].count(
        "an arm cannot answer; its visitors get the usual list"
    ) == 1
    assert _missed(name) == missed + 1
    later(client, services)
    assert counted(client, name)["first"] == (before[0], before[1], 1)
    arm = client.get(f"{BASE}/{name}/results").json()["arms"][1]
    assert "version 1 of 'recommender' was deleted" in arm["unable"]
    refused = client.get(f"/v1/recommend/users/{user}", params={"experiment": name, "arm": "first"})
    assert refused.status_code == 404  # who asks for it by name is told


def _missed(name: str) -> float:
    labels = {"experiment": name, "arm": "first"}
    return REGISTRY.get_sample_value("trivium_recommend_arm_lists_without_total", labels) or 0.0


def test_a_damaged_version_is_noticed_before_anybody_asks(client: TestClient, services: Services):
    publish(services, *made(services, 3))
    publish(services, *made(services, 4))
    services.registry.promote("recommender@2")
    folder = services.registry.get("recommender@1").path
    whole = folder / "recommender.json"
    kept = whole.read_bytes()
    whole.chmod(0o644)
    whole.write_bytes(b"{}")
    name = begun(client, arms=[HALVES[0], {"name": "first", "share": 0.5, "model": "recommender@1"}])
    later(client, services)
    house = services.once(open_answering)
    house.arms.look()
    later(client, services)
    arm = client.get(f"{BASE}/{name}/results").json()["arms"][1]
    assert (arm["lists"], arm["lists_without"]) == (0, 0)
    assert "recommender@1" in arm["unable"]
    assert {asked(client, f"users/{user}")["model"] for user in PEOPLE} == {"recommender@2"}
    whole.write_bytes(kept)
    house.arms._unable.clear()  # the five seconds after which it is tried again
    house.arms.look()
    later(client, services)
    assert client.get(f"{BASE}/{name}/results").json()["arms"][1]["unable"] == ""
    assert {asked(client, f"users/{user}")["model"] for user in PEOPLE} == {"recommender@1", "recommender@2"}


def test_an_arm_that_is_stopped_counts_no_more_within_a_second(client: TestClient, services: Services):
    name = begun(client)
    later(client, services)
    arms = arms_of(client)
    client.patch(f"{BASE}/{name}", json={"arms": {"other": "stopped"}})
    services.clock.advance(seconds=1.1)  # type: ignore[attr-defined]
    for user, arm in arms.items():
        answer = asked(client, f"users/{user}")
        assert answer["model"] == "text"
        assert [one["arm"] for one in answer["experiments"]] == (["usual"] if arm == "usual" else [])
    client.patch(f"{BASE}/{name}", json={"state": "stopped"})
    services.clock.advance(seconds=1.1)  # type: ignore[attr-defined]
    assert asked(client, f"users/{PEOPLE[0]}")["experiments"] == []


def test_a_guardrail_stops_an_arm_that_made_lists(client: TestClient, services: Services):
    name = begun(client, guardrails=[{"metric": "dislikes", "may_change": 0.1}], window_hours=1)
    later(client, services)
    many = [f"v{number}" for number in range(400)]
    arms = {user: asked(client, f"users/{user}", k=1)["experiments"][0]["arm"] for user in many}
    later(client, services)
    rows = [
        {"user": user, "item": "plum", "type": "dislike"}
        for at, (user, arm) in enumerate(arms.items())
        if at % (2 if arm == "other" else 20) == 0
    ]
    assert client.post("/v1/recommend/events", json=rows).status_code == 200
    services.clock.advance(seconds=3_700)  # type: ignore[attr-defined]
    guards = Guards(open_experiments(services.database, services.clock), Exposures(services.database), services.clock)
    assert guards.look() == [(name, "other")]
    services.clock.advance(seconds=1.1)  # type: ignore[attr-defined]
    assert {asked(client, f"users/{user}", k=1)["model"] for user in PEOPLE} == {"text"}


def test_a_session_that_signs_in_sees_its_users_arm(client: TestClient, services: Services):
    begun(client)
    later(client, services)
    arms = arms_of(client)
    for number, user in enumerate(PEOPLE):
        session = f"s-{number}"
        assert client.post(f"/v1/recommend/sessions/{session}/merge", json={"user": user}).is_success
        assert asked(client, f"sessions/{session}")["experiments"][0]["arm"] == arms[user]
