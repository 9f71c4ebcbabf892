"""Recommendations over HTTP: lists that are full where they can be, say why, and know the last event."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from apps.recommender.app import app
from apps.recommender.pipeline.recommending.answering import open_answering
from apps.recommender.pipeline.recommending.shelf import Shelf
from core.app import Services
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.api import api_client
from core.testing.fakes import FixedClock, LetterEncoder

ROOMS = {"lamp": "Home", "sofa": "Home", "chair": "Home", "apple": "Food", "pear": "Food", "plum": "Food"}
TITLES = {"apple": "apple pie", "pear": "pear pie"}


@pytest.fixture
def services(settings: Settings, clock: FixedClock) -> Iterator[Services]:
    prompt = settings.model_copy(update={"apps": {"recommender": {"popularity_every_s": 0}}})
    opened = open_services(prompt, encoder=LetterEncoder(), clock=clock)
    upgrade(opened.database, [app])
    yield opened
    close_services(opened)


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with api_client(services, [app]) as opened:
        rows = [
            {
                "id": name,
                "title": TITLES.get(name, name),
                "categories": [room],
                "price": at + 1,
                "attributes": {"size": at},
            }
            for at, (name, room) in enumerate(ROOMS.items())
        ]
        assert opened.post("/v1/recommend/items", json=rows).status_code == 200
        yield opened


def send(client: TestClient, user: str, *items: str, kind: str = "view") -> None:
    rows = [{"user": user, "item": item, "type": kind} for item in items]
    assert client.post("/v1/recommend/events", json=rows).status_code == 200


def asked(client: TestClient, path: str, **query: object) -> dict:
    answer = client.get(f"/v1/recommend/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(client: TestClient, path: str, **query: object) -> list[str]:
    return [one["id"] for one in asked(client, path, **query)["items"]]


def test_the_next_call_knows_the_last_event_and_says_why(client: TestClient):
    send(client, "ann", "lamp")
    send(client, "ann", "apple")
    answer = asked(client, "users/ann", k=3)
    assert (answer["model"], answer["known"], answer["events"]) == ("text", True, 2)
    first = answer["items"][0]
    assert first["id"] == "pear"
    assert first["reason"]["text"] == "Because you viewed “apple pie”"
    assert first["reason"]["because"] == ["apple"]
    assert not {"lamp", "apple"} & {one["id"] for one in answer["items"]}
    assert "apple" in ids(client, "users/ann", seen=True)


def test_a_stranger_gets_what_is_popular_and_no_error(client: TestClient):
    send(client, "bob", "plum", "plum", "chair", kind="purchase")
    answer = asked(client, "users/never heard of")
    assert (answer["model"], answer["known"]) == ("popular", False)
    assert answer["items"][0]["reason"]["text"] in {"Popular in Food", "Popular in Home"}
    assert {one["id"] for one in answer["items"][:2]} == {"plum", "chair"}
    assert ids(client, "sessions/s-1")[:2] == ids(client, "users/x")[:2]
    assert ids(client, "sessions/s-1", category="Home")[0] == "chair"


def test_whoever_refused_consent_gets_what_everybody_gets(client: TestClient):
    assert client.post("/v1/recommend/users", json={"id": "eve", "consent": True}).status_code == 200
    send(client, "eve", "apple")
    assert asked(client, "users/eve")["model"] == "text"
    assert client.patch("/v1/recommend/users/eve", json={"consent": False}).status_code == 200
    answer = asked(client, "users/eve")
    assert (answer["model"], answer["events"]) == ("popular", 0)


def test_a_list_is_full_whenever_enough_items_qualify(client: TestClient, services: Services):
    rows = [{"id": f"n{at}", "title": f"nut {at}", "categories": ["Nuts"], "stock": at % 2} for at in range(200)]
    assert client.post("/v1/recommend/items", json=rows).status_code == 200
    services.once(open_answering).shelf.encode_all()  # so that no text is read between two pages
    send(client, "ann", "lamp", "sofa")
    found = ids(client, "users/ann", category="Nuts", k=100)
    assert len(found) == 100
    assert all(int(name[1:]) % 2 for name in found)
    pages = [ids(client, "users/ann", category="Nuts", k=30, offset=at) for at in (0, 30, 60, 90)]
    assert [one for page in pages for one in page] == found


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"category": ["Home"]}, {"lamp", "sofa", "chair"}),
        ({"category": ["Home", "Food"], "max_price": 2}, {"lamp", "sofa"}),
        ({"attribute": ["size:1", "size:4"]}, {"sofa", "pear"}),
        ({"attribute": ["size:2..4"]}, {"chair", "apple", "pear"}),
        ({"attribute": ["size:..1"], "min_price": 2}, {"sofa"}),
        ({"category": ["Food"], "exclude": ["plum"]}, {"apple", "pear"}),
    ],
)
def test_filters(client: TestClient, query: dict, wanted: set[str]):
    assert set(ids(client, "popular", **query)) == wanted


def test_hidden_sold_out_expired_and_removed_items_never_come(client: TestClient, clock: FixedClock):
    send(client, "ann", "lamp")
    for item, change in {
        "sofa": {"hidden": True},
        "chair": {"stock": 0},
        "apple": {"available_until": (clock.now.timestamp()) + 60},
        "pear": {"available_from": clock.now.timestamp() + 60},
    }.items():
        assert client.patch(f"/v1/recommend/items/{item}", json=change).status_code == 200
    assert set(ids(client, "users/ann")) == {"apple", "plum"}
    clock.advance(minutes=2)
    assert set(ids(client, "users/ann")) == {"pear", "plum"}
    assert client.delete("/v1/recommend/items/plum").status_code == 204
    assert ids(client, "users/ann") == ["pear"]
    assert client.patch("/v1/recommend/items/chair", json={"stock": 3}).status_code == 200
    assert set(ids(client, "users/ann")) == {"pear", "chair"}


def test_an_empty_list_says_why(client: TestClient, services: Services):
    answer = asked(client, "users/ann", category="Cars")
    assert (answer["items"], answer["qualifying"]) == ([], 0)
    assert answer["note"] == "None of the 6 available items passes the filters."
    send(client, "ann", *ROOMS)
    assert asked(client, "users/ann")["note"].startswith("All 6 items that pass the filters were seen already")
    assert asked(client, "popular", offset=50)["note"] == "Only 6 items qualify; this page begins behind them."
    assert asked(client, "items/lamp/bought-together")["note"] == "Nothing was bought together with it so far."


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("users/ann?k=0", 422),
        ("users/ann?k=10000", 422),
        ("users/ann?k=1000&offset=1500", 422),
        ("users/ann?attribute=size", 422),
        ("users/ann?attribute=size:a..b", 422),
        ("users/ann?model=nobody@7", 404),
        ("items/nothing/similar", 404),
        ("items/nothing/bought-together", 404),
        ("search?q=%20", 422),
    ],
)
def test_what_cannot_be_answered_is_told(client: TestClient, path: str, status: int):
    answer = client.get(f"/v1/recommend/{path}")
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_a_catalogue_of_one_item_and_of_none(services: Services, client: TestClient):
    for name in list(ROOMS)[1:]:
        client.delete(f"/v1/recommend/items/{name}")
    assert ids(client, "users/ann") == ["lamp"]
    assert asked(client, "items/lamp/similar")["items"] == []
    client.delete("/v1/recommend/items/lamp")
    answer = asked(client, "users/ann")
    assert answer["items"] == []
    assert answer["note"].startswith("No item is available")


def test_a_new_item_is_recommended_at_once_by_its_text(client: TestClient):
    send(client, "ann", "apple")
    ids(client, "users/ann")
    new = {"id": "tart", "title": "apple pie two", "categories": ["Food"]}
    assert client.post("/v1/recommend/items", json=new).status_code == 200
    assert ids(client, "users/ann", k=1) == ["tart"]
    assert ids(client, "items/apple/similar", k=1) == ["tart"]
    assert "tart" in ids(client, "new")


def test_disliked_items_stay_away_even_among_seen_ones(client: TestClient):
    send(client, "ann", "apple")
    send(client, "ann", "pear", kind="dislike")
    assert "pear" not in ids(client, "users/ann", seen=True)


def test_the_screen_counts_as_the_newest_event(client: TestClient):
    assert ids(client, "users/new one", context="apple", k=1) == ["pear"]
    assert "apple" not in ids(client, "users/new one", context="apple")


def test_similar_and_bought_together_tell_their_reasons(client: TestClient):
    like = asked(client, "items/apple/similar", k=1)["items"][0]
    assert (like["id"], like["reason"]["text"]) == ("pear", "Similar to “apple pie”")
    for user in ("ann", "bob", "cem"):
        send(client, user, "lamp", "plum", kind="purchase")
    send(client, "dan", "lamp", "sofa", kind="purchase")
    met = asked(client, "items/lamp/bought-together")["items"]
    assert [one["id"] for one in met] == ["plum", "sofa"]
    assert met[0]["reason"]["text"] == "Often bought together with “lamp”"


def test_what_rises_is_trending_what_lasts_is_popular(client: TestClient, clock: FixedClock):
    for turn in range(40):
        send(client, f"u{turn}", "sofa", kind="purchase")
    clock.advance(days=20)
    for turn in range(10):
        send(client, f"v{turn}", "plum", kind="purchase")
    assert ids(client, "popular", k=1) == ["sofa"]
    assert ids(client, "trending", k=1) == ["plum"]


def test_search_finds_by_words_and_meaning_and_suits_the_user(client: TestClient):
    found = asked(client, "search", q="sofa")
    assert found["items"][0]["id"] == "sofa"
    assert client.get("/v1/recommend/search", params={"q": "pie", "user": "ann"}).json()["items"][0]["id"] in TITLES


def test_candidates_are_ranked_and_what_cannot_stand_is_told(client: TestClient):
    send(client, "ann", "apple")
    client.patch("/v1/recommend/items/sofa", json={"hidden": True})
    ranked = client.post(
        "/v1/recommend/rank", json={"user": "ann", "items": ["chair", "pear", "sofa", "ghost", "apple"]}
    ).json()
    assert {one["id"] for one in ranked["items"]} == {"chair", "pear", "apple"}
    assert (ranked["unknown"], ranked["unavailable"]) == (["ghost"], ["sofa"])
    assert ranked["items"][-1]["id"] == "chair"


def test_diversity_and_caps(client: TestClient):
    send(client, "ann", "apple")
    assert [ROOMS[one] for one in ids(client, "users/ann", k=3, most_per_category=1)].count("Food") == 1
    capped = asked(client, "users/ann", k=4, most_per_category=1)
    assert capped["note"] == "5 items qualify, but no more than 1 of a category may stand here."
    assert set(ids(client, "users/ann", diversity=1.0)) == set(ids(client, "users/ann"))


def test_bodies_are_described_and_scopes_are_asked_for(services: Services):
    with api_client(services, [app], scopes=["recommend:write"]) as writer:
        assert writer.get("/v1/recommend/users/ann").status_code == 403


def test_a_search_before_any_text_is_read_goes_by_words(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Shelf, "encode_missing", lambda *_: 0)
    assert ids(client, "search", q="sofa") == ["sofa"]
    assert asked(client, "search", q="nothing of it")["items"] == []
    assert ids(client, "items/sofa/similar")
