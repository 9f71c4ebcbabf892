"""Four real servers over one database: what one acknowledges, the next request to any other finds."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from core.auth import create_key
from core.clock import system_clock
from core.database import Database
from core.migrations import upgrade

pytestmark = pytest.mark.integration


@pytest.fixture
def servers(database_url: str, warm_home: Path) -> Iterator[list[httpx.Client]]:
    database = Database(database_url)
    upgrade(database, [])
    key = create_key(database, "test", ["admin"], known_scopes=(), now=system_clock()).key
    database.close()
    with ExitStack() as stack:
        clients = []
        for _ in range(4):
            port = _free_port()
            environment = {
                **os.environ,
                "TRIVIUM_HOME": str(warm_home),
                "TRIVIUM_DATABASE_URL": database_url,
                "TRIVIUM_PORT": str(port),
            }
            process = subprocess.Popen(
                [sys.executable, "-m", "core.cli", "serve"], env=environment, stderr=subprocess.DEVNULL
            )
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
            headers = {"Authorization": f"Bearer {key}"}
            clients.append(
                stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30))
            )
        for client in clients:
            _wait_ready(client)
        yield clients


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_ready(client: httpx.Client) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            if client.get("/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("a server did not become ready")


def _found(client: httpx.Client, text: str) -> list[str]:
    answer = client.post("/v1/support/search", json={"query": text, "k": 1})
    assert answer.status_code == 200, answer.text
    return [hit["id"] for hit in answer.json()["hits"]]


def test_a_document_acknowledged_by_one_is_found_by_all(servers: list[httpx.Client]):
    topics = ["kettles", "mattresses", "passports", "lanterns", "bicycles", "umbrellas", "teapots", "hammocks"]
    for turn, topic in enumerate(topics):
        writer = servers[turn % 4]
        row = {"id": topic, "question": f"Do you sell {topic}?", "answer": f"Yes, {topic} are on the second floor."}
        assert writer.post("/v1/support/documents", json={"documents": [row]}).status_code == 201
        assert [_found(client, f"where are the {topic}") for client in servers] == [[topic]] * 4
    for turn, topic in enumerate(topics):
        assert servers[turn % 4].delete(f"/v1/support/documents/{topic}").status_code == 204
        assert all(topic not in _found(client, f"where are the {topic}") for client in servers)
