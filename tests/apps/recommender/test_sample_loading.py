"""The sample's shop in a store: opened once, kept open, and nothing overwritten; and as files."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from apps.recommender.commands import build_commands
from apps.recommender.sample import requests
from apps.recommender.sample.events import SampleShop, generate
from apps.recommender.sample.loading import add_events, add_items, add_users, shop_until
from apps.recommender.schemas.items import Item
from apps.recommender.settings import RecommenderSettings
from apps.recommender.store.counting import count
from apps.recommender.store.erased import Erasures
from apps.recommender.store.items import Items
from core.database import Database
from core.testing.fakes import FixedClock

NOW = datetime(2026, 3, 18, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def shop() -> SampleShop:
    return generate(NOW, items=300, users=80, events=2_000)


def add_all(database: Database, shop: SampleShop, now: datetime, since: float = -1.0) -> tuple[int, int, int]:
    clock = FixedClock(now)
    return (
        add_items(database, clock, shop),
        add_users(database, clock, shop),
        add_events(database, clock, RecommenderSettings(), shop, since),
    )


def test_all_of_it_is_taken_in_and_a_second_time_changes_nothing(database: Database, shop: SampleShop):
    first = add_all(database, shop, NOW)
    counted = count(database)
    assert first == (300, 80, len(shop.events)) == (counted.items, counted.users, counted.events)
    assert counted.unknown_items == counted.unknown_users == 0
    assert counted.waiting_comments == counted.by_type["comment"]
    assert add_all(database, shop, NOW) == (0, 0, 0)
    soon = datetime.fromtimestamp(shop.events[-1].seconds + 60, UTC)
    assert shop_until(database, soon) == (None, pytest.approx(shop.events[-1].seconds))


def test_what_somebody_changed_removed_or_erased_stays_so(database: Database, shop: SampleShop):
    add_all(database, shop, NOW)
    clock = FixedClock(NOW + timedelta(days=1))
    mine, gone, who = shop.catalogue.items[0].id, shop.catalogue.items[1].id, shop.visitors[0].id
    items = Items(database, clock)
    items.put_all([Item(id=mine, title="Mine")])
    items.remove(gone)
    Erasures(database, clock).of_user(who)
    later = generate(NOW + timedelta(days=2), items=300, users=80, events=2_000)
    added = add_all(database, later, NOW + timedelta(days=2), NOW.timestamp())
    assert added[:2] == (0, 0)
    assert 0 < added[2] < 200
    assert items.get(mine)[0].title == "Mine"
    assert gone not in {row.id for row in items.page("", 1_000)}


def test_a_request_of_the_sample_is_a_row_of_an_item():
    first = next(requests())
    assert first.path == "/v1/recommend/items"
    Item.model_validate(first.body)


def test_files_hold_the_shop(tmp_path: Path):
    asked = ["sample", str(tmp_path / "shop"), "--items", "50", "--users", "10", "--events", "300", "--json"]
    done = CliRunner().invoke(build_commands(), asked)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    for name in ("items", "users", "events"):
        lines = (tmp_path / "shop" / f"{name}.jsonl").read_text("utf-8").splitlines()
        assert len(lines) == told[name] > 0
        json.loads(lines[-1])


def test_items_alone_may_be_many(tmp_path: Path):
    done = CliRunner().invoke(build_commands(), ["sample", str(tmp_path), "--items", "2000", "--events", "0"])
    assert done.exit_code == 0, done.output
    assert len((tmp_path / "items.jsonl").read_text("utf-8").splitlines()) == 2_000
    assert not (tmp_path / "events.jsonl").exists()
