"""How often a rule would have told: the same judgement, over the archive as it is now. Keeps and sends nothing."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from apps.finance_sentiment.pipeline import rules, telling
from apps.finance_sentiment.pipeline.rules import USUAL, WEEK, WEEKS
from apps.finance_sentiment.pipeline.watching_windows import Matches
from apps.finance_sentiment.schemas.rules import Firing, Preview, PreviewQuery, Texts, Unforeseen, VolumeLevel
from apps.finance_sentiment.store.alerts import Alerts, Wanted
from apps.finance_sentiment.store.looking import Look, Looks
from apps.finance_sentiment.store.observing import Brief, Sums

STEP_MIN, LEAST_STEP_MIN = 60, 15
MOST_FIRINGS = 50
MOST_COUNTED = 10_000
_DAY = timedelta(days=1)


@dataclass
class _Course:
    """One company's readings in order of time, as running sums."""

    at: list[datetime]
    volume: list[int]
    documents: list[int]
    weight: list[float]
    weighted: list[float]

    @classmethod
    def of(cls, briefs: Sequence[Brief]) -> "_Course":
        return cls(
            [one.at for one in briefs],
            [0, *accumulate(one.sums.volume for one in briefs)],
            [0, *accumulate(one.sums.documents for one in briefs)],
            [0.0, *accumulate(one.sums.weight for one in briefs)],
            [0.0, *accumulate(one.sums.weighted for one in briefs)],
        )

    def sums(self, since: datetime, until: datetime) -> Sums | None:
        first, last = bisect_right(self.at, since), bisect_right(self.at, until)
        if first == last:
            return None
        return Sums(
            self.volume[last] - self.volume[first],
            self.documents[last] - self.documents[first],
            self.weight[last] - self.weight[first],
            self.weighted[last] - self.weighted[first],
        )


class MemoryWindows:
    """Windows over readings that were fetched once. fitting: documents that a rule's keywords want; None: all"""

    def __init__(self, briefs: Sequence[Brief], fitting: set[int] | None, began: datetime | None) -> None:
        self._all = _courses(briefs)
        self._fitting = _courses([one for one in briefs if one.document in fitting]) if fitting is not None else {}
        self._began = began

    def sums(self, since: datetime, until: datetime, texts: Texts) -> Mapping[str, Sums]:
        """See `rules.Windows`."""
        courses = self._all if texts.is_empty else self._fitting
        found = ((entity, course.sums(since, until)) for entity, course in courses.items())
        return {entity: sums for entity, sums in found if sums is not None}

    def began(self) -> datetime | None:
        """See `rules.Windows`."""
        return self._began


def preview(looks: Looks, alerts: Alerts, query: PreviewQuery, now: datetime) -> Preview:
    """Judge the last days step by step; where something was not foreseen, those alerts are counted that there were."""
    if isinstance(query.what, Unforeseen):
        return _counted(looks, alerts, query, now)
    what = query.what
    with looks.read() as look:
        names = {row.id: row.name for row in look.entities().values()}
        some = rules.concerned(query.who, look.entities())
        began = look.began()
        first = max(began, now - query.days * _DAY) if began is not None else now
        window = timedelta(minutes=what.window_minutes)
        reach = WEEK * WEEKS if isinstance(what, VolumeLevel) else max(USUAL, window)
        briefs = look.readings(first - window - reach, now, some) if began is not None and some else []
        fitting = _fitting(look, what.keywords, briefs)
    windows = MemoryWindows(briefs, fitting, began)
    step_minutes = max(LEAST_STEP_MIN, min(STEP_MIN, what.window_minutes // 2))
    open_: dict[str, Firing] = {}
    firings: list[Firing] = []
    at = first
    while at <= now and briefs:
        judged = rules.judge(what, some, at, windows)
        for entity in [entity for entity in open_ if entity not in judged or not judged[entity].stays]:
            open_.pop(entity).closed_at = at
        for entity, found in judged.items():
            if found.holds and entity not in open_:
                headline = telling.headline(names[entity], found.changes)
                open_[entity] = Firing(
                    entity=entity, name=names[entity], opened_at=at, closed_at=None, headline=headline
                )
                firings.append(open_[entity])
        at += timedelta(minutes=step_minutes)
    return _told(firings, len(some), (now - first) / _DAY, step_minutes)


def _counted(looks: Looks, alerts: Alerts, query: PreviewQuery, now: datetime) -> Preview:
    with looks.read() as look:
        some, began = rules.concerned(query.who, look.entities()), look.began()
    first = max(began, now - query.days * _DAY) if began is not None else now
    kept = alerts.page(Wanted(kind="signal", since=first), None, MOST_COUNTED)
    firings = [
        Firing(
            entity=one.entity.id,
            name=one.entity.name,
            opened_at=one.alert.opened_at,
            closed_at=one.alert.closed_at,
            headline=one.alert.headline,
        )
        for one in reversed(kept)
        if one.entity.id in some
    ]
    return _told(firings, len(some), (now - first) / _DAY, STEP_MIN)


def _told(firings: Sequence[Firing], entities: int, days: float, step_minutes: int) -> Preview:
    return Preview(
        alerts=len(firings),
        per_week=round(len(firings) * 7.0 / days, 2) if days > 0.0 else 0.0,
        entities=entities,
        days=round(days, 2),
        step_minutes=step_minutes,
        firings=list(reversed(firings[-MOST_FIRINGS:])),
    )


def _fitting(look: Look, texts: Texts, briefs: Sequence[Brief]) -> set[int] | None:
    if texts.is_empty:
        return None
    return Matches().fitting(look, texts, {one.document for one in briefs})


def _courses(briefs: Sequence[Brief]) -> dict[str, _Course]:
    found: dict[str, list[Brief]] = {}
    for one in briefs:
        found.setdefault(one.entity, []).append(one)
    return {entity: _Course.of(some) for entity, some in found.items()}
