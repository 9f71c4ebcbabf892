"""What a reading adds to its company's hour. Curves of whole hours are read from these sums."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Protocol

from apps.finance_sentiment.store import hours as store
from apps.finance_sentiment.store.archive_tables import ReadingRow


class Read(Protocol):
    """What counts of a reading."""

    relevance: int
    echo: bool
    enough: bool
    negative: float
    neutral: float
    positive: float
    score: float


def weight_of(reading: Read) -> float:
    """What a reading weighs in curves, in [0, 1]: its relevance; 0 for an echo, or with too little evidence."""
    return weighs(reading.relevance, reading.echo, reading.enough)


def weighs(relevance: int, echo: bool, enough: bool) -> float:
    """The same from what decides it."""
    return relevance / 100 if enough and not echo else 0.0


def likeliest(reading: Read) -> str:
    """The likeliest mood; of equals the first of negative, neutral, positive."""
    return max(("negative", "neutral", "positive"), key=lambda mood: float(getattr(reading, mood)))


def mood_of(reading: Read) -> str:
    """The mood under which it is counted; empty for an echo, or with too little evidence."""
    return likeliest(reading) if reading.enough and not reading.echo else ""


def hour_of(moment: datetime) -> datetime:
    """The beginning of its hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def apply(session: store.Session, added: Sequence[ReadingRow], removed: Sequence[ReadingRow]) -> None:
    """Count readings in, and those that are known no longer out; in the session's transaction, a statement a batch.

    Readings that were never known (`until` set) are the caller's to leave out.
    """
    store.add(session, _summed([(1, added), (-1, removed)]))


def recount(session: store.Session, entity: str | None = None) -> None:
    """Make the hours of a company, or of all, anew from what is known now."""
    store.forget(session, entity)
    for _, readings in groupby(store.known_readings(session, entity), key=lambda reading: reading.entity_id):
        store.add(session, _summed([(1, readings)]))  # one company's hours in memory at a time


def _summed(parts: Iterable[tuple[int, Iterable[ReadingRow]]]) -> dict[store.Key, dict[str, float]]:
    sums: dict[store.Key, dict[str, float]] = {}
    for sign, readings in parts:
        for reading in readings:
            of_hour = sums.setdefault((reading.entity_id, hour_of(reading.at)), dict.fromkeys(store.SUMS, 0))
            weight, mood = weight_of(reading), mood_of(reading)
            of_hour["echoes" if reading.echo else "volume"] += sign
            of_hour["weight"] += sign * weight
            of_hour["weighted"] += sign * weight * reading.score
            of_hour["squared"] += sign * weight * reading.score**2
            if mood:
                of_hour[mood] += sign
    return sums
