"""A migrated database of either kind, what takes rows in over it, and an API over services of its own."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from apps.recommender.app import app
from apps.recommender.pipeline.ingesting.events import EventReader
from apps.recommender.pipeline.ingesting.moods import CommentReader
from apps.recommender.pipeline.ingesting.rows import read_listed
from apps.recommender.pipeline.ingesting.taking import take_events, take_items, take_users
from apps.recommender.schemas.events import Counted
from apps.recommender.schemas.taking import TakenEvents, TakenItems, TakenUsers
from apps.recommender.settings import RecommenderSettings
from apps.recommender.store.counting import count
from apps.recommender.store.erased import Erasures
from apps.recommender.store.events import Events
from apps.recommender.store.history import PastEvent, read_history
from apps.recommender.store.items import Items
from apps.recommender.store.visitors import Visitors
from core.app import Services
from core.database import Database
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.api import api_client
from core.testing.fakes import FixedClock, LetterEncoder


@dataclass
class Shop:
    """A shop that sends rows, without HTTP."""

    database: Database
    clock: FixedClock
    settings: RecommenderSettings

    @property
    def visitors(self) -> Visitors:
        return Visitors(self.database, self.clock)

    @property
    def erasures(self) -> Erasures:
        return Erasures(self.database, self.clock)

    def items(self, *rows: dict[str, Any]) -> TakenItems:
        return take_items(Items(self.database, self.clock), lambda told: read_listed(rows, told))

    def users(self, *rows: dict[str, Any]) -> TakenUsers:
        return take_users(self.visitors, lambda told: read_listed(rows, told))

    def events(self, *rows: dict[str, Any]) -> TakenEvents:
        reader = EventReader(self.settings, self.clock, now_if_untimed=True)
        return take_events(Events(self.database, self.clock), reader, lambda told: read_listed(rows, told))

    def history(self, name: str, kind: str = "user", most: int = 100) -> list[PastEvent]:
        with self.database.reading() as connection:
            return read_history(connection, kind, name, most).events

    def counted(self) -> Counted:
        return count(self.database)


@pytest.fixture
def shop(database_url: str, clock: FixedClock) -> Iterator[Shop]:
    database = Database(database_url)
    upgrade(database, [app])
    yield Shop(database, clock, RecommenderSettings())
    database.close()


@pytest.fixture
def services(settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setattr(CommentReader, "read_some", lambda _: 0)  # the server's own job would open the real model
    opened = open_services(settings, encoder=LetterEncoder(), clock=clock)
    upgrade(opened.database, [app])
    yield opened
    close_services(opened)


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with api_client(services, [app]) as opened:
        yield opened


def written(path: Path, *rows: dict[str, Any] | str) -> Path:
    """A file of JSON Lines; a text stands in it as it is."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
