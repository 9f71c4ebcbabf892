"""How well the events that are planted into the sample's news are told, with the model that reads them in use.

python -m benchmarks.planted
python -m benchmarks.planted --seeds 4 --keep FOLDER

So many half years of the sample's invented news (the first seed is the shipped one), each captured into a database of
its own, read by the shipped model, chained to stories, counted, and gone through by the monitor bucket by bucket; a
bucket is judged by what came before it only. Of each planted event: whether it was told, and how many buckets after
the one in which its first report came (0: at that bucket's own end); of a rumour, which builds up, after the one in
which its second wave came; a slow turn is to be told before it is at its worst. An alert of the same company until a
day after the event's last report belongs to the event; each other one is false, those of harmless stories included.
Weeks count from the first on, in which the monitor tells nothing yet. Prints one JSON object; intervals of Wilson and
Garwood. --keep: a folder in which the archives are left as read, so that the next run need not read them again.
"""

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import delete, func, select, update

from apps.finance_sentiment.pipeline.alerting import Watch
from apps.finance_sentiment.pipeline.entities import open_entities
from apps.finance_sentiment.pipeline.opening import open_reader
from apps.finance_sentiment.pipeline.signal_verdicts import Tuning
from apps.finance_sentiment.sample.archive import SEED, PlantedEvent
from apps.finance_sentiment.sample.events import NOTICED_WITHIN, generate
from apps.finance_sentiment.sample.loading import add_companies, capture_news, read_news
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.alert_tables import AlertRow, AlertStepRow, FollowedRow, LookRow
from apps.finance_sentiment.store.archive_tables import HourRow
from benchmarks.anomalies import poisson
from core.app import installed_apps
from core.clock import system_clock
from core.database import Database
from core.evaluation.intervals import share
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings

UNTIL = datetime(2026, 3, 18, 15, tzinfo=UTC)
APART = timedelta(days=11, hours=5)  # so that the events of another seed fall on other days and hours
TAIL = timedelta(days=1)
SLOW = "slow-turn"
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Told:
    """What became of a planted event. delay: buckets, None where it was not told"""

    kind: str
    entity: str
    start: datetime
    alert: bool
    delay: int | None
    in_time: bool

    def as_dict(self) -> dict[str, Any]:
        """For the report."""
        return {
            "kind": self.kind,
            "company": self.entity,
            "first_report": self.start.isoformat(),
            "told": self.delay is not None,
            "delay_buckets": self.delay,
        } | ({"in_time": self.in_time} if self.alert else {"to_be_told": False})


def until_of(number: int) -> datetime:
    """When the archive of this number ends."""
    return UNTIL + number * APART


def read(database: Path, number: int, home: Path) -> None:
    """Capture one archive and read it with the shipped model."""
    settings = Settings(home=home, database_url=f"sqlite:///{database}")
    opened = Database(settings.database)
    upgrade(opened, installed_apps()[0])
    opened.close()
    services = open_services(settings)
    try:
        own, now = FinanceSettings.of(settings), until_of(number)
        add_companies(open_entities(services.database, system_clock, own))
        capture_news(services.database, own, generate(now, SEED + number).documents, now)
        read_news(services.once(open_reader), services.database, datetime.min.replace(tzinfo=UTC))
    finally:
        close_services(services)


def alerts(database: Database, now: datetime, tuning: Tuning | None = None) -> list[tuple[str, datetime]]:
    """Go through an archive anew. returns: of each alert the company and the beginning of the bucket that told it"""
    own = FinanceSettings()
    with database.session(write=True) as session:
        for table in (AlertStepRow, AlertRow, FollowedRow):
            session.execute(delete(table))
        session.execute(update(LookRow).values(hour=None))
    watch = Watch(database, own, deliver=False, past=True, durable=False)
    if tuning is not None:
        watch.signals.tuning = tuning
    watch.signals.follow(now + 2 * HOUR)
    waited = timedelta(minutes=own.grace_minutes, hours=own.bucket_hours)
    with database.session() as session:
        found = session.execute(select(AlertRow.entity_id, AlertRow.opened_at).order_by(AlertRow.opened_at))
        return [(entity, at - waited) for entity, at in found]


def judged(
    events: Sequence[PlantedEvent], opened: Sequence[tuple[str, datetime]]
) -> tuple[list[Told], list[tuple[str, datetime]]]:
    """returns: what became of each event; the alerts that are false"""
    meant: set[tuple[str, datetime]] = set()
    told = []
    for event in events:
        first = event.start.replace(minute=0, second=0, microsecond=0)
        hits = [at for entity, at in opened if entity == event.entity and first <= at <= event.end + TAIL]
        builds = event.found_by - event.start - NOTICED_WITHIN if event.kind != SLOW else timedelta(0)
        since = (event.start + builds).replace(minute=0, second=0, microsecond=0)
        delay = (hits[0] - since) // HOUR if hits else None
        in_time = bool(hits) and (
            hits[0] + HOUR <= event.found_by
            if event.kind == SLOW
            else delay is not None and delay <= NOTICED_WITHIN // HOUR
        )
        told.append(Told(event.kind, event.entity, event.start, event.alert, delay, in_time))
        if event.alert:
            meant.update((event.entity, at) for at in hits)
    return told, [one for one in opened if one not in meant]


def measure(folder: Path, seeds: int, tuning: Tuning | None = None) -> dict[str, Any]:
    """All figures. folder: holds, or is given, the archives as read"""
    told: list[Told] = []
    false: list[dict[str, str]] = []
    weeks = 0.0
    for number in range(seeds):
        path = folder / f"archive-{SEED + number}.db"
        if not path.exists():
            draft = path.with_suffix(".reading")
            with tempfile.TemporaryDirectory() as home:
                read(draft, number, Path(home))
            draft.rename(path)
        database = Database(f"sqlite:///{path}")
        found, wrong = judged(
            generate(until_of(number), SEED + number).events, alerts(database, until_of(number), tuning)
        )
        told += found
        false += [{"seed": str(SEED + number), "company": entity, "bucket": at.isoformat()} for entity, at in wrong]
        with database.session() as session:
            companies = session.scalar(select(func.count(func.distinct(HourRow.entity_id)))) or 0
            first = session.scalar(select(func.min(HourRow.hour)))
        database.close()
        assert first is not None
        weeks += ((until_of(number) - first) / timedelta(days=7) - Tuning().known_days / 7) * companies / 100
    return report(told, false, weeks, seeds)


def report(told: Sequence[Told], false: Sequence[dict[str, str]], weeks: float, seeds: int) -> dict[str, Any]:
    """weeks: of 100 companies"""
    expected = [one for one in told if one.alert]
    kinds: dict[str, list[Told]] = defaultdict(list)
    for one in told:
        kinds[one.kind].append(one)
    low, high = poisson(len(false))
    return {
        "archives": seeds,
        "found": share(np.array([one.delay is not None for one in expected])).as_dict(),
        "in_time": share(np.array([one.in_time for one in expected])).as_dict(),
        "by_kind": {
            kind: {
                "n": len(some),
                "told": sum(one.delay is not None for one in some),
                **({"in_time": sum(one.in_time for one in some)} if some[0].alert else {}),
                "delays": sorted(one.delay for one in some if one.delay is not None),
            }
            for kind, some in sorted(kinds.items())
        },
        "false_alerts": len(false),
        "a_week_in_100_companies": round(len(false) / weeks, 2),
        "interval": [round(low / weeks, 2), round(high / weeks, 2)],
        "false": list(false),
        "events_of_the_shipped_archive": [one.as_dict() for one in told[: len(told) // seeds]],
    }


def main(arguments: Sequence[str]) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1, metavar="COUNT", help="archives")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where archives that were read are left")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        json.dump(measure(folder, asked.seeds), sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main(sys.argv[1:])
