"""When a rule's condition holds, from what was written in a window and in what it is compared with. Opens nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import TypeAdapter

from apps.finance_sentiment.schemas.alerts import Change
from apps.finance_sentiment.schemas.rules import MoodChange, MoodLevel, Texts, Unforeseen, VolumeLevel, What, Who
from apps.finance_sentiment.store.alert_tables import RuleRow
from apps.finance_sentiment.store.entity_tables import EntityRow
from apps.finance_sentiment.store.observing import Sums

USUAL = timedelta(days=28)
WEEK = timedelta(days=7)
WEEKS = 4
LEAST_USUAL = 0.25  # documents: so many times hardly anything is no news
SLACK_SCORE, SLACK_SHARE = 0.05, 0.1
"""A condition ends only this far beyond its threshold, so that what trembles around it is one alert."""

MOOD_UNIT = "score from -1 to 1"
VOLUME_UNIT = "documents"

_WHAT: TypeAdapter[MoodLevel | MoodChange | VolumeLevel | Unforeseen] = TypeAdapter(What)
_NONE = Sums()


class Windows(Protocol):
    """Sums of companies over any stretch of time."""

    def sums(self, since: datetime, until: datetime, texts: Texts) -> Mapping[str, Sums]:
        """Each company's sums over documents of after `since`, up to `until`. texts: which documents count"""
        ...

    def began(self) -> datetime | None:
        """When the archive begins."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """holds: it is met;  stays: it is met but for the slack, so what is open goes on;  changes: what was seen"""

    holds: bool
    stays: bool
    changes: tuple[Change, ...]


def what_of(row: RuleRow) -> MoodLevel | MoodChange | VolumeLevel | Unforeseen:
    """A rule's condition."""
    return _WHAT.validate_python(row.what)


def concerned(who: Who, entities: Mapping[str, EntityRow]) -> set[str]:
    """The companies of which a rule speaks, those that are in the list."""
    if who.kind == "entities":
        return {entity for entity in who.entities if entity in entities}
    if who.kind == "sector":
        return {row.id for row in entities.values() if row.sector.casefold() == who.sector.casefold()}
    if who.kind == "watchlist":
        return {row.id for row in entities.values() if row.watched}
    return set(entities)


def judge(
    what: MoodLevel | MoodChange | VolumeLevel, entities: set[str], now: datetime, windows: Windows
) -> dict[str, Judged]:
    """What a condition says of each company that had anything in the window; of the others it does not hold."""
    since = now - timedelta(minutes=what.window_minutes)
    found = windows.sums(since, now, what.keywords)
    if isinstance(what, VolumeLevel):
        return _volumes(what, entities, since, now, windows, found)
    before = (
        since - timedelta(minutes=what.window_minutes)
        if isinstance(what, MoodChange) and what.against == "before"
        else since - USUAL
    )
    words = what.keywords if isinstance(what, MoodChange) and what.against == "before" else Texts()
    some = {entity for entity in found if entity in entities}
    usual = windows.sums(before, since, words) if some else {}
    judged = {}
    for entity in some:
        sums, other = found[entity], usual.get(entity, _NONE)
        mood = sums.mood
        if mood is None or sums.documents < what.min_documents:
            continue
        baseline = other.mood if other.documents >= what.min_documents else None
        compared = _compared(what, since - before)
        change = Change(
            measure="mood",
            value=round(mood, 4),
            baseline=None if baseline is None else round(baseline, 4),
            unit=MOOD_UNIT,
            hours=what.window_minutes / 60,
            compared_with=compared if baseline is not None else f"{compared}: too little evidence there",
        )
        if isinstance(what, MoodLevel):
            holds, stays = _level(what, mood)
        elif baseline is None:
            continue
        else:
            moved = _moved(what, mood - baseline)
            holds, stays = moved >= what.by, moved >= what.by - min(SLACK_SCORE, what.by * SLACK_SHARE)
        judged[entity] = Judged(holds, stays, (change,))
    return judged


class Matcher:
    """Which texts count, by words and phrases."""

    def __init__(self, texts: Texts) -> None:
        self._any = [_phrase(one) for one in texts.any]
        self._all = [_phrase(one) for one in texts.all]
        self._none = [_phrase(one) for one in texts.none]

    def fits(self, text: str) -> bool:
        """
        >>> fits = Matcher(Texts(any=["recall", "product  fault"], none=["crossword"])).fits
        >>> fits("RECALL ordered"), fits("Recalls grow"), fits("a Product fault"), fits("recall of the crossword")
        (True, False, True, False)
        """
        return (
            (not self._any or any(one.search(text) for one in self._any))
            and all(one.search(text) for one in self._all)
            and not any(one.search(text) for one in self._none)
        )


def _phrase(words: str) -> re.Pattern[str]:
    inner = r"\s+".join(re.escape(word) for word in words.split())
    return re.compile(rf"(?<!\w){inner}(?!\w)", re.IGNORECASE)


def _compared(what: MoodLevel | MoodChange, length: timedelta) -> str:
    if isinstance(what, MoodChange) and what.against == "before":
        return f"the {length.total_seconds() / 3600:g} h before"
    return f"the {USUAL.days} days before"


def _level(what: MoodLevel, mood: float) -> tuple[bool, bool]:
    if what.below is not None:
        return mood <= what.below, mood <= what.below + SLACK_SCORE
    above = 1.0 if what.above is None else what.above
    return mood >= above, mood >= above - SLACK_SCORE


def _moved(what: MoodChange, by: float) -> float:
    return {"fall": -by, "rise": by, "either": abs(by)}[what.direction]


def _volumes(
    what: VolumeLevel, entities: set[str], since: datetime, now: datetime, windows: Windows, found: Mapping[str, Sums]
) -> dict[str, Judged]:
    some = {entity for entity, sums in found.items() if entity in entities and sums.volume > 0}
    began = windows.began()
    earlier = []
    if some and began is not None:
        spans = [(since - WEEK * back, now - WEEK * back) for back in range(1, WEEKS + 1)]
        earlier = [windows.sums(first, last, what.keywords) for first, last in spans if first >= began]
    judged = {}
    for entity in some:
        volume = found[entity].volume
        usual = sum(one.get(entity, _NONE).volume for one in earlier) / len(earlier) if earlier else None
        limits: list[float] = [float(what.at_least)] if what.at_least is not None else []
        if what.times_usual is not None:
            if usual is None:
                continue
            limits.append(max(what.times_usual * max(usual, LEAST_USUAL), float(what.min_documents)))
        limit = max(limits)
        compared = f"the same hours of the {len(earlier)} weeks before" if earlier else "nothing: the archive is young"
        change = Change(
            measure="volume",
            value=volume,
            baseline=None if usual is None else round(usual, 2),
            unit=VOLUME_UNIT,
            hours=what.window_minutes / 60,
            compared_with=compared,
        )
        judged[entity] = Judged(volume >= limit, volume >= limit * (1.0 - SLACK_SHARE), (change,))
    return judged
