"""What the detector says of companies becomes alerts: one for each event, told of while it is news.

What is found only when it is old, such as in an archive that was just imported, is kept as history: with the times
at which it would have been told, and sent to nobody.
"""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from apps.finance_sentiment.pipeline import rules, telling
from apps.finance_sentiment.pipeline.signal_panel import Panel
from apps.finance_sentiment.pipeline.signal_verdicts import Change, Verdict
from apps.finance_sentiment.schemas.rules import Who
from apps.finance_sentiment.settings import SignalSettings
from apps.finance_sentiment.store.alert_tables import SIGNAL, AlertRow, MuteRow, RuleRow
from apps.finance_sentiment.store.delivery_tables import ChannelRow
from apps.finance_sentiment.store.entity_tables import EntityRow
from apps.finance_sentiment.store.looking import Look
from apps.finance_sentiment.store.observing import moment
from apps.finance_sentiment.store.rules import muted

TICK = timedelta(microseconds=1)
GROWN = 1.0  # decades by which an open alert is told anew
BECAUSE = {"calm": "it is as usual again", "usual": "it has lasted so long that it is the usual now"}
_SEVERITIES = ("low", "medium", "high")


class _Names:
    """What is needed to tell somebody, read when there is something to tell: in most hours there is nothing."""

    def __init__(self, look: Look, now: datetime) -> None:
        self._look, self._now = look, now
        self.alerts: dict[str, AlertRow] = look.open_signals()

    @cached_property
    def entities(self) -> dict[str, EntityRow]:
        """The companies of the list."""
        return self._look.entities()

    def name(self, entity: str) -> str:
        """What a company is called; its id where it has left the list."""
        return self.entities[entity].name if entity in self.entities else entity

    @cached_property
    def mutes(self) -> list[MuteRow]:
        """Those in force."""
        return self._look.mutes(self._now)

    @cached_property
    def rules(self) -> list[RuleRow]:
        """Rules that are on."""
        return self._look.rules()

    @cached_property
    def channels(self) -> list[ChannelRow]:
        """Channels that are on."""
        return self._look.channels()


class SignalAlerts:
    """Alerts of one look. past: all of it is told, as of the moment when it could have been known"""

    def __init__(self, look: Look, settings: SignalSettings, now: datetime, *, deliver: bool, past: bool) -> None:
        self.opened = self.updated = self.closed = 0
        self._look = look
        self._settings = settings
        self._now = now
        self._deliver = deliver
        self._past = past
        self._known = _Names(look, now)

    def apply(self, entity: str, hour: int, verdict: Verdict) -> None:
        """Open, tell anew or close. hour: since 1970, at which the bucket begins"""
        until = moment(hour + self._settings.bucket_hours)
        row = self._known.alerts.get(entity)
        at = self._told_at(until, row)
        if row is not None and until < _told_until(row):
            return  # the detector learns anew: this lies before what the alert tells of
        if verdict.step == "closed":
            if row is not None and row.lasts:
                self._close(row, BECAUSE[verdict.why or "calm"], at)
        elif row is not None:
            self._update(row, verdict.change, until, at)
        elif verdict.step == "opened" and self._is_kept(entity, until):
            self._open(entity, verdict.change, until, at)

    def end_forgotten(self, panel: Panel) -> None:
        """What the detector no longer knows of, since it learnt anew, cannot end by itself."""
        for entity, row in list(self._known.alerts.items()):
            follower = panel.followers.get(entity)
            if row.lasts and (follower is None or not follower.is_open):
                self._close(row, "the detector has learnt anew and finds it usual", self._now)

    def _is_old(self, until: datetime) -> bool:
        return not self._past and self._now - until > timedelta(hours=self._settings.tell_within_hours)

    def _told_at(self, until: datetime, row: AlertRow | None) -> datetime:
        """Now; of the past and of what is history, when a look would have found it that came in time."""
        if self._past or self._is_old(until) or (row is not None and _is_history(row)):
            return until + timedelta(minutes=self._settings.grace_minutes)
        return self._now

    def _is_kept(self, entity: str, until: datetime) -> bool:
        row = self._known.entities.get(entity)
        if row is None or (self._settings.signals_for == "watchlist" and not row.watched):
            return False
        return not muted(self._known.mutes, entity, None) and not self._look.was_told(entity, until)

    def _open(self, entity: str, change: Change, until: datetime, at: datetime) -> None:
        known, is_old = self._known, self._is_old(until)
        wanted = [
            rule
            for rule in known.rules
            if rule.what.get("kind") == "signal"
            and entity in rules.concerned(Who.model_validate(rule.who), known.entities)
        ]
        channels = [one.id for one in known.channels if one.signals]
        channels += [channel for rule in wanted for channel in rule.channels]
        severities = [rule.severity for rule in wanted] or [telling.severity(change)]
        row = AlertRow(
            kind="signal",
            subject=SIGNAL,
            rule_id=None,
            entity_id=entity,
            severity=max(severities, key=_SEVERITIES.index),
            state="open",
            headline=telling.headline(known.name(entity), telling.unforeseen(change)),
            facts=self._facts(entity, change, until),
            channels=[] if is_old else list(dict.fromkeys(channels)),
            lasts=True,
            opened_at=at,
            updated_at=at,
            closed_because="",
            reminders=0,
            remind_at=None if is_old else at + self._settings.remind_after(0),
        )
        known.alerts[entity] = self._look.open(row, row.headline)
        self.opened += 1
        self._send(row, "opened", at)

    def _update(self, row: AlertRow, change: Change, until: datetime, at: datetime) -> None:
        row.lasts = True
        held = sum(one.get("surprise") or 0.0 for one in row.facts["changes"])
        if change.surprise < held + GROWN:
            return
        row.facts = self._facts(row.entity_id, change, until)
        row.headline = telling.headline(self._known.name(row.entity_id), telling.unforeseen(change))
        self._look.note(row, at, "updated", row.headline)
        self.updated += 1

    def _facts(self, entity: str, change: Change, until: datetime) -> dict[str, Any]:
        since = until - timedelta(hours=change.hours)
        told = self._look.told(entity, since - TICK, until - TICK)  # a bucket holds its beginning, not its end
        return telling.facts(since, until, telling.unforeseen(change), told).model_dump(mode="json")

    def _close(self, row: AlertRow, because: str, at: datetime) -> None:
        self._look.end(row, at, because)
        del self._known.alerts[row.entity_id]
        self.closed += 1
        if self._settings.tell_closed:
            self._send(row, "closed", at)

    def _send(self, row: AlertRow, event: str, at: datetime) -> None:
        if self._deliver:
            told = telling.message(row, self._known.name(row.entity_id), None, event, at)
            self._look.deliver(row, event, 0, told, at)


def _told_until(row: AlertRow) -> datetime:
    return datetime.fromisoformat(row.facts["until"])


def _is_history(row: AlertRow) -> bool:
    """Found when it was old already, so that nobody was told."""
    return row.state == "open" and row.remind_at is None
