"""Webhooks in: signed or refused, each message once, a thread a conversation."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from apps.customer_service.app import app
from apps.customer_service.pipeline.knowledge import import_rows
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.signing import signed_headers
from core.testing.api import api_client
from core.testing.fakes import FixedClock, LetterEncoder

ROWS = [{"id": "fee", "question": "What does a new card cost?", "answer": "A new card costs £5."}]
MESSAGE = {"customer": "ann", "text": "What does a new card cost?", "thread": "T-1", "id": "m-1"}


@pytest.fixture
def client(settings: Settings, database_url: str, clock: FixedClock) -> Iterator[TestClient]:
    thresholds = {"refuse_below": 1e-9, "answer_above": 1e-9}
    chosen = settings.model_copy(update={"database_url": database_url, "apps": {"customer_service": thresholds}})
    services = open_services(chosen, encoder=LetterEncoder(), clock=clock)
    upgrade(services.database, [app])
    import_rows(ROWS, services.collections.ensure("support"))
    with api_client(services, [app]) as client:
        yield client
    close_services(services)


@pytest.fixture
def secret(client: TestClient) -> str:
    made = client.post("/v1/support/channels", json={"name": "mail"})
    assert made.status_code == 201, made.text
    return str(made.json()["secret"])


def bring(client: TestClient, secret: str, clock: FixedClock, name: str = "mail", **changes: Any) -> Any:
    body = json.dumps({**MESSAGE, **changes}).encode()
    return post(client, name, body, signed_headers(secret, "msg_1", clock(), body))


def post(client: TestClient, name: str, body: bytes, headers: dict[str, str]) -> Any:
    client.headers.pop("Authorization", None)  # a webhook brings no key
    try:
        return client.post(
            f"/v1/support/inbound/{name}", content=body, headers=headers | {"Content-Type": "application/json"}
        )
    finally:
        client.headers["Authorization"] = client.key  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def keeps_its_key(client: TestClient) -> None:
    client.key = client.headers["Authorization"]  # type: ignore[attr-defined]


def entries(client: TestClient, chat: str) -> list[dict[str, Any]]:
    return list(client.get(f"/v1/support/conversations/{chat}/entries").json()["items"])


def test_a_message_begins_a_conversation_and_its_thread_goes_on_in_it(
    client: TestClient, secret: str, clock: FixedClock
):
    first = bring(client, secret, clock)
    assert first.status_code == 200, first.text
    assert first.json()["reply"] == "A new card costs £5. [1]"
    assert first.json()["action"] == "answer"
    second = bring(client, secret, clock, id="m-2", text="And abroad?").json()
    assert second["conversation"] == first.json()["conversation"]
    other = bring(client, secret, clock, id="m-3", thread="T-2").json()
    assert other["conversation"] != second["conversation"]
    shown = client.get(f"/v1/support/conversations/{second['conversation']}").json()
    assert (shown["customer"], shown["channel"], shown["metadata"]) == ("ann", "mail", {"thread": "T-1"})
    said = [entry["text"] for entry in entries(client, second["conversation"]) if entry["role"] == "customer"]
    assert said == ["What does a new card cost?", "And abroad?"]


def test_the_same_message_counts_once(client: TestClient, secret: str, clock: FixedClock):
    first = bring(client, secret, clock).json()
    clock.advance(seconds=60)
    assert bring(client, secret, clock).json() == first
    assert len(entries(client, first["conversation"])) == 2
    assert bring(client, secret, clock, text="other words").status_code == 409


def test_two_first_messages_at_once_begin_one_conversation(client: TestClient, secret: str, clock: FixedClock):
    def one(n: int) -> Any:
        body = json.dumps({**MESSAGE, "id": f"m-{n}"}).encode()
        headers = signed_headers(secret, f"msg_{n}", clock(), body) | {"Content-Type": "application/json"}
        return client.post("/v1/support/inbound/mail", content=body, headers=headers)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(one, range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.json()["conversation"] for answer in answers}) == 1
    assert len(client.get("/v1/support/conversations").json()["items"]) == 1


def test_a_wrong_signature_is_refused_in_one_sentence(client: TestClient, secret: str, clock: FixedClock):
    body = json.dumps(MESSAGE).encode()
    good = signed_headers(secret, "msg_1", clock(), body)
    other = signed_headers("whsec_" + "A" * 43 + "=", "msg_1", clock(), body)
    wrong = [
        ("mail", body + b" ", good),
        ("mail", body, other),
        ("mail", body, {**good, "webhook-id": "msg_2"}),
        ("mail", body, {**good, "webhook-timestamp": str(int(clock().timestamp()) + 1)}),
        ("mail", body, {**good, "webhook-timestamp": "soon"}),
        ("mail", body, {**good, "webhook-timestamp": "9" * 30}),
        ("mail", body, {**good, "webhook-signature": "v1,"}),
        ("mail", body, {}),
        ("nobody", body, good),
    ]
    for name, content, headers in wrong:
        answer = post(client, name, content, headers)
        assert answer.status_code == 401, headers
        assert "the signature does not fit" in answer.json()["message"].lower()
    assert client.get("/v1/support/conversations").json()["items"] == []
    both = {**good, "webhook-signature": f"{other['webhook-signature']} {good['webhook-signature']}"}
    assert post(client, "mail", body, both).status_code == 200, "a sender that changes its secret signs with both"


def test_a_message_that_was_signed_long_ago_or_ahead_is_refused(client: TestClient, secret: str, clock: FixedClock):
    body = json.dumps(MESSAGE).encode()
    for away in (timedelta(minutes=-6), timedelta(minutes=6)):
        answer = post(client, "mail", body, signed_headers(secret, "msg_1", clock() + away, body))
        assert answer.status_code == 401
        assert "more than 5 minutes from now" in answer.json()["message"]


def test_signed_nonsense_is_refused(client: TestClient, secret: str, clock: FixedClock):
    for body, status in ((b"{", 400), (b"[]", 400), (b"\xff", 400), (b'{"customer": "ann"}', 422)):
        answer = post(client, "mail", body, signed_headers(secret, "msg_1", clock(), body))
        assert answer.status_code == status, (body, answer.text)


def test_channels_are_listed_without_secrets_and_removed(client: TestClient, secret: str, clock: FixedClock):
    assert secret not in client.get("/v1/support/channels").text
    assert client.post("/v1/support/channels", json={"name": "mail"}).status_code == 409
    assert client.post("/v1/support/channels", json={"name": "b", "collection": "none"}).status_code == 404
    chat = bring(client, secret, clock).json()["conversation"]
    assert client.delete("/v1/support/channels/mail").status_code == 204
    assert bring(client, secret, clock).status_code == 401
    assert entries(client, chat)


def test_who_lost_the_answer_gets_the_channels_secret_under_the_same_idempotency_key(client: TestClient):
    new, once = {"name": "chat-bridge"}, {"Idempotency-Key": "k"}
    made, again = (client.post("/v1/support/channels", json=new, headers=once).json() for _ in range(2))
    assert made == again


def test_an_erased_customers_thread_begins_anew(client: TestClient, secret: str, clock: FixedClock):
    first = bring(client, secret, clock).json()["conversation"]
    assert client.delete("/v1/support/customers/ann").json()["conversations"] == 1
    assert bring(client, secret, clock).json()["conversation"] != first
