"""Servers on loopback for the pages: a real API over the letter encoder, and whatever a test wants to answer."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from apps.customer_service.app import app as support_app
from core.auth import create_key
from core.migrations import upgrade
from core.server import create_api
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.fakes import LetterEncoder
from tests.ui.support_desk import Desk, listening
from ui.client import Client, open_http


@pytest.fixture
def serve() -> Iterator[Callable[[ASGIApp], str]]:
    """Serves apps until the test ends; gives each one's address."""
    with ExitStack() as open_servers:
        yield lambda app: open_servers.enter_context(listening(app))


@pytest.fixture
def client_of(serve: Callable[[ASGIApp], str]) -> Iterator[Callable[[ASGIApp], Client]]:
    """Makes a client that speaks to an app over a socket."""
    with ExitStack() as connections:
        yield lambda app: Client(connections.enter_context(open_http(serve(app))), "trv_abcdefgh_secret")


@pytest.fixture
def open_desk(tmp_path: Path, serve: Callable[[ASGIApp], str]) -> Iterator[Callable[..., Desk]]:
    """Opens a desk whose answers, with letters for vectors, depend on the threshold alone: all answered, or none."""
    with ExitStack() as opened:

        def open_one(
            refuse_below: float = 1e-9,
            answer_above: float = 1e-9,
            scopes: tuple[str, ...] = ("support:read", "support:write"),
        ) -> Desk:
            thresholds = {"refuse_below": refuse_below, "answer_above": answer_above}
            settings = Settings(home=tmp_path / "home", apps={"customer_service": thresholds}, max_upload_bytes=100_000)
            services = open_services(settings, encoder=LetterEncoder())
            opened.callback(close_services, services)
            upgrade(services.database, [support_app])
            made = create_key(
                services.database, "agent", scopes, known_scopes=list(support_app.scopes), now=services.clock()
            )
            http = opened.enter_context(open_http(serve(create_api([support_app], services))))
            return Desk(Client(http, made.key), services, tmp_path / "sources")

        yield open_one
