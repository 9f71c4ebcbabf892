"""The mood index of each company at each market close, from what was known then. Touches no database."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np

from apps.finance_sentiment.pipeline.hours import weighs
from apps.finance_sentiment.pipeline.mood_index import LEAST_EVIDENCE, Floats
from apps.finance_sentiment.store.replayed import Known

HOUR_S = 3_600


def closing_times(days: Sequence[date], close: time, zone: ZoneInfo) -> Floats:
    """When the market closes on each day: hours since 1970, (d,). zone: of `close`, its summer time counted"""
    return np.array([datetime.combine(day, close, zone).timestamp() / HOUR_S for day in days])


def daily_index(readings: Sequence[Known], entities: Sequence[str], closes: Floats, half_life: float) -> Floats:
    """R(t) of `mood_index` at each close, over the readings that were known at it; nan with too little evidence.

    A reading counts from the first close at which it was known, and no longer from the first at which it was replaced.
    closes: (d,), hours since 1970, ascending;  half_life: hours;  returns: (d, e)
    """
    places = {entity: at for at, entity in enumerate(entities)}
    counted = [one for one in readings if one.entity in places and weighs(one.relevance, one.echo, one.enough) > 0]
    begun = [(one, one.known_at, 1.0) for one in counted]
    ended = [(one, one.until, -1.0) for one in counted if one.until is not None]
    events = [*begun, *ended]
    fresh = np.zeros((len(closes), len(entities), 2))
    if events:
        when = np.array([moment.timestamp() for _, moment, _ in events]) / HOUR_S
        first = np.searchsorted(closes, when, side="left")  # the first close at or after it
        kept = first < len(closes)
        first = first[kept]
        column = np.array([places[one.entity] for one, _, _ in events])[kept]
        at = np.array([one.at.timestamp() for one, _, _ in events])[kept] / HOUR_S
        weight = np.array([sign * weighs(one.relevance, one.echo, one.enough) for one, _, sign in events])[kept]
        score = np.array([one.score for one, _, _ in events])[kept]
        faded = weight * np.exp2(-np.maximum(closes[first] - at, 0.0) / half_life)  # (n,)
        np.add.at(fresh, (first, column), np.stack([faded, faded * score], axis=1))
    state = np.zeros((len(entities), 2))
    index = np.full((len(closes), len(entities)), np.nan)
    for day in range(len(closes)):
        if day:
            state = state * np.exp2(-(closes[day] - closes[day - 1]) / half_life)
        state = state + fresh[day]
        told = state[:, 0] >= LEAST_EVIDENCE
        index[day, told] = np.clip(state[told, 1] / state[told, 0], -1.0, 1.0)
    return index
