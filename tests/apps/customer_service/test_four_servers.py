"""Four real servers over one database: what one acknowledges, the next request to any other finds."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.apps.customer_service.real_servers import town

pytestmark = pytest.mark.integration


@pytest.fixture
def servers(database_url: str, warm_home: Path) -> Iterator[list[httpx.Client]]:
    with town(database_url, warm_home) as houses, ThreadPoolExecutor(4) as pool:
        yield [server.client for server in pool.map(lambda _: houses.start(), range(4))]


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
