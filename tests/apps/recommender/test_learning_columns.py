"""Columns for learning: order, names, what is left out; the catalogue by revision."""

import math

import numpy as np

from apps.recommender.schemas.columns import EventColumns
from apps.recommender.store.items import Items
from apps.recommender.store.learning import read_events, read_items
from tests.apps.recommender.conftest import Shop

AT = 1_700_000_000


def events(shop: Shop, **wishes: object) -> EventColumns:
    with shop.database.session() as session:
        return read_events(session, **wishes)  # type: ignore[arg-type]


def test_events_stand_in_order_of_user_time_and_item_number(shop: Shop):
    shop.events(
        {"user": "10", "item": "7", "type": "view", "timestamp": AT},
        {"user": "9", "item": "10", "type": "view", "timestamp": AT + 1},
        {"user": "9", "item": "9", "type": "rating", "value": 4.5, "timestamp": AT + 1},
        {"user": "9", "item": "7", "type": "view", "timestamp": AT},
    )
    found = events(shop)
    assert (found.users, found.items) == (["9", "10"], ["7", "9", "10"])
    assert found.user.tolist() == [0, 0, 0, 1]
    assert found.item.tolist() == [0, 1, 2, 0]
    assert [found.types[kind] for kind in found.type] == ["view", "rating", "view", "view"]
    assert found.seconds.tolist() == [AT, AT + 1, AT + 1, AT]
    assert found.value[1] == 4.5
    assert math.isnan(found.value[0])
    assert (found.user.dtype, found.type.dtype, found.value.dtype) == (np.int32, np.int16, np.float32)


def test_no_events_are_columns_without_rows(shop: Shop):
    found = events(shop)
    assert (len(found), found.users, found.items) == (0, [], [])


def test_sessions_are_read_where_asked_for_and_refusing_users_never(shop: Shop):
    shop.events(
        {"session": "s1", "item": "7", "type": "view", "timestamp": AT},
        {"user": "ann", "item": "7", "type": "view", "timestamp": AT},
        {"user": "bob", "item": "8", "type": "view", "timestamp": AT + 10},
    )
    shop.users({"id": "bob", "consent": False})
    assert (events(shop).users, events(shop).items) == (["ann"], ["7"])
    assert events(shop, with_sessions=True).users == ["ann", "session:s1"]
    assert len(events(shop, since=AT + 5)) == 0


def test_the_catalogue_is_read_whole_and_then_by_what_changed(shop: Shop):
    shop.items({"id": "lamp", "title": "Lamp", "price": 5, "available_until": AT}, {"id": "rug", "title": "Rug"})
    with shop.database.session() as session:
        whole = read_items(session)
    assert whole.ids == ["lamp", "rug"]
    assert whole.price.tolist()[0] == 5
    assert math.isnan(whole.price[1])
    assert whole.stock.tolist() == [math.inf, math.inf]
    assert (whole.available_from[0], whole.available_until.tolist()) == (-math.inf, [AT, math.inf])
    shop.events({"user": "ann", "item": "sofa", "type": "view", "timestamp": AT})
    Items(shop.database, shop.clock).remove("rug")
    with shop.database.session() as session:
        news = read_items(session, after=whole.revision)
    assert dict(zip(news.ids, zip(news.known.tolist(), news.removed.tolist(), strict=True), strict=True)) == {
        "rug": (True, True),
        "sofa": (False, False),
    }
    with shop.database.session() as session:
        assert len(read_items(session, after=news.revision)) == 0
