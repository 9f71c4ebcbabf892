"""The sample's shop: things, users and a year of visits that do not exist, written for this project."""

from collections.abc import Iterator

from apps.recommender.sample.catalogue import catalogue
from apps.recommender.sample.loading import add_events, add_items, add_users, shop_until
from apps.recommender.settings import RecommenderSettings
from core.app import Services
from core.testing.requests import SampleRequest

TEXTS = 200


def load(services: Services) -> str:
    """Open the shop with a year of events behind it; on later starts, add what would have happened since.

    Items and users that somebody changed stay as they are.
    returns: a line for the console
    """
    now, settings = services.clock(), RecommenderSettings.of(services.settings)
    shop, since = shop_until(services.database, now)
    if shop is None:
        return "nothing new has happened in the sample's shop"
    items = add_items(services.database, services.clock, shop)
    users = add_users(services.database, services.clock, shop)
    events = add_events(services.database, services.clock, settings, shop, since)
    return f"{items:,} items, {users:,} users and {events:,} events of an invented shop added"


def requests() -> Iterator[SampleRequest]:
    """The recommender's door for texts: items that are sent anew."""
    from datetime import UTC, datetime

    for item in catalogue(datetime(2026, 6, 1, tzinfo=UTC), TEXTS).items:
        yield SampleRequest("POST", "/v1/recommend/items", item.row())
