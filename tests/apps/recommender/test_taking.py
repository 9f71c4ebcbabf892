"""Items, users and events in SQL: once each, in any order, completed later; sessions merged; people erased."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.recommender.errors import NoSuchUser, OtherUser
from apps.recommender.store.items import Items
from apps.recommender.store.state import revisions
from core.database import Database
from tests.apps.recommender.conftest import Shop

AT = 1_700_000_000
LAMP = {"id": "lamp", "title": "Desk lamp", "categories": ["Home"], "price": 20, "stock": 3}


def view(item: str, user: str = "ann", at: float = AT, **more: object) -> dict[str, object]:
    return {"user": user, "item": item, "type": "view", "timestamp": at, **more}


def test_events_come_before_their_items_and_users(shop: Shop):
    done = shop.events(view("lamp"), view("sofa", at=AT + 1))
    assert (done.added, done.new_users, done.new_items) == (2, 1, 2)
    assert (shop.counted().items, shop.counted().unknown_items, shop.counted().unknown_users) == (0, 2, 1)
    assert shop.items(LAMP).completed == 1
    assert shop.users({"id": "ann", "attributes": {"city": "Basel"}}).completed == 1
    after = shop.counted()
    assert (after.items, after.unknown_items, after.users, after.unknown_users) == (1, 1, 1, 0)
    assert [event.item for event in shop.history("ann")] == ["lamp", "sofa"]


def test_the_same_again_changes_nothing(shop: Shop):
    rows = [view("lamp"), view("lamp"), view("sofa", id="e1")]
    shop.items(LAMP)
    shop.users({"id": "ann"})
    assert shop.events(*rows).added == 3
    before = revisions(shop.database)
    assert shop.items(LAMP).unchanged == 1
    assert shop.users({"id": "ann"}).unchanged == 1
    again = shop.events(*rows)
    assert (again.added, again.known) == (0, 3)
    assert revisions(shop.database) == before


def test_each_change_of_items_grows_the_revision_that_its_rows_carry(shop: Shop):
    shop.items(LAMP, {"id": "sofa", "title": "Sofa"})
    first = revisions(shop.database)[0]
    done = shop.items({**LAMP, "price": 25}, {"id": "sofa", "title": "Sofa"})
    assert (done.changed, done.unchanged) == (1, 1)
    rows = {row.id: row for row in Items(shop.database, shop.clock).page("", 10)}
    assert rows["lamp"].revision == first + 1 == revisions(shop.database)[0]
    assert rows["sofa"].revision == first
    assert rows["lamp"].price == 25


def test_bad_rows_are_told_and_good_ones_taken(shop: Shop):
    done = shop.items(
        LAMP,
        {"id": "x"},
        {"id": "y", "title": "Y", "price": -1},
        {"id": "z", "title": "Z", "available_from": "2026-02-01", "available_until": "2026-01-01"},
        {"id": "socks", "title": "🧦🧦\x00", "brand": "Nordic", "available_from": 1_700_000_000},
    )
    assert (done.received, done.added, done.rejected) == (5, 2, 3)
    assert [(fault.line, fault.problem) for fault in done.faults] == [
        (2, "title is missing"),
        (3, "price must be at least 0.0"),
        (4, "available_from must lie before available_until"),
    ]
    [socks] = [row for row in Items(shop.database, shop.clock).page("", 10) if row.id == "socks"]
    assert (socks.title, socks.attributes) == ("🧦🧦", {"brand": "Nordic"})
    assert socks.available_from == datetime.fromtimestamp(1_700_000_000, UTC)


def test_an_item_that_is_removed_keeps_its_events_and_may_come_back(shop: Shop):
    items = Items(shop.database, shop.clock)
    shop.items(LAMP)
    shop.events(view("lamp"))
    items.remove("lamp")
    assert items.page("", 10) == []
    assert shop.events(view("lamp", at=AT + 5)).new_items == 0
    assert shop.items(LAMP).completed == 1
    assert items.get("lamp")[1] == 2


def test_a_session_is_merged_into_the_user_who_signs_in(shop: Shop):
    shop.events(view("lamp", user="", session="s1"), view("sofa", at=AT + 9))
    assert [event.item for event in shop.history("s1", kind="session")] == ["lamp"]
    assert shop.visitors.merge("s1", "ann") == 1
    assert shop.visitors.merge("s1", "ann") == 0
    shop.events(view("rug", user="", session="s1", at=AT + 3))
    assert [event.item for event in shop.history("ann")] == ["lamp", "rug", "sofa"]
    assert shop.history("s1", kind="session") == shop.history("ann")
    assert shop.events(view("lamp", user="", session="s1")).known == 1
    with pytest.raises(OtherUser):
        shop.visitors.merge("s1", "bob")


def test_a_session_and_a_user_may_sign_in_before_anything_else_is_heard(shop: Shop):
    assert shop.visitors.merge("s1", "ann") == 0
    shop.events(view("lamp", user="", session="s1"))
    assert [event.item for event in shop.history("ann")] == ["lamp"]


def test_who_refuses_consent_is_not_followed(shop: Shop):
    shop.events(view("lamp"), view("lamp", user="bob"))
    shop.users({"id": "ann", "consent": False})
    assert shop.history("ann") == []
    done = shop.events(view("sofa"), view("sofa", user="", session="s1"))
    assert (done.added, done.without_consent) == (1, 1)
    assert shop.visitors.merge("s1", "ann") == 0
    assert shop.counted().events == 2


def test_an_erased_user_stays_away_from_old_bulks_and_may_begin_anew(shop: Shop):
    now = shop.clock()
    bulk = [view("lamp"), view("sofa", user="", session="s1"), view("rug", user="bob")]
    shop.users({"id": "ann", "attributes": {"city": "Basel"}})
    shop.events(*bulk)
    shop.visitors.merge("s1", "ann")
    assert shop.erasures.of_user("ann") == (2, ["s1"])
    with pytest.raises(NoSuchUser):
        shop.visitors.get("ann")
    again = shop.events(*bulk)
    assert (again.added, again.known, again.erased) == (0, 1, 2)
    refused = shop.users({"id": "ann"}, {"id": "cy"})
    assert (refused.added, [fault.line for fault in refused.faults]) == (1, [1])
    shop.clock.advance(hours=1)
    assert shop.events(view("vase", at=(now + timedelta(minutes=30)).timestamp())).added == 1
    assert [event.item for event in shop.history("ann")] == ["vase"]
    assert shop.events(*bulk).erased == 2
    assert shop.users({"id": "ann", "after_erasure": True}).completed == 1


def test_nothing_personal_is_left_of_an_erased_user(shop: Shop):
    shop.users({"id": "ann@post.example", "attributes": {"city": "Atlantis"}})
    shop.events(
        {"user": "ann@post.example", "item": "lamp", "type": "comment", "text": "Dim and wobbly", "timestamp": AT}
    )
    shop.erasures.of_user("ann@post.example")
    shop.database.scrub()
    assert not _kept(shop.database, "ann@post.example", "Atlantis", "wobbly")


def _kept(database: Database, *words: str) -> list[str]:
    from sqlalchemy import MetaData, select

    tables = MetaData()
    tables.reflect(database.engine, only=lambda name, _: name.startswith("recommend_"))
    with database.engine.connect() as connection:
        rows = [str(tuple(row)) for table in tables.sorted_tables for row in connection.execute(select(table))]
    return [word for word in words if any(word in row for row in rows)]


def test_a_user_with_100000_events_is_read_from_the_newest(shop: Shop):
    shop.events(*(view(f"i{number % 500}", at=AT + number) for number in range(100_000)))
    found = shop.history("ann", most=3)
    assert [event.seconds - AT for event in found] == [99_997, 99_998, 99_999]


def test_ties_in_time_are_broken_by_item_as_numbers(shop: Shop):
    shop.events(view("10"), view("9"), view("x"))
    assert [event.item for event in shop.history("ann")] == ["9", "10", "x"]
