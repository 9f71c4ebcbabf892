"""Servers that are killed while events arrive: what was acknowledged is kept, and a retry completes the rest."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from apps.recommender.store.counting import count
from core.database import Database
from tests.apps.customer_service.real_servers import Town, town

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

AT = 1_700_000_000
BULKS, EACH, SENDERS = 60, 50, 4

LIGHT = """
import uvicorn
from apps.recommender.app import app
from core.server import create_api
from core.services import open_services
from core.settings import read_settings
from core.testing.fakes import LetterEncoder
settings = read_settings()
services = open_services(settings, encoder=LetterEncoder())
uvicorn.run(create_api([app], services), host="127.0.0.1", port=settings.port, log_level="warning")
"""
"""A server without weights: taking events in needs none, and it starts in a second."""


def bulk(number: int) -> list[dict[str, object]]:
    return [
        {"user": f"u{at % 9}", "item": f"i{number}-{at % 7}", "type": "view", "timestamp": AT + number * EACH + at}
        for at in range(EACH)
    ]


def test_no_acknowledged_event_is_lost_when_the_server_is_killed(warm_home: Path, database_url: str):
    with town(database_url, warm_home) as houses:
        acknowledged = _send_until_killed(houses)
        assert 0 < len(acknowledged) < BULKS
        database = Database(database_url)
        try:
            kept = count(database).events
            assert kept >= EACH * len(acknowledged)
            server = houses.start(LIGHT)
            answers = [server.client.post("/v1/recommend/events", json=bulk(number)).json() for number in range(BULKS)]
            assert all(answers[number]["known"] == EACH for number in acknowledged)
            assert kept + sum(answer["added"] for answer in answers) == BULKS * EACH
            assert count(database).events == BULKS * EACH
        finally:
            database.close()


def _send_until_killed(houses: Town) -> list[int]:
    """returns: the bulks that were answered"""
    server = houses.start(LIGHT)
    acknowledged: list[int] = []
    enough = threading.Event()

    def send(number: int) -> None:
        try:
            answer = server.client.post("/v1/recommend/events", json=bulk(number))
        except httpx.TransportError:
            return
        if answer.status_code == 200:
            acknowledged.append(number)
        if len(acknowledged) >= BULKS // 4:
            enough.set()

    with ThreadPoolExecutor(SENDERS) as pool:
        running = [pool.submit(send, number) for number in range(BULKS)]
        assert enough.wait(120)
        server.process.kill()
        for one in running:
            one.result()
    return acknowledged
