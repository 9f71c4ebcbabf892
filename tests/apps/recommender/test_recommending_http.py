"""Recommendations over HTTP."""

from starlette.testclient import TestClient

ROOMS = {"lamp": "Home", "sofa": "Home", "chair": "Home", "apple": "Food", "pear": "Food", "plum": "Food"}
TITLES = {
    "lamp": "lamp lamp",
    "sofa": "sofa",
    "chair": "chair",
    "apple": "apple pie",
    "pear": "pear pie",
    "plum": "plum",
}


def fill(client: TestClient) -> None:
    rows = [
        {"id": name, "title": TITLES[name], "categories": [ROOMS[name]], "price": at + 1.0, "attributes": {"size": at}}
        for at, name in enumerate(ROOMS)
    ]
    assert client.post("/v1/recommend/items", json=rows).status_code == 200


def send(client: TestClient, user: str, *items: str, kind: str = "view") -> None:
    rows = [{"user": user, "item": item, "type": kind} for item in items]
    assert client.post("/v1/recommend/events", json=rows).status_code == 200


def ids(client: TestClient, path: str, **asked: object) -> list[str]:
    answer = client.get(f"/v1/recommend/{path}", params=asked)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


def test_it(client: TestClient):
    fill(client)
    send(client, "bob", "plum", kind="purchase")
    answer = client.get("/v1/recommend/users/stranger").json()
    print(answer)
    assert answer["model"] == "popular" and not answer["known"]
    send(client, "ann", "apple")
    answer = client.get("/v1/recommend/users/ann").json()
    print(answer)
    assert answer["items"][0]["id"] == "pear"
