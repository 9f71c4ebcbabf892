"""What an alert says: what changed, by how much against which baseline, the stories that drive it, the sentences."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from apps.finance_sentiment.pipeline import signal_verdicts
from apps.finance_sentiment.pipeline.rules import MOOD_UNIT, VOLUME_UNIT
from apps.finance_sentiment.schemas.alerts import Change, Facts, SentenceTold, StoryTold
from apps.finance_sentiment.store.alert_tables import AlertRow
from apps.finance_sentiment.store.observing import Told

MOST_STORIES, MOST_SENTENCES = 3, 3
LONGEST_TOLD = 400  # characters of a title or sentence in a message
TELLING = 1.0  # decades: a figure that is less surprising is not the reason
SEVERE_SHIFT, SEVERE = 0.4, 7.0


def unforeseen(change: signal_verdicts.Change) -> list[Change]:
    """The figures of something that was not foreseen, the reason first."""
    told = []
    if change.mood is not None and change.mood_surprise >= TELLING:
        told.append(
            Change(
                measure="mood",
                value=round(change.mood, 4),
                baseline=round(change.usual, 4),
                unit=MOOD_UNIT,
                hours=change.hours,
                compared_with="what is usual here, learnt over the last months",
                surprise=round(change.mood_surprise, 1),
            )
        )
    if change.volume is not None and change.expected is not None:
        told.append(
            Change(
                measure="volume",
                value=change.volume,
                baseline=round(change.expected, 2),
                unit=VOLUME_UNIT,
                hours=change.hours,
                compared_with="what is usual in these hours of the week",
                surprise=round(change.volume_surprise, 1),
            )
        )
    return told


def severity(change: signal_verdicts.Change) -> str:
    """How much it matters: bad news that is sure is high, a burst in no unusual mood is low."""
    if change.mood is None or change.mood_surprise < TELLING:
        return "low"
    worse = change.usual - change.mood
    return "high" if worse >= SEVERE_SHIFT and change.surprise >= SEVERE else "medium"


def headline(name: str, changes: Sequence[Change]) -> str:
    """One sentence.

    >>> mood = Change(measure="mood", value=-0.6, baseline=0.1, unit="", hours=2, compared_with="")
    >>> print(headline("Ombrian", [mood]))
    Ombrian: mood -0.60 over 2 h (usually +0.10)
    """
    parts = []
    for one in changes:
        span = f"{one.hours:g} h" if one.hours >= 1 else f"{one.hours * 60:.0f} min"
        if one.measure == "mood":
            usual = "" if one.baseline is None else f" (usually {one.baseline:+.2f})"
            parts.append(f"mood {one.value:+.2f} over {span}{usual}")
        else:
            usual = "" if one.baseline is None else f" (usually {one.baseline:.1f})"
            documents = "document" if one.value == 1 else "documents"
            parts.append(f"{one.value:.0f} {documents} in {span}{usual}")
    return f"{name}: {', '.join(parts)}"


def facts(since: datetime, until: datetime, changes: Sequence[Change], told: Iterable[Told]) -> Facts:
    """All that an alert knows. told: what was written in the window"""
    readings = list(told)
    mood = next((one for one in changes if one.measure == "mood"), None)
    baseline = (mood.baseline or 0.0) if mood is not None else 0.0
    sign = 0.0 if mood is None else (1.0 if mood.value >= baseline else -1.0)
    stories: dict[tuple[bool, int], list[Told]] = {}
    for one in readings:
        key = (True, one.story) if one.story is not None else (False, one.document)
        stories.setdefault(key, []).append(one)
    ranked = sorted(stories.values(), key=lambda some: _drive(some, baseline, sign), reverse=True)
    return Facts(
        since=since,
        until=until,
        changes=list(changes),
        stories=[_story(some) for some in ranked[:MOST_STORIES]],
        sentences=_sentences(readings, baseline, sign),
    )


def message(row: AlertRow, name: str, rule: str | None, event: str, now: datetime) -> dict[str, Any]:
    """What is sent of an alert, as it is at this moment."""
    return {
        "type": f"alert.{event}",
        "timestamp": now.isoformat(),
        "data": {
            "alert": row.id,
            "kind": row.kind,
            "rule": rule,
            "entity": row.entity_id,
            "entity_name": name,
            "severity": row.severity,
            "headline": row.headline,
            "opened_at": row.opened_at.isoformat(),
            "closed_because": row.closed_because or None,
            "reminders": row.reminders,
            "facts": row.facts,
        },
    }


def lines(told: Mapping[str, Any]) -> list[str]:
    """A message in plain lines, for people; the first is its subject."""
    data = told["data"]
    if told["type"] == "test":
        return ["Market mood: a test message", str(data["text"])]
    word = {"alert.opened": "", "alert.reminder": "Still: ", "alert.closed": "Over: "}[told["type"]]
    found = [f"{word}{_short(data['headline'])}"]
    if data["closed_because"]:
        found.append(f"Closed: {data['closed_because']}.")
    if data["rule"]:
        found.append(f"Rule: {_short(data['rule'])}")
    found.extend(
        f"Compared with {one['compared_with']}." for one in data["facts"]["changes"] if one["baseline"] is not None
    )
    for story in data["facts"]["stories"]:
        echoes = f" (and {story['echoes']} that tell the same)" if story["echoes"] else ""
        found.append(f"- {_short(story['title'])}{echoes}{' ' + story['url'] if story['url'] else ''}")
    found.extend(f"> {_short(one['text'])}" for one in data["facts"]["sentences"])
    found.append(f"Severity {data['severity']}; since {data['opened_at']}; alert {data['alert']}.")
    return found


def _short(text: str) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= LONGEST_TOLD else line[: LONGEST_TOLD - 1] + "…"


def _drive(some: Sequence[Told], baseline: float, sign: float) -> tuple[float, int, int]:
    """How much a story moves the figure: its mood where the mood changed, else its documents and echoes."""
    moved = sum(one.weight * max(0.0, sign * (one.score - baseline)) for one in some if one.enough)
    return (moved, len(some), some[0].echoes)


def _story(some: Sequence[Told]) -> StoryTold:
    first = min(some, key=lambda one: (one.at, one.document))
    weight = sum(one.weight for one in some if one.enough)
    mood = sum(one.weight * one.score for one in some if one.enough) / weight if weight > 0.0 else None
    return StoryTold(
        story=first.story,
        document=first.document,
        title=first.title,
        url=first.url,
        source=first.source,
        published_at=first.at,
        echoes=first.echoes,
        mood=None if mood is None else round(mood, 4),
    )


def _sentences(readings: Sequence[Told], baseline: float, sign: float) -> list[SentenceTold]:
    said = [one for one in readings if one.enough and one.sentence.strip()]
    said.sort(key=lambda one: one.weight * (sign * (one.score - baseline) if sign else abs(one.score)), reverse=True)
    found: dict[str, SentenceTold] = {}
    for one in said:
        text = " ".join(one.sentence.split())
        found.setdefault(text, SentenceTold(document=one.document, text=text, mood=round(one.score, 4)))
        if len(found) == MOST_SENTENCES:
            break
    return list(found.values())
