"""Items, users and events over HTTP: every kind of body, the right status, pages, scopes, erasure."""

import gzip
import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from apps.recommender.app import app
from core.app import Services
from core.testing.api import api_client

AT = "2025-06-01T10:00:00Z"
VIEW = {"user": "ann", "item": "lamp", "type": "view", "timestamp": AT}
LINES = {"Content-Type": "application/x-ndjson"}


def jsonl(*rows: object) -> bytes:
    return b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows)


def test_one_item_from_beginning_to_end(client: TestClient):
    item = {"id": "caps/red 1", "title": "🧢 Red cap", "price": 12.5, "stock": 0, "attributes": {"size": ["S", "M"]}}
    done = client.post("/v1/recommend/items", json=item)
    assert (done.status_code, done.json()["added"]) == (200, 1)
    shown = client.get("/v1/recommend/items/caps%2Fred%201").json()
    assert {name: shown[name] for name in item} == item
    assert (shown["known"], shown["events"], shown["hidden"]) == (True, 0, False)
    changed = client.patch("/v1/recommend/items/caps%2Fred%201", json={"price": None, "hidden": True})
    assert (changed.json()["price"], changed.json()["hidden"], changed.json()["title"]) == (None, True, "🧢 Red cap")
    assert client.patch("/v1/recommend/items/caps%2Fred%201", json={"title": None}).status_code == 422
    assert client.patch("/v1/recommend/items/caps%2Fred%201", json={"colour": "red"}).status_code == 422
    assert client.delete("/v1/recommend/items/caps%2Fred%201").status_code == 204
    assert client.get("/v1/recommend/items/caps%2Fred%201").status_code == 404
    assert client.delete("/v1/recommend/items/caps%2Fred%201").status_code == 404


@pytest.mark.parametrize("kind", ["list", "object", "lines", "packed", "csv", "parquet"])
def test_many_events_in_every_kind_of_body(client: TestClient, tmp_path: Path, kind: str):
    rows = [VIEW, {**VIEW, "item": "sofa", "type": "rating", "value": 4.5}]
    headers = {"Content-Type": "application/json"}
    if kind == "list":
        body = json.dumps(rows).encode()
    elif kind == "object":
        body = json.dumps({"events": rows}).encode()
    elif kind == "lines":
        body, headers = jsonl(*rows), LINES
    elif kind == "packed":
        body, headers = gzip.compress(jsonl(*rows)), {**LINES, "Content-Encoding": "gzip"}
    elif kind == "csv":
        table = f"user,item,type,timestamp,value\nann,lamp,view,{AT},\nann,sofa,rating,{AT},4.5\n"
        body, headers = table.encode(), {"Content-Type": "text/csv"}
    else:
        import pyarrow as pa
        from pyarrow import parquet

        parquet.write_table(pa.Table.from_pylist([{"value": None, **row} for row in rows]), tmp_path / "rows.parquet")
        body = (tmp_path / "rows.parquet").read_bytes()
        headers = {"Content-Type": "application/vnd.apache.parquet"}
    done = client.post("/v1/recommend/events", content=body, headers=headers)
    assert (done.status_code, done.json()["added"], done.json()["new_items"]) == (200, 2, 2)
    found = client.get("/v1/recommend/events", params={"user": "ann"}).json()["items"]
    assert {(one["item"], one["type"], one["value"]) for one in found} == {
        ("lamp", "view", None),
        ("sofa", "rating", 4.5),
    }


def test_good_rows_are_taken_and_bad_ones_told_with_their_line(client: TestClient):
    bad = {**VIEW, "type": "rating", "value": 11}
    done = client.post("/v1/recommend/events", content=jsonl(VIEW, b"{oops", bad), headers=LINES)
    assert done.status_code == 207
    assert (done.json()["added"], done.json()["rejected"]) == (1, 2)
    assert done.json()["faults"] == [
        {"line": 2, "problem": "is not JSON"},
        {"line": 3, "problem": "a rating of 11 lies outside of 0.5 to 5"},
    ]


def test_only_so_many_faults_are_told_but_all_are_counted(client: TestClient):
    done = client.post("/v1/recommend/events", content=jsonl(VIEW, *[b"{"] * 300), headers=LINES).json()
    assert (done["rejected"], len(done["faults"])) == (300, 20)


def test_where_nothing_can_be_used_nothing_is_taken(client: TestClient):
    done = client.post("/v1/recommend/events", json={**VIEW, "timestamp": "2099-01-01"})
    assert done.status_code == 422
    assert done.json()["message"] == (
        "The only row cannot be used (line 1: timestamp lies in the future): correct it and send it again."
    )
    assert client.post("/v1/recommend/events", json=[]).status_code == 422
    assert (
        client.post("/v1/recommend/items", content=b"{", headers={"Content-Type": "application/json"}).status_code
        == 422
    )
    assert client.post("/v1/recommend/items", content=b"<a/>", headers={"Content-Type": "text/xml"}).status_code == 415
    assert client.get("/v1/recommend/data").json()["events"] == 0


def test_an_event_that_is_sent_twice_is_kept_once(client: TestClient):
    event = {**VIEW, "id": "e-1"}
    assert client.post("/v1/recommend/events", json=event).json()["added"] == 1
    assert client.post("/v1/recommend/events", json=event).json()["known"] == 1
    assert client.delete("/v1/recommend/events/e-1").status_code == 204
    assert client.delete("/v1/recommend/events/e-1").status_code == 404


def test_a_write_without_times_is_made_once_by_its_key(client: TestClient, services: Services):
    bulk = jsonl({"user": "ann", "item": "lamp", "type": "click"})
    headers = {**LINES, "Idempotency-Key": "bulk-1"}
    first = client.post("/v1/recommend/events", content=bulk, headers=headers)
    services.clock.advance(seconds=5)  # type: ignore[attr-defined]
    second = client.post("/v1/recommend/events", content=bulk, headers=headers)
    assert (second.json(), second.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert client.get("/v1/recommend/data").json()["events"] == 1


def test_pages_hold_everything_once(client: TestClient):
    client.post("/v1/recommend/items", json=[{"id": f"i{at}", "title": "x"} for at in range(7)])
    client.post("/v1/recommend/events", json=[{**VIEW, "user": f"u{at}", "item": f"i{at}"} for at in range(7)])
    for path, most, narrowed in (("items", 7, {}), ("users", 7, {}), ("events", 7, {}), ("events", 1, {"item": "i3"})):
        found, cursor = [], {}
        while True:
            page = client.get(f"/v1/recommend/{path}", params={"limit": 3, **narrowed, **cursor}).json()
            found += [one["id"] for one in page["items"]]
            cursor = {"cursor": page["next_cursor"]}
            if page["next_cursor"] is None:
                break
        assert len(found) == len(set(found)) == most
    assert client.get("/v1/recommend/items", params={"cursor": "nonsense"}).status_code == 422
    assert client.get("/v1/recommend/items", params={"known": False}).json()["items"] == []


def test_a_session_becomes_a_user_and_the_user_is_erased(client: TestClient):
    client.post("/v1/recommend/users", json={"id": "ann", "attributes": {"city": "Basel"}, "consent": True})
    client.post("/v1/recommend/events", json={**VIEW, "user": None, "session": "s/1"})
    merged = client.post("/v1/recommend/sessions/s%2F1/merge", json={"user": "ann"})
    assert merged.json() == {"session": "s/1", "user": "ann", "events": 1}
    assert client.post("/v1/recommend/sessions/s%2F1/merge", json={"user": "bob"}).status_code == 409
    shown = client.get("/v1/recommend/users/ann/profile").json()
    assert (shown["attributes"], shown["consent"], shown["sessions"], shown["events"]) == (
        {"city": "Basel"},
        True,
        ["s/1"],
        1,
    )
    assert client.patch("/v1/recommend/users/ann", json={"consent": False}).json()["attributes"] == {"city": "Basel"}
    assert client.delete("/v1/recommend/users/ann").json() == {"events": 1, "sessions": 1, "answers": 0}
    assert client.get("/v1/recommend/users/ann/profile").status_code == 404
    done = client.post("/v1/recommend/events", json={**VIEW, "user": None, "session": "s/1"})
    assert (done.status_code, done.json()["erased"]) == (200, 1)
    assert client.delete("/v1/recommend/sessions/s%2F2").json()["events"] == 0


def test_erasing_forgets_answers_that_name_the_user(client: TestClient):
    for user in ("annabel", "bertram"):
        body = {"user": user}
        client.post(f"/v1/recommend/sessions/s-{user}/merge", json=body, headers={"Idempotency-Key": user})
    assert client.delete("/v1/recommend/users/annabel").json()["answers"] == 1


def test_feedback_names_the_request_that_it_came_of(client: TestClient):
    row = {"user": "ann", "item": "lamp", "request": "req-7"}
    assert client.post("/v1/recommend/feedback", json=row).json()["added"] == 1
    [event] = client.get("/v1/recommend/events").json()["items"]
    assert (event["type"], event["request"]) == ("click", "req-7")
    assert client.post("/v1/recommend/feedback", json={"user": "ann", "item": "lamp"}).status_code == 422


@pytest.mark.parametrize("path", ["items", "users", "events", "feedback"])
def test_a_key_that_may_read_may_not_write(services: Services, path: str):
    with api_client(services, [app], scopes=["recommend:read"]) as reader:
        assert reader.get("/v1/recommend/data").status_code == 200
        assert reader.post(f"/v1/recommend/{path}", json={}).status_code == 403
        del reader.headers["Authorization"]
        assert reader.get("/v1/recommend/items").status_code == 401
