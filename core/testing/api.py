"""The whole API in a test: real middleware, real keys, no port. Needs the `test` extra."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from starlette.testclient import TestClient

from core.app import App, BrokenApp, Services
from core.auth import create_key
from core.server import create_api


@contextmanager
def api_client(
    services: Services,
    apps: Sequence[App] = (),
    broken: Sequence[BrokenApp] = (),
    *,
    scopes: Sequence[str] = ("admin",),
    requests_per_minute: int | None = None,
    tokens_per_minute: int | None = None,
) -> Iterator[TestClient]:
    """A client that sends a fresh key with every request.

    services: with migrated tables
    scopes: what the key may do; none: send no key at all
    requests_per_minute, tokens_per_minute: the key's own limits
    """
    api = create_api(apps, services, broken)
    headers = {}
    if scopes:
        made = create_key(
            services.database,
            "test",
            scopes,
            known_scopes=[scope for app in apps for scope in app.scopes],
            now=services.clock(),
            requests_per_minute=requests_per_minute,
            tokens_per_minute=tokens_per_minute,
        )
        headers["Authorization"] = f"Bearer {made.key}"
    with TestClient(api, headers=headers) as client:
        yield client
