"""The archive's hours as the detector takes them: buckets of one or several hours. Judges nothing."""

from collections import defaultdict
from datetime import datetime

from apps.finance_sentiment.pipeline.signal_levels import Bucket
from apps.finance_sentiment.store.archive_tables import HourRow
from apps.finance_sentiment.store.looking import Look
from apps.finance_sentiment.store.observing import hour_of


def first_bucket(look: Look, since: datetime | None, hours: int) -> int | None:
    """The bucket from which on the detector learns; None: the archive is empty. since: what is older is left"""
    began = look.began()
    if began is None:
        return None
    return hour_of(began if since is None else max(began, since)) // hours * hours


def buckets(look: Look, first: int, last: int, hours: int) -> dict[int, dict[str, Bucket]]:
    """What the archive has in each bucket, by its first hour and company."""
    found: dict[int, dict[str, list[HourRow]]] = defaultdict(lambda: defaultdict(list))
    for row in look.hours(first, last):
        hour = hour_of(row.hour)
        found[hour - hour % hours][row.entity_id].append(row)
    return {
        hour: {entity: _bucket(hour, rows) for entity, rows in of_hour.items() if any(_any(row) for row in rows)}
        for hour, of_hour in found.items()
    }


def _any(row: HourRow) -> bool:
    return row.volume > 0 or row.weight > 0.0


def _bucket(hour: int, rows: list[HourRow]) -> Bucket:
    return Bucket(
        hour,
        sum(row.volume for row in rows),
        sum(row.weight for row in rows),
        sum(row.weighted for row in rows),
        sum(row.squared for row in rows),
        sum(row.negative for row in rows),
        sum(row.neutral for row in rows),
        sum(row.positive for row in rows),
    )
