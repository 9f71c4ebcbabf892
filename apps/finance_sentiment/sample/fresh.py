"""News that goes on while one watches: quiet days as in the archive, a recall a few minutes in. Sends nothing.

Reports about companies come as seldom as in the archive, or every curve would jump when the demo starts. What fills the
time between are copies of what was reported today, which count as echoes, and market news that names no company.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from heapq import merge
from random import Random

from apps.finance_sentiment.sample.archive import SEED, SampleDocument, background, copies, nameless
from apps.finance_sentiment.sample.events import Plan, unfold

LOOKS_BACK = timedelta(hours=2)
PAUSE_S = (20, 40)
COPY_SHARE = 0.4
HURRY = 20.0  # an event of seven hours passes in twenty minutes
PLANNED = ((timedelta(minutes=4), Plan("recall", "kestova")), (timedelta(minutes=45), Plan("surprise", "nimbury")))


class FreshNews:
    """What has been published since shortly before a start. Not for several threads at once."""

    def __init__(self, started: datetime, seed: int = SEED) -> None:
        """started: aware; names of what is not part of a day hold it, so that a second start brings other reports"""
        self._started = started.astimezone(UTC).replace(microsecond=0)
        self._seed = seed
        self._days: dict[date, list[SampleDocument]] = {}
        self._coming = merge(self._reports(), self._fillers(), *self._events(), key=lambda one: one.published_at)
        self._next = next(self._coming)
        self._published: list[SampleDocument] = []

    def until(self, now: datetime, most: int = 400) -> list[SampleDocument]:
        """The latest that are out, in order of time. most: how many"""
        while self._next.published_at <= now:
            self._published.append(self._next)
            self._next = next(self._coming)
        del self._published[:-most]
        return list(self._published)

    def _reports(self) -> Iterator[SampleDocument]:
        day, first = (self._started - LOOKS_BACK).date(), self._started - LOOKS_BACK
        while True:
            yield from (one for one in self._day(day) if one.published_at >= first)
            day += timedelta(days=1)

    def _fillers(self) -> Iterator[SampleDocument]:
        chance, at, number = Random(f"{self._seed}:{self._started.isoformat()}"), self._started, 0  # noqa: S311
        while True:
            at += timedelta(seconds=chance.randint(*PAUSE_S))
            number += 1
            name = f"live-{self._started:%Y%m%d%H%M%S}-{number}"
            today = [one for one in self._day(at.date()) if one.published_at < at and one.text and one.moods]
            if today and chance.random() < COPY_SHARE:
                first = chance.choice(today[-8:])
                copy = copies(first, 1, 1, chance)[0]
                url = copy.url.replace(copy.external_id, name)
                yield SampleDocument(copy.source, name, url, copy.title, copy.text, at, copy.moods)
            else:
                yield nameless("market", at, name, chance)

    def _events(self) -> Iterator[list[SampleDocument]]:
        for number, (after, plan) in enumerate(PLANNED):
            start = self._started + after
            name = f"live-event-{start:%Y%m%d%H%M%S}"
            yield unfold(plan, start, name, Random(f"{self._seed}:live:{number}"), HURRY)  # noqa: S311

    def _day(self, day: date) -> list[SampleDocument]:
        if day not in self._days:
            self._days[day] = background(day, self._seed)
        return self._days[day]
