"""Live an archive through again, hour by hour, with a clock of its own. Nothing knows more than was known then.

Texts are captured when they became known, read and chained in that order, and alerts are looked at once an hour, as
many minutes past it as a bucket waits for what is late. Nobody is sent a message.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.finance_sentiment.pipeline.alerting import Watch
from apps.finance_sentiment.pipeline.backtest.archive import Dated
from apps.finance_sentiment.pipeline.entities import LiveEntities
from apps.finance_sentiment.pipeline.hours import hour_of
from apps.finance_sentiment.pipeline.mood import MoodReader
from apps.finance_sentiment.pipeline.reading import DocumentReader
from apps.finance_sentiment.pipeline.scoring import Scorer
from apps.finance_sentiment.pipeline.stories import Stories
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.backfill import Backfill
from apps.finance_sentiment.store.entities import Entities
from apps.finance_sentiment.store.replayed import Opened, opened_at
from core.database import Database

HOUR = timedelta(hours=1)
NO_REMINDERS = (8_760.0,)

Show = Callable[[int], None]


class ReplayClock:
    """Tells the time of the replay."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """returns: an aware UTC time"""
        return self.now


@dataclass
class Replayed:
    """What a replay brought. known_twice: texts that their source had given before"""

    first: datetime
    last: datetime
    alerts: list[Opened] = field(default_factory=list)
    known_twice: int = 0


class Replay:
    """Over a migrated database that holds companies and rules, and no document."""

    def __init__(self, database: Database, settings: FinanceSettings, moods: MoodReader, begins: datetime) -> None:
        quiet = settings.model_copy(update={"remind_hours": NO_REMINDERS, "tell_closed": False})
        self.database = database
        self.past_the_hour = timedelta(minutes=settings.grace_minutes % 60)
        # after the last text, so that its bucket is finished and looked at
        self.goes_on = timedelta(minutes=settings.grace_minutes) + (settings.bucket_hours + 1) * HOUR
        self.clock = ReplayClock(begins)
        self.live = LiveEntities(Entities(database, self.clock))
        scorer = Scorer(self.live, moods, settings.enough_from)
        stories = Stories(database, self.clock, settings.story_hours)
        self.reader = DocumentReader(database, scorer, stories, self.clock)
        self.watch = Watch(database, quiet, deliver=False, durable=False)

    def run(self, texts: Sequence[Dated], show: Show = lambda _: None) -> Replayed:
        """Live through all of it. texts: n > 0, by `fetched_at`;  show: takes how many texts are done"""
        done = Replayed(texts[0].document.fetched_at, texts[-1].document.fetched_at)
        backfill = Backfill(self.database)
        at, now = 0, self._look_after(done.first)
        while at < len(texts) or now <= done.last + self.goes_on:
            first = at
            while at < len(texts) and texts[at].document.fetched_at <= now:
                at += 1
            self.clock.now = now
            if at > first:
                new = _added(backfill, texts[first:at])
                done.known_twice += at - first - new
                if new:
                    self.reader.read_waiting()
                show(at)
            if self.watch.evaluate(now).opened:
                done.alerts += opened_at(self.database, now)
            now += HOUR
        return done

    def _look_after(self, moment: datetime) -> datetime:
        """The first look that sees what becomes known at this moment."""
        look = hour_of(moment) + self.past_the_hour
        return look if look >= moment else look + HOUR


def _added(backfill: Backfill, texts: Sequence[Dated]) -> int:
    """Of two texts with one id, that which was known first counts. returns: how many are new"""
    firsts: dict[tuple[str, str], Dated] = {}
    for one in texts:
        firsts.setdefault((one.source, one.document.external_id), one)
    return backfill.add([(one.source, one.document) for one in firsts.values()])
