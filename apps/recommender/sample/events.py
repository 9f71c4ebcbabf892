"""A year of visits to the sample's shop, up to now. The same arguments give the same year."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from apps.recommender.sample.catalogue import ITEMS, SEED, Catalogue, catalogue
from apps.recommender.sample.seasons import Calendar
from apps.recommender.sample.shelves import Shelves
from apps.recommender.sample.visitors import VISITORS, SampleVisitor, visitor, visitors
from apps.recommender.sample.visits import SampleEvent, Visits
from apps.recommender.sample.wordings import categories

EVENTS = 120_000
EVENTS_A_VISIT = 7.2  # as counted; so many visits are made that about as many events come of them as were asked for
STRANGERS = 0.06  # share of visits of people who never sign in


@dataclass(frozen=True)
class SampleShop:
    """A shop with its history. events: in order of time"""

    catalogue: Catalogue
    visitors: list[SampleVisitor]
    events: list[SampleEvent]

    def event_rows(self) -> Iterator[dict[str, Any]]:
        """As lines of an events file."""
        items = self.catalogue.items
        for one in self.events:
            told: dict[str, Any] = {"session": one.session} if not one.user else {"user": one.user}
            told |= {"item": items[one.item].id, "type": one.type}
            told["timestamp"] = datetime.fromtimestamp(round(one.seconds, 3), UTC).isoformat()
            if one.value is not None:
                told["value"] = one.value
            if one.text:
                told["text"] = one.text
            if one.request:
                told |= {"request": one.request, "position": one.position, "propensity": one.propensity}
            yield told


def generate(
    now: datetime, *, items: int = ITEMS, users: int = VISITORS, events: int = EVENTS, seed: int = SEED
) -> SampleShop:
    """A shop of so many items and users, with about so many events in the year before now.

    now: aware, in UTC;  events: of all types together, impressions too
    """
    departments = categories()
    offered = catalogue(now, items, seed)
    shelves = Shelves(offered, departments, now.timestamp(), seed)
    calendar = Calendar(now)
    known = visitors(now, users, departments, seed)
    active = [one for one in known if one.consent is not False]  # after a no, nothing is kept
    visits = round(events / EVENTS_A_VISIT)
    strangers = round(visits * STRANGERS)
    happened: list[SampleEvent] = []
    paces = [one.pace * calendar.share(one.since) for one in active]
    each, owed = (visits - strangers) / max(sum(paces), 1e-9), 0.0
    for who, pace in zip(active, paces, strict=True):
        owed += each * pace
        count, owed = int(owed), owed - int(owed)
        happened += _of(who, count, who.id, shelves, calendar, seed)
    for number in range(1, strangers + 1):
        who = visitor(f"s-{number:06d}", now, departments, seed)
        happened += _of(who, 1, "", shelves, calendar, seed)
    happened.sort(key=lambda one: (one.seconds, one.session, one.item, one.type))
    return SampleShop(offered, known, happened)


def _of(
    who: SampleVisitor, count: int, user: str, shelves: Shelves, calendar: Calendar, seed: int
) -> Iterator[SampleEvent]:
    chance = Random(f"{seed}:{who.id}:visits")  # noqa: S311  a sample, not a secret
    moments = sorted(calendar.moment(who.since, chance) for _ in range(count))
    visits = Visits(shelves, categories(), who, calendar.end, chance)
    for number, moment in enumerate(moments, 1):
        yield from visits.visit(moment, f"{who.id}-{number}" if user else who.id, user)
