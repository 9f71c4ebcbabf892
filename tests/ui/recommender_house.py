"""A small shop behind a real API, for the recommender's pages: six items, two users, a session, a stray event."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from apps.recommender.app import app
from apps.recommender.pipeline.ingesting.moods import CommentReader
from core.app import Services
from core.auth import create_key
from core.migrations import upgrade
from core.server import create_api
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.fakes import LetterEncoder
from tests.ui.support_desk import listening
from ui.client import Client, open_http

ROOMS = {"lamp": "Home", "sofa": "Home", "chair": "Home", "apple": "Food", "pear": "Food", "plum": "Food"}
TITLES = {"lamp": "Lamp", "sofa": "Sofa", "chair": "Chair", "apple": "Apple pie", "pear": "Pear pie", "plum": "Plum"}
ITEMS = [
    {"id": name, "title": TITLES[name], "categories": [room], "price": 2.5, "description": "Good."}
    for name, room in ROOMS.items()
]
EVENTS = [
    {"user": "ann", "item": "apple", "type": "view"},
    {"user": "ann", "item": "lamp", "type": "rating", "value": 4.5},
    {"user": "bob", "item": "plum", "type": "purchase"},
    {"user": "bob", "item": "pear", "type": "purchase"},
    {"session": "s-1", "item": "chair", "type": "click"},
    {"user": "bob", "item": "ghost", "type": "view"},
]


@dataclass
class House:
    """An API with a shop, a client that may do all, and the key that it uses. address: of the API"""

    client: Client
    services: Services
    address: str
    key: str

    def send(self, path: str, rows: list[dict[str, object]]) -> None:
        """Send rows as a shop does."""
        headers = {"Authorization": f"Bearer {self.key}"}
        self.client._http.post(f"/v1/recommend/{path}", json=rows, headers=headers).raise_for_status()


@contextmanager
def open_house(home: Path, *, filled: bool = True) -> Iterator[House]:
    """Open the API over letters for vectors; filled: with the shop's rows."""
    with ExitStack() as opened:
        patch = opened.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(CommentReader, "read_some", lambda _: 0)  # the server's own job would open the real model
        services = open_services(Settings(home=home), encoder=LetterEncoder())
        opened.callback(close_services, services)
        upgrade(services.database, [app])
        scopes = list(app.scopes)
        made = create_key(services.database, "shop", scopes, known_scopes=scopes, now=services.clock())
        address = opened.enter_context(listening(create_api([app], services)))
        http = opened.enter_context(open_http(address))
        house = House(Client(http, made.key), services, address, made.key)
        if filled:
            house.send("items", ITEMS)
            house.send("users", [{"id": "ann", "attributes": {"city": "Basel", "newsletter": True}}, {"id": "bob"}])
            house.send("events", EVENTS)
        yield house
