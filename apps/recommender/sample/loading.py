"""Bring the sample's shop into the store by the same way as everybody's data. Overwrites nothing."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from apps.recommender.pipeline.ingesting.events import EventReader
from apps.recommender.pipeline.ingesting.rows import Row
from apps.recommender.pipeline.ingesting.taking import Open, take_events, take_items, take_users
from apps.recommender.sample.events import SampleShop, generate
from apps.recommender.settings import RecommenderSettings
from apps.recommender.store.events import Events
from apps.recommender.store.items import Items
from apps.recommender.store.presence import items_ever, known_users, latest_event
from apps.recommender.store.visitors import Visitors
from core.clock import Clock
from core.database import Database

AGAIN_AFTER = timedelta(hours=6)  # a shop that was open so lately needs nothing new


def shop_until(database: Database, now: datetime) -> tuple[SampleShop | None, float]:
    """The shop as it is now, and from which second on its events are new. None: it has been open until just now"""
    last = latest_event(database)
    if last is not None and now.timestamp() - last < AGAIN_AFTER.total_seconds():
        return None, last
    return generate(now), -1.0 if last is None else last


def add_items(database: Database, clock: Clock, shop: SampleShop) -> int:
    """Add things that never were there; one that somebody changed or removed stays so. returns: how many are new"""
    known = items_ever(database)
    missing = (one.row() for one in shop.catalogue.items if one.id not in known)
    taken = take_items(Items(database, clock), _opened(missing))
    return taken.added + taken.completed


def add_users(database: Database, clock: Clock, shop: SampleShop) -> int:
    """Add users who are not there yet; those who were erased stay so. returns: how many are new"""
    known = known_users(database)
    missing = (one.row() for one in shop.visitors if one.id not in known)
    taken = take_users(Visitors(database, clock), _opened(missing))
    return taken.added + taken.completed


def add_events(database: Database, clock: Clock, settings: RecommenderSettings, shop: SampleShop, since: float) -> int:
    """Add what happened after a moment. since: Unix seconds;  returns: how many events are new"""
    reader = EventReader(settings, clock, now_if_untimed=False)
    told = (row for one, row in zip(shop.events, shop.event_rows(), strict=True) if one.seconds > since)
    return take_events(Events(database, clock), reader, _opened(told)).added


def _opened(rows: Iterable[dict[str, Any]]) -> Open:
    return lambda _: (Row(line, fields) for line, fields in enumerate(rows, 1))
