"""What every answer carries, and what is counted."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from core.app import Services
from core.testing.api import api_client


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with api_client(services) as client:
        yield client


def test_a_request_id_is_made_when_none_came(client: TestClient):
    first, second = (client.get("/health/live").headers["X-Request-ID"] for _ in range(2))
    assert re.fullmatch(r"[0-9a-f]{32}", first)
    assert first != second


def test_a_plain_request_id_is_kept_and_an_odd_one_is_not(client: TestClient):
    assert client.get("/health/live", headers={"X-Request-ID": "trace-1.a_b"}).headers["X-Request-ID"] == "trace-1.a_b"
    for odd in ("a b", "x" * 65, "{}", "a\tb", ""):
        assert client.get("/nothing", headers={"X-Request-ID": odd}).headers["X-Request-ID"] != odd


@pytest.mark.parametrize("path", ["/health/live", "/v1/apps", "/nothing", "/openapi.json"])
def test_answers_are_neither_kept_nor_guessed_at_nor_framed(client: TestClient, path: str):
    headers = client.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_other_sites_get_no_leave_to_read(client: TestClient):
    answer = client.get("/v1/apps", headers={"Origin": "https://elsewhere.example"})
    assert not any(name.lower().startswith("access-control") for name in answer.headers)


def test_requests_are_counted_by_route_and_never_by_path(client: TestClient):
    client.get("/v1/models/some-words-of-a-person")
    client.get("/v1/other-words-of-a-person")
    client.request("BREW", "/v1/apps")
    metrics = client.get("/metrics").text
    assert 'trivium_http_requests_total{method="GET",route="/v1/models/{model}",status="404"} 1.0' in metrics
    assert 'trivium_http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in metrics
    assert 'method="OTHER"' in metrics
    assert 'trivium_http_request_seconds_bucket{le="0.06",method="GET",route="unmatched"}' in metrics
    assert "process_resident_memory_bytes" in metrics
    assert "of-a-person" not in metrics


def test_the_documentation_page_loads_nothing_from_elsewhere(client: TestClient):
    page = client.get("/docs")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert sources
    for source in sources:
        asset = client.get(f"/{source}")
        assert asset.status_code == 200, source
        assert "://" not in source
