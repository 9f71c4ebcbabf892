"""Webhooks out, to a receiver that really listens: signed, in order, again until they arrive, dead in the end."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from apps.customer_service.app import app
from apps.customer_service.pipeline.sending import CLAIMED_FOR, Sender
from apps.customer_service.settings import SupportSettings
from apps.customer_service.store.conversations import Conversations, NewEntry
from apps.customer_service.store.tables import EntryRow
from apps.customer_service.store.webhooks import Webhooks
from core.addresses import BadAddress, NoSuchHost, target
from core.app import Services
from core.migrations import upgrade
from core.posting import MOST_ATTEMPTS, pause
from core.services import close_services, open_services
from core.settings import Settings
from core.signing import check
from core.testing.api import api_client
from core.testing.fakes import FixedClock, LetterEncoder


@dataclass
class Receiver:
    """A server that keeps what it gets. statuses: its next answers; 200 when there are none left"""

    url: str
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def numbers(self) -> list[int]:
        return [json.loads(body)["data"]["entry"]["number"] for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status = made.statuses.pop(0) if made.statuses else 200
            self.send_response(status)
            self.send_header("Location", f"{made.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Receiver(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class House:
    """The desk, its API and a sender whose pauses chance does not move."""

    services: Services
    client: TestClient
    clock: FixedClock
    sender: Sender

    def add(self, url: str, *events: str) -> dict[str, Any]:
        answer = self.client.post("/v1/support/webhooks", json={"url": url, "events": events or ["message.customer"]})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def chat(self, customer: str = "ann") -> str:
        return Conversations(self.services.database, self.clock).begin(
            customer=customer, collection="support", channel="web", language="en", meta={}
        )

    def write(self, chat: str, *texts: str, kind: str = "message", role: str = "customer") -> None:
        for text in texts:
            with Conversations(self.services.database, self.clock).change(chat) as change:
                change.append(NewEntry(kind, role, text))

    def deliver(self, webhook: str) -> int:
        self.sender.webhooks.collect(self.sender.webhooks.get(webhook))
        return self.sender.send(self.sender.webhooks.get(webhook))

    def deliveries(self, webhook: str, **query: str) -> list[dict[str, Any]]:
        answer = self.client.get(f"/v1/support/webhooks/{webhook}/deliveries", params=query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])


def sender_of(services: Services, clock: FixedClock) -> Sender:
    webhooks = Webhooks(services.database, clock)
    return Sender(webhooks, SupportSettings(), clock, services.stopping, chance=lambda: 0.5)


@pytest.fixture
def house(settings: Settings, database_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(Sender, "look", lambda _: None)  # the server's own job would send at moments of its own
    chosen = settings.model_copy(update={"database_url": database_url})
    services = open_services(chosen, encoder=LetterEncoder(), clock=clock)
    upgrade(services.database, [app])
    with api_client(services, [app]) as client:
        yield House(services, client, clock, sender_of(services, clock))
    close_services(services)


def test_an_event_arrives_signed_with_all_that_belongs_to_it(house: House, receiver: Receiver):
    made = house.add(f"{receiver.url}/hook?a=b")
    chat = house.chat()
    house.write(chat, "Where is my card?")
    assert house.deliver(made["id"]) == 1
    [(headers, body)] = receiver.got
    assert check(made["secret"], headers, body, house.clock()).startswith("msg_")
    told = json.loads(body)
    assert told["type"] == "message.customer"
    assert told["data"]["conversation"] == {
        "id": chat,
        "customer": "ann",
        "collection": "support",
        "channel": "web",
        "state": "bot",
    }
    assert (told["data"]["entry"]["number"], told["data"]["entry"]["text"]) == (1, "Where is my card?")
    [delivery] = house.deliveries(made["id"])
    assert (delivery["id"], delivery["state"], delivery["status"]) == (headers["webhook-id"], "done", 200)
    assert house.deliver(made["id"]) == 0


def test_only_what_is_wanted_and_came_later_is_sent(house: House, receiver: Receiver):
    chat = house.chat()
    house.write(chat, "before")
    house.clock.advance(seconds=1)
    made = house.add(receiver.url, "message.agent", "note.created")
    house.write(chat, "customer")
    house.write(chat, "agent", role="agent")
    house.write(chat, "note", kind="note", role="agent")
    house.deliver(made["id"])
    assert [json.loads(body)["type"] for _, body in receiver.got] == ["message.agent", "note.created"]


def test_a_chats_events_stay_in_order_while_another_chat_goes_on(house: House, receiver: Receiver):
    made = house.add(receiver.url)
    first, second = house.chat(), house.chat("bo")
    house.write(first, "one", "two", "three")
    receiver.statuses = [500]
    house.deliver(made["id"])
    assert receiver.numbers() == [1]
    house.write(second, "other")
    house.deliver(made["id"])
    assert receiver.numbers() == [1, 1]
    assert json.loads(receiver.got[1][1])["data"]["conversation"]["id"] == second
    house.clock.advance(seconds=5)
    house.deliver(made["id"])
    assert receiver.numbers() == [1, 1, 1, 2, 3]
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert ids[0] == ids[2], "an attempt that is repeated keeps its id"
    assert len(set(ids)) == 4


def test_what_never_arrives_is_dead_and_can_be_sent_once_more(house: House, receiver: Receiver):
    made = house.add(receiver.url)
    house.write(house.chat(), "hello")
    receiver.statuses = [503] * MOST_ATTEMPTS
    for attempt in range(MOST_ATTEMPTS):
        assert house.deliver(made["id"]) == 1
        assert house.deliver(made["id"]) == 0, "not before the pause is over"
        house.clock.advance(seconds=pause(attempt + 1, lambda: 0.5).total_seconds())
    assert house.deliver(made["id"]) == 0
    [dead] = house.deliveries(made["id"], state="dead")
    assert (dead["attempts"], dead["status"], dead["problem"]) == (MOST_ATTEMPTS, 503, "the receiver refused it")
    assert house.deliveries(made["id"], state="waiting") == []
    again = house.client.post(f"/v1/support/webhooks/{made['id']}/deliveries/{dead['id']}/redeliver")
    assert (again.status_code, again.json()["state"]) == (200, "waiting")
    assert house.deliver(made["id"]) == 1
    assert [one["state"] for one in house.deliveries(made["id"])] == ["done"]


def test_under_one_idempotency_key_a_webhook_is_made_once_and_an_event_sent_once_more_once(
    house: House, receiver: Receiver
):
    new, once = {"url": receiver.url, "events": ["message.customer"]}, {"Idempotency-Key": "k"}
    made, again = (house.client.post("/v1/support/webhooks", json=new, headers=once).json() for _ in range(2))
    assert made == again
    assert len(house.client.get("/v1/support/webhooks").json()["items"]) == 1
    house.write(house.chat(), "hello")
    assert house.deliver(made["id"]) == 1
    [done] = house.deliveries(made["id"])
    for sent in (1, 0):
        path = f"/v1/support/webhooks/{made['id']}/deliveries/{done['id']}/redeliver"
        assert house.client.post(path, headers={"Idempotency-Key": "r"}).status_code == 200
        assert house.deliver(made["id"]) == sent


def test_a_receiver_that_is_gone_gets_nothing_more(house: House, receiver: Receiver):
    made = house.add(receiver.url)
    house.write(house.chat(), "hello")
    receiver.statuses = [410]
    house.deliver(made["id"])
    assert house.client.get(f"/v1/support/webhooks/{made['id']}").json()["active"] is False
    assert len(house.deliveries(made["id"], state="dead")) == 1


def test_redirects_are_not_followed_and_nobody_there_is_said(house: House, receiver: Receiver):
    made, nobody = house.add(receiver.url), house.add("http://127.0.0.1:9")
    house.write(house.chat(), "hello")
    receiver.statuses = [307]
    house.deliver(made["id"])
    house.deliver(nobody["id"])
    assert len(receiver.got) == 1
    assert house.deliveries(made["id"])[0]["problem"] == "redirects are not followed"
    assert house.deliveries(nobody["id"])[0]["problem"] == "no connection"


def test_two_that_send_at_once_make_each_attempt_once(house: House, receiver: Receiver):
    made = house.add(receiver.url)
    for n in range(10):
        house.write(house.chat(f"c-{n}"), "hello")
    house.sender.webhooks.collect(house.sender.webhooks.get(made["id"]))
    senders = [sender_of(house.services, house.clock) for _ in range(3)]
    webhook = house.sender.webhooks.get(made["id"])
    with ThreadPoolExecutor(3) as pool:
        attempts = sum(pool.map(lambda sender: sender.send(webhook), senders))
    assert attempts == len(receiver.got) == 10


def test_what_a_dead_sender_had_claimed_is_sent_by_another(house: House, receiver: Receiver):
    made = house.add(receiver.url)
    house.write(house.chat(), "hello")
    webhooks = house.sender.webhooks
    webhooks.collect(webhooks.get(made["id"]))
    [parcel] = webhooks.due(made["id"], 10)
    assert webhooks.claim(parcel.delivery.id, 0, house.clock() + CLAIMED_FOR)
    assert house.deliver(made["id"]) == 0
    house.clock.advance(seconds=CLAIMED_FOR.total_seconds())
    assert house.deliver(made["id"]) == 1


def test_an_entry_that_was_committed_late_is_sent_too(house: House, receiver: Receiver):
    made = house.add(receiver.url)
    chat = house.chat()
    house.clock.advance(minutes=10)
    house.write(chat, "one")
    assert house.deliver(made["id"]) == 1
    house.write(chat, "two")
    with house.services.database.session(write=True) as session:  # its transaction began before the first was read
        late = house.clock() - timedelta(minutes=2)
        session.execute(update(EntryRow).where(EntryRow.number == 2).values(created_at=late))
    assert house.deliver(made["id"]) == 1
    assert receiver.numbers() == [1, 2]


def test_of_an_erased_customer_nothing_waits(house: House, receiver: Receiver):
    made = house.add(receiver.url)
    house.write(house.chat(), "hello")
    house.sender.webhooks.collect(house.sender.webhooks.get(made["id"]))
    assert len(house.deliveries(made["id"])) == 1
    assert house.client.delete("/v1/support/customers/ann").status_code == 200
    assert house.deliveries(made["id"]) == []
    assert house.deliver(made["id"]) == 0


def test_a_webhook_shows_its_secret_once_and_can_be_changed(house: House, receiver: Receiver):
    made = house.add(receiver.url)
    assert made["secret"].startswith("whsec_")
    at = f"/v1/support/webhooks/{made['id']}"
    assert "secret" not in house.client.get(at).json()
    assert made["secret"] not in house.client.get("/v1/support/webhooks").text
    changed = house.client.patch(at, json={"active": False, "events": ["state.changed"]}).json()
    assert (changed["active"], changed["events"], changed["url"]) == (False, ["state.changed"], receiver.url)
    assert house.client.patch(at, json={"url": "http://example.org"}).status_code == 422
    assert house.client.delete(at).status_code == 204
    assert house.client.get(at).status_code == 404
    assert house.client.post("/v1/support/webhooks", json={"url": receiver.url, "events": ["x"]}).status_code == 422


def test_deliveries_come_page_by_page(house: House, receiver: Receiver):
    made = house.add(receiver.url)
    house.write(house.chat(), "a", "b", "c")
    house.deliver(made["id"])
    at = f"/v1/support/webhooks/{made['id']}/deliveries"
    first = house.client.get(at, params={"limit": 2}).json()
    rest = house.client.get(at, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert {one["number"] for one in [*first["items"], *rest["items"]]} == {1, 2, 3}
    assert rest["next_cursor"] is None


def test_the_scheduler_has_them_sent(settings: Settings, clock: FixedClock, receiver: Receiver, database_url: str):
    chosen = settings.model_copy(update={"database_url": database_url})
    services = open_services(chosen, encoder=LetterEncoder(), clock=clock)
    upgrade(services.database, [app])
    sender = sender_of(services, clock)
    services.scheduler.every("test.send", 1, sender.look)
    row = sender.webhooks.add(receiver.url, ["message.customer"], "whsec_AAAA")
    chats = Conversations(services.database, clock)
    chat = chats.begin(customer="ann", collection="support", channel="web", language="en", meta={})
    with chats.change(chat) as change:
        change.append(NewEntry("message", "customer", "hello"))
    assert services.scheduler.run_once(clock())[-1] == "test.send"
    sender._lanes.wait()
    assert receiver.numbers() == [1]
    assert sender.webhooks.deliveries(row.id, "done", None, 10)
    close_services(services)


PUBLIC, PRIVATE, METADATA = "93.184.215.14", "10.1.2.3", "169.254.169.254"


@pytest.mark.parametrize(
    ("url", "numbers", "allowed"),
    [
        ("https://example.org/a", [PUBLIC], True),
        ("http://example.org/a", [PUBLIC], False),
        ("ftp://example.org", [PUBLIC], False),
        ("https://user:word@example.org", [PUBLIC], False),
        ("https://example.org:99999", [PUBLIC], False),
        ("https://inside.example.org", [PRIVATE], False),
        ("https://both.example.org", [PUBLIC, PRIVATE], False),
        ("https://tricky.example.org", ["127.0.0.1"], False),
        ("https://tricky.example.org", ["::ffff:127.0.0.1"], False),
        ("https://metadata.example.org", [METADATA], False),
        ("https://[fe80::1]", ["fe80::1%eth0"], False),
        ("https://0.0.0.0", ["0.0.0.0"], False),
        ("https://many.example.org", ["224.0.0.1"], False),
        ("http://localhost:9000/a", ["::1", "127.0.0.1"], True),
        ("http://127.0.0.1:9000/a", ["127.0.0.1"], True),
        ("nonsense", [PUBLIC], False),
        ("", [PUBLIC], False),
    ],
)
def test_an_address_leads_out_or_to_this_machine(url: str, numbers: list[str], allowed: bool):
    if allowed:
        target(url, to_private=False, resolve=lambda *_: numbers)
        return
    with pytest.raises(BadAddress):
        target(url, to_private=False, resolve=lambda *_: numbers)


def test_private_networks_are_a_setting_and_metadata_services_never():
    assert (
        target("https://inside.example.org", to_private=True, resolve=lambda *_: [PRIVATE]).host == "inside.example.org"
    )
    for never in (METADATA, "127.0.0.1", "0.0.0.0"):
        with pytest.raises(BadAddress):
            target("https://inside.example.org", to_private=True, resolve=lambda *_, number=never: [number])


def test_the_connection_goes_to_the_number_that_was_checked():
    found = target("https://example.org/a?b=c#d", to_private=False, resolve=lambda *_: [PUBLIC])
    assert (found.url, found.host, found.authority) == (f"https://{PUBLIC}:443/a?b=c", "example.org", "example.org")
    assert (
        target("https://example.org", to_private=False, resolve=lambda *_: ["2606:2800::1"]).url
        == "https://[2606:2800::1]:443"
    )
    with pytest.raises(NoSuchHost):
        target("https://example.org", to_private=False, resolve=lambda *_: [])


def test_pauses_grow_and_chance_moves_them():
    pauses = [pause(n, lambda: 0.0).total_seconds() for n in range(1, MOST_ATTEMPTS)]
    assert pauses == sorted(pauses)
    assert pause(1, lambda: 0.0) < pause(1, lambda: 0.99) < pause(2, lambda: 0.0)
    total = sum(pause(n, lambda: 0.5).total_seconds() for n in range(1, MOST_ATTEMPTS))
    assert 18 * 3600 < total < 24 * 3600
