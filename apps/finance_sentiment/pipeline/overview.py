"""Companies at a glance: mood now and before, volume against the usual, the newest story. Three queries for all."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from apps.finance_sentiment.pipeline.entities import LiveEntities
from apps.finance_sentiment.pipeline.hours import hour_of
from apps.finance_sentiment.pipeline.mood_index import LEAST_EVIDENCE, LOOKED_BACK, Floats
from apps.finance_sentiment.pipeline.timeline import rounded
from apps.finance_sentiment.schemas.timeline import OverviewRow, StoryShown
from apps.finance_sentiment.store import timeline as store
from apps.finance_sentiment.store.entity_tables import EntityRow
from apps.finance_sentiment.store.timeline import Scope
from core.database import Database
from core.paging import Page, decode_cursor, encode_cursor

DAYS = 30  # of a sparkline
USUAL = slice(1, 29)  # the 28 days before the last 24 hours
MOST_BACK = 400  # days


def overview_page(
    database: Database,
    live: LiveEntities,
    scope: Scope,
    cursor: str | None,
    limit: int,
    now: datetime,
    half_life: float,
) -> Page[OverviewRow]:
    """Companies of a sector or the watchlist by id. raises: BadCursor"""
    place = decode_cursor(cursor, id=str)
    after = str(place["id"]) if place else ""
    rows = [
        row
        for key, row in sorted(live.now().rows.items())
        if key > after
        and (scope.sector is None or row.sector == scope.sector)
        and (scope.watched is None or row.watched is scope.watched)
    ]
    more = encode_cursor(id=rows[limit - 1].id) if len(rows) > limit else None
    return Page(items=overview(database, rows[:limit], now, half_life), next_cursor=more)


def overview(database: Database, entities: Sequence[EntityRow], now: datetime, half_life: float) -> list[OverviewRow]:
    """One row for each company, in order. half_life: hours; days are spans of 24 hours that end with this hour"""
    end = hour_of(now) + timedelta(hours=1)
    days = DAYS + min(MOST_BACK, math.ceil(LOOKED_BACK * half_life / 24))
    place = {entity.id: at for at, entity in enumerate(entities)}
    sums = np.zeros((3, len(entities), days))  # volume, weight, weighted; the last day first
    for one in store.day_sums(database, list(place), end - timedelta(days=days), end, half_life):
        sums[:, place[one.entity], one.day] = one.volume, one.weight, one.weighted
    index = _indices(sums, 2.0 ** (-24 / half_life))  # (n, DAYS)
    last = store.last_stories(database, list(place))
    return [_row(entity, index[at], sums[0, at], last.get(entity.id)) for at, entity in enumerate(entities)]


def _indices(sums: Floats, a_day: float) -> Floats:
    """sums: (3, n, days), the last first;  a_day: what is left after 24 hours;  returns: (n, DAYS), the last first"""
    weight, weighted = np.zeros(sums.shape[1]), np.zeros(sums.shape[1])
    index = np.full((sums.shape[1], DAYS), np.nan)
    for day in range(sums.shape[2] - 1, -1, -1):
        weight, weighted = weight * a_day + sums[1, :, day], weighted * a_day + sums[2, :, day]
        if day < DAYS:
            np.divide(weighted, weight, out=index[:, day], where=weight >= LEAST_EVIDENCE)
    clipped: Floats = np.clip(index, -1.0, 1.0)
    return clipped


def _row(entity: EntityRow, index: Floats, volume: Floats, last: store.LastStory | None) -> OverviewRow:
    return OverviewRow(
        entity=entity.id,
        name=entity.name,
        sector=entity.sector,
        watched=entity.watched,
        index=rounded(float(index[0])),
        change_24h=rounded(float(index[0] - index[1])),
        change_7d=rounded(float(index[0] - index[7])),
        volume_24h=int(volume[0]),
        volume_usual=round(float(volume[USUAL].mean()), 3),
        sparkline=[rounded(float(value)) for value in index[::-1]],
        last_story=StoryShown.model_validate(last, from_attributes=True) if last is not None else None,
    )
