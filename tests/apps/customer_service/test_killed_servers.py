"""Real server processes that are killed while customers write: nothing is lost, nothing is doubled."""

import json
import random
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.apps.customer_service.real_servers import DIES, Server, Town, town

pytestmark = pytest.mark.integration

ROW = {"id": "fee", "question": "What does a new card cost?", "answer": "A new card costs £5."}
QUESTION = "What does a new card cost?"
CHATS, MESSAGES, KILLS = 8, 3, 3


@pytest.fixture
def houses(database_url: str, warm_home: Path) -> Iterator[Town]:
    with town(database_url, warm_home) as made:
        yield made


def begin(server: Server) -> str:
    return str(server.client.post("/v1/support/conversations", json={}).json()["conversation"]["id"])


def entries(server: Server, chat: str) -> list[dict[str, object]]:
    found = server.client.get(f"/v1/support/conversations/{chat}/entries")
    assert found.status_code == 200, found.text
    return list(found.json()["items"])


def wait_for(condition, within_s: float) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.2)


def test_a_message_whose_server_died_before_the_reply_is_answered_once_by_another(houses: Town):
    stays = houses.start()
    assert stays.client.post("/v1/support/documents", json={"documents": [ROW]}).status_code == 201
    chat = begin(stays)
    dies = houses.start(DIES)
    path, body = f"/v1/support/conversations/{chat}/messages", {"text": QUESTION, "client_id": "m-1"}
    with pytest.raises(httpx.TransportError):
        dies.client.post(path, json=body)
    assert dies.process.wait(30) == -signal.SIGKILL
    assert [entry["role"] for entry in entries(stays, chat)] == ["customer"]
    wait_for(lambda: len(entries(stays, chat)) > 1, within_s=45)
    again = stays.client.post(path, json=body).json()
    time.sleep(3)  # the job has looked again
    kept = entries(stays, chat)
    assert [entry["role"] for entry in kept] == ["customer", "bot"]
    assert again["reply"]["number"] == 2
    assert "£5" in str(kept[1]["text"])


def test_servers_killed_while_they_answer_lose_and_double_nothing(houses: Town):
    servers = [houses.start(), houses.start()]
    assert servers[0].client.post("/v1/support/documents", json={"documents": [ROW]}).status_code == 201
    chats = [begin(servers[0]) for _ in range(CHATS)]
    chance, interrupted = random.Random(7), list[httpx.TransportError]()

    def write(chat: str, numbers: range, asked: threading.Event) -> None:
        for number in numbers:
            body = {"text": f"{QUESTION} ({number})", "client_id": f"m-{number}"}
            while True:  # as a client does that never heard back
                server = chance.choice(servers)
                if server is servers[1]:
                    asked.set()
                try:
                    answer = server.client.post(f"/v1/support/conversations/{chat}/messages", json=body)
                except httpx.ConnectError:
                    time.sleep(0.05)
                    continue
                except httpx.TransportError as error:
                    interrupted.append(error)
                    continue
                assert answer.status_code == 201, answer.text
                break

    for number in range(KILLS):
        if number:
            servers[1] = houses.start()
        asked = threading.Event()
        with ThreadPoolExecutor(CHATS) as pool:
            numbers = range(MESSAGES * number, MESSAGES * (number + 1))
            writing = [pool.submit(write, chat, numbers, asked) for chat in chats]
            assert asked.wait(30)
            time.sleep(0.05 * chance.random())
            servers[1].process.kill()
            for one in writing:
                one.result(120)
        assert servers[1].process.wait(30) == -signal.SIGKILL
    assert interrupted, "no kill came while a message was worked on"
    living = servers[0]
    for chat in chats:
        wait_for(lambda chat=chat: not living.client.get(f"/v1/support/conversations/{chat}").json()["pending"], 60)
        kept = entries(living, chat)
        assert [entry["number"] for entry in kept] == list(range(1, len(kept) + 1))
        sent = [entry["client_id"] for entry in kept if entry["role"] == "customer"]
        assert sent == [f"m-{number}" for number in range(KILLS * MESSAGES)]
        answered = [n for e in kept if e["role"] == "bot" for n in e["data"]["replies_to"]]  # type: ignore[index]
        assert sorted(answered) == [entry["number"] for entry in kept if entry["role"] == "customer"]


def listen(server: Server, chat: str, after: int, most: int) -> tuple[list[int], bool]:
    """returns: the ids of at most so many events, and whether the stream ended by itself"""
    heard: list[int] = []
    with server.client.stream("GET", f"/v1/support/conversations/{chat}/events", params={"after": after}) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("data: "):
                heard.append(int(json.loads(line[6:])["number"]))
            if len(heard) == most:
                return heard, False
    return heard, True


def test_who_listens_hears_what_another_server_wrote_and_goes_on_without_gap_or_double(houses: Town):
    hears, writes = houses.start(), houses.start()
    writes.client.post("/v1/support/documents", json={"documents": [ROW]})
    chat = begin(writes)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(listen, hears, chat, 0, 3)
        for number in range(4):
            body = {"text": f"{QUESTION} ({number})"}
            assert writes.client.post(f"/v1/support/conversations/{chat}/messages", json=body).status_code == 201
        assert first.result(30) == ([1, 2, 3], False)
        assert listen(hears, chat, 3, 5)[0] == [4, 5, 6, 7, 8]
        last = pool.submit(listen, hears, chat, 8, 1)
        time.sleep(1)
        began = time.monotonic()
        hears.process.terminate()
        assert last.result(30) == ([], True)
        assert hears.process.wait(30) == 0
        assert time.monotonic() - began < 8  # an endless answer is not waited for until it is cut off
