"""With `mask_at_rest` no table of any database holds what identifies a customer; the answer is found all the same."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from apps.customer_service.app import app
from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.pipeline.sending import Sender, payload
from apps.customer_service.store.webhooks import Webhooks
from core.app import Services
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.signing import signed_headers
from core.testing.api import api_client
from core.testing.fakes import FixedClock, LetterEncoder
from tests.apps.customer_service.test_erasing import rows_with

PATH = "/v1/support"
MAIL, CARD, IBAN = "lena.voss@example.org", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00"
ABOUT_ME = f"I am on {MAIL}, my card is {CARD}, my IBAN {IBAN}."
ROWS = [
    {"id": "fee", "question": "What does a new card cost?", "answer": "A new card costs £5. Ask desk@shop.example."}
]


def opened(settings: Settings, url: str, clock: FixedClock, **own: Any) -> Services:
    desk = {"refuse_below": 1e-9, "answer_above": 1e-9, "webhooks_to_private": True}
    chosen = {"customer_service": {**desk, **own}}
    services = open_services(
        settings.model_copy(update={"database_url": url, "apps": chosen}), encoder=LetterEncoder(), clock=clock
    )
    upgrade(services.database, [app])
    import_rows(ROWS, services.collections.ensure("support"))
    return services


@pytest.fixture
def house(
    settings: Settings, database_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Services]:
    monkeypatch.setattr(Sender, "look", lambda _: None)  # the server's own job would send at moments of its own
    services = opened(settings, database_url, clock, mask_at_rest=True)
    yield services
    close_services(services)


def sent(client: TestClient, path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = client.post(f"{PATH}{path}", json=body, headers=headers)
    assert answer.is_success, answer.text
    return dict(answer.json()) if answer.content else {}


def test_nothing_that_identifies_is_stored_of_all_that_people_write(house: Services, clock: FixedClock):
    with api_client(house, [app]) as client:
        sent(client, "/webhooks", {"url": "http://127.0.0.1:9/", "events": ["message.customer"]})
        first = {"text": f"What does a new card cost? {ABOUT_ME}", "client_id": "m-1"}
        begun = sent(
            client,
            "/conversations",
            {"customer": "c-1", "metadata": {"page": ABOUT_ME, "seen": [{"by": MAIL}]}, "message": first},
            **{"Idempotency-Key": "begin-1"},
        )
        chat = begun["conversation"]["id"]
        at = f"/conversations/{chat}"
        assert begun["exchange"]["reply"]["text"].startswith("A new card costs £5.")
        again = sent(client, f"{at}/messages", first)
        assert again["reply"]["number"] == 2
        other = client.post(f"{PATH}{at}/messages", json={**first, "text": "other words"})
        assert other.status_code == 409
        sent(client, f"{at}/messages", {"text": f"What does {MAIL} cost? And what does a new {CARD} cost?"})
        sent(client, f"{at}/entries/2/feedback", {"thumb": "down", "comment": ABOUT_ME})
        sent(client, f"{at}/rating", {"score": 2, "comment": ABOUT_ME})
        sent(client, f"{at}/handoff", {})
        client.put(f"{PATH}/agents/ada", json={"name": "Ada"}).raise_for_status()
        sent(client, f"{at}/assign", {"agent": "ada"})
        draft = sent(client, f"{at}/draft", {"agent": "ada"}, **{"Idempotency-Key": "draft-1"})
        said = {"agent": "ada", "text": f"You are {MAIL}, with {IBAN}.", "draft_id": draft["id"]}
        sent(client, f"{at}/reply", said, **{"Idempotency-Key": "reply-1"})
        sent(client, f"{at}/notes", {"agent": "ada", "text": ABOUT_ME}, **{"Idempotency-Key": "note-1"})
        sent(client, "/proposals", {"entry": {"conversation": chat, "number": last_reply(client, chat)}})
        sent(client, f"{at}/resolve", {"agent": "ada", "reason": "answered", "note": ABOUT_ME})
        secret = sent(client, "/channels", {"name": "mail"})["secret"]
        body = json.dumps({"customer": "c-2", "text": ABOUT_ME, "thread": "T-1", "id": "in-1"}).encode()
        key = client.headers.pop("Authorization")
        brought = client.post(
            f"{PATH}/inbound/mail",
            content=body,
            headers={**signed_headers(secret, "msg_1", clock(), body), "Content-Type": "application/json"},
        )
        assert brought.status_code == 200, brought.text
        client.headers["Authorization"] = key
        gaps = client.get(f"{PATH}/insights/gaps").text
        desk = client.get(f"{PATH}/desk/{chat}").text
    for raw in (MAIL, CARD, IBAN, CARD.replace(" ", ""), IBAN.replace(" ", "")):
        assert rows_with(house.database, raw) == set()
        assert raw not in gaps + desk
    assert "[EMAIL]" in desk


def last_reply(client: TestClient, chat: str) -> int:
    entries = client.get(f"{PATH}/desk/{chat}").json()["entries"]
    return int(max(one["number"] for one in entries if one["role"] == "agent" and one["kind"] == "message"))


def test_what_webhooks_send_is_masked_and_what_the_knowledge_base_says_is_not(house: Services):
    with api_client(house, [app]) as client:
        hook = sent(client, "/webhooks", {"url": "http://127.0.0.1:9/", "events": ["message.customer"]})["id"]
        webhooks = Webhooks(house.database, house.clock)
        text = f"What does a new card cost? {ABOUT_ME}"
        begun = sent(client, "/conversations", {"message": {"text": text}})
        webhooks.collect(webhooks.get(hook))
        bodies = [payload(parcel).decode() for parcel in webhooks.due(hook, 10)]
    assert not any(MAIL in body for body in bodies)
    assert begun["exchange"]["reply"]["text"] == "A new card costs £5. Ask desk@shop.example. [1]"


def test_the_desk_answers_by_the_customers_own_words(house: Services):
    people = {mail: f"Who is {mail}?" for mail in (MAIL, "otto.quist@example.org")}
    rows = [{"id": mail, "question": asked, "answer": "Of the night shift."} for mail, asked in people.items()]
    import_rows(rows, house.collections.get("support"))
    with api_client(house, [app]) as client:
        for asked in people.values():
            begun = sent(client, "/conversations", {"message": {"text": asked}})
            assert begun["exchange"]["reply"]["data"]["citations"][0]["title"] == asked
            assert begun["exchange"]["message"]["text"] == "Who is [EMAIL]?"


def test_without_the_setting_words_are_kept_as_they_were_written(
    settings: Settings, database_url: str, clock: FixedClock
):
    services = opened(settings, database_url, clock)
    try:
        with api_client(services, [app]) as client:
            begun = sent(client, "/conversations", {"metadata": {"page": MAIL}, "message": {"text": ABOUT_ME}})
        assert begun["exchange"]["message"]["text"] == ABOUT_ME
        assert rows_with(services.database, MAIL) == {"support_conversations", "support_entries"}
    finally:
        close_services(services)
