"""Follow the archive's hours through the detector, and keep an alert for each company's unforeseen event."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from apps.finance_sentiment.pipeline import rules, signals, telling
from apps.finance_sentiment.pipeline.signal_levels import Bucket, Course
from apps.finance_sentiment.pipeline.signal_panel import Panel
from apps.finance_sentiment.pipeline.signals import Follower, Tuning, Verdict, course_state, restored_course
from apps.finance_sentiment.schemas.rules import Who
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.alert_tables import SIGNAL, AlertRow, MuteRow, RuleRow
from apps.finance_sentiment.store.archive_tables import HourRow
from apps.finance_sentiment.store.delivery_tables import ChannelRow
from apps.finance_sentiment.store.entity_tables import EntityRow
from apps.finance_sentiment.store.looking import Look, Looks
from apps.finance_sentiment.store.observing import hour_of, moment
from apps.finance_sentiment.store.rules import muted

EVERYBODY = ""  # under this name the common course of the week is kept
LEARNS_FROM = timedelta(days=84)  # of an archive that is there already
BUCKETS_AT_ONCE = 168  # in one transaction
TICK = timedelta(microseconds=1)
GROWN = 1.0  # decades by which an open alert is told anew
BURST_BELOW, SLOW_BELOW = 0.5, 2.9  # decades that volume alone, and a turn over days, need less
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


class SignalWatch:
    """Follows finished buckets; what comes later than the grace allows does not open the past again.

    past: everything is told, as of the moment when it could have been known
    durable: False: what the detector learns dies with the process, as in a backtest that nobody goes on with
    """

    def __init__(
        self, looks: Looks, settings: FinanceSettings, *, deliver: bool, past: bool, durable: bool = True
    ) -> None:
        self.looks = looks
        self.past = past
        self.settings = settings
        self.deliver = deliver
        self.durable = durable
        self.tuning = Tuning(
            both=settings.signal_decades,
            burst=settings.signal_decades - BURST_BELOW,
            slow=max(1.0, settings.signal_decades - SLOW_BELOW),
        )
        self._kept: tuple[int, Panel] | None = None
        """The panel as it was written under this revision: read again only where another process went on."""

    def follow(self, now: datetime) -> tuple[int, int, int]:
        """Look at every bucket that is finished by now. returns: alerts opened, told anew, closed"""
        if self.settings.signals_for == "none":
            return 0, 0, 0
        opened = updated = closed = 0
        while (plan := self._plan(now)) is not None:
            try:
                with self.looks.begin() as look:
                    if look.row.revision != plan.revision:  # another process was faster: what it left is gone on with
                        self._kept = None
                        continue
                    one = _Chunk(self, look, now, plan)
                    one.write()
                    self._kept = (look.row.revision, plan.panel)
            except BaseException:
                self._kept = None  # what was not written must not be gone on with
                raise
            opened, updated, closed = opened + one.opened, updated + one.updated, closed + one.closed
            if plan.is_last:
                break
        return opened, updated, closed

    def end_of(self, now: datetime) -> int:
        """The hour before which all buckets are finished."""
        hours = self.settings.bucket_hours
        return hour_of(now - timedelta(minutes=self.settings.grace_minutes)) // hours * hours

    def _plan(self, now: datetime) -> "_Plan | None":
        """Judge the next buckets, holding up nobody. returns: None where nothing is finished"""
        hours, end = self.settings.bucket_hours, self.end_of(now)
        with self.looks.read() as look:
            anew = look.row.hour is None or look.row.bucket_hours != hours
            since = None if self.past else now - LEARNS_FROM
            first = _first(look, since, hours) if anew else look.row.hour
            if first is None or first >= end:
                return None
            last = min(end, first + BUCKETS_AT_ONCE * hours)
            panel = Panel(hours, self.tuning) if anew else self._panel(look)
            self._kept = None  # from here on it is ahead of what is written
            buckets = _buckets(look, first, last, hours)
            revision = look.row.revision
        steps = []
        for hour in range(first, last, hours):
            verdicts = panel.step(hour, buckets.get(hour, {}))
            steps += [(hour, entity, one) for entity, one in verdicts.items() if one.step is not None]
        return _Plan(revision, anew, last, last >= end, panel, steps)

    def _panel(self, look: Look) -> Panel:
        if self._kept is not None and self._kept[0] == look.row.revision:
            return self._kept[1]
        states = look.followed()
        course = restored_course(states.pop(EVERYBODY)) if EVERYBODY in states else Course()
        followers = {entity: Follower.restored(state) for entity, state in states.items()}
        return Panel(self.settings.bucket_hours, self.tuning, course, followers)


@dataclass(frozen=True)
class _Plan:
    """Buckets up to before `last`, judged but not written. anew: nothing was known before;  steps: what changed"""

    revision: int
    anew: bool
    last: int
    is_last: bool
    panel: Panel
    steps: list[tuple[int, str, Verdict]]


class _Chunk:
    """One look at some buckets."""

    def __init__(self, watch: SignalWatch, look: Look, now: datetime, plan: _Plan) -> None:
        self.watch, self.look, self.now, self.plan = watch, look, now, plan
        self.settings = watch.settings
        self.opened = self.updated = self.closed = 0

    def write(self) -> None:
        """Open, tell anew and close what the plan says, and keep what the detector knows."""
        look, plan, hours = self.look, self.plan, self.settings.bucket_hours
        if plan.anew:
            look.forget_followed()
        known = _Names(look, self.now)
        now = self.now
        for hour, entity, verdict in plan.steps:
            if self.watch.past:
                self.now = moment(hour + hours) + timedelta(minutes=self.settings.grace_minutes)
            self._apply(known, entity, hour, verdict)
        self.now = now
        if plan.is_last:
            self._end_forgotten(known, plan.panel)
        if self.watch.durable:
            followers = plan.panel.followers
            states: dict[str, dict[str, Any]] = {name: follower.state() for name, follower in followers.items()}
            states[EVERYBODY] = course_state(plan.panel.course)
            look.save(plan.last - hours, states)
        look.moved(plan.last, hours)

    def _apply(self, known: _Names, entity: str, hour: int, verdict: Verdict) -> None:
        row = known.alerts.get(entity)
        until = moment(hour + self.settings.bucket_hours)
        if verdict.step == "closed":
            if row is not None and row.lasts:
                self._close(known, row, BECAUSE[verdict.why or "calm"])
        elif row is not None:
            self._update(known, row, verdict.change, until)
        elif verdict.step == "opened" and self._is_told(known, entity, until):
            self._open(known, entity, verdict.change, until)

    def _is_told(self, known: _Names, entity: str, until: datetime) -> bool:
        row = known.entities.get(entity)
        is_old = self.now - until > timedelta(hours=self.settings.tell_within_hours)
        if row is None or (is_old and not self.watch.past):
            return False
        if self.settings.signals_for == "watchlist" and not row.watched:
            return False
        return not muted(known.mutes, entity, None) and not self.look.was_told(entity, until)

    def _open(self, known: _Names, entity: str, change: signals.Change, until: datetime) -> None:
        name = known.entities[entity].name
        wanted = [
            rule
            for rule in known.rules
            if rule.what.get("kind") == "signal"
            and entity in rules.concerned(Who.model_validate(rule.who), known.entities)
        ]
        channels = [one.id for one in known.channels if one.signals]
        channels += [channel for rule in wanted for channel in rule.channels]
        severities = [rule.severity for rule in wanted] or [telling.severity(change)]
        told = telling.unforeseen(change)
        row = AlertRow(
            kind="signal",
            subject=SIGNAL,
            rule_id=None,
            entity_id=entity,
            severity=max(severities, key=_SEVERITIES.index),
            state="open",
            headline=telling.headline(name, told),
            facts=self._facts(entity, change, until),
            channels=list(dict.fromkeys(channels)),
            lasts=True,
            opened_at=self.now,
            updated_at=self.now,
            closed_because="",
            reminders=0,
            remind_at=self.now + self.settings.remind_after(0),
        )
        known.alerts[entity] = self.look.open(row, row.headline)
        self.opened += 1
        self._send(known, row, "opened")

    def _update(self, known: _Names, row: AlertRow, change: signals.Change, until: datetime) -> None:
        row.lasts = True
        held = sum(one.get("surprise") or 0.0 for one in row.facts["changes"])
        if change.surprise < held + GROWN:
            return
        row.facts = self._facts(row.entity_id, change, until)
        name = known.entities[row.entity_id].name if row.entity_id in known.entities else row.entity_id
        row.headline = telling.headline(name, telling.unforeseen(change))
        self.look.note(row, self.now, "updated", row.headline)
        self.updated += 1

    def _facts(self, entity: str, change: signals.Change, until: datetime) -> dict[str, Any]:
        since = until - timedelta(hours=change.hours)
        told = self.look.told(entity, since - TICK, until - TICK)  # a bucket holds its beginning, not its end
        return telling.facts(since, until, telling.unforeseen(change), told).model_dump(mode="json")

    def _close(self, known: _Names, row: AlertRow, because: str) -> None:
        self.look.end(row, self.now, because)
        del known.alerts[row.entity_id]
        self.closed += 1
        if self.settings.tell_closed:
            self._send(known, row, "closed")

    def _end_forgotten(self, known: _Names, panel: Panel) -> None:
        """What the detector no longer knows of, since it learnt anew, cannot end by itself."""
        for entity, row in list(known.alerts.items()):
            follower = panel.followers.get(entity)
            if row.lasts and (follower is None or not follower.is_open):
                self._close(known, row, "the detector has learnt anew and finds it usual")

    def _send(self, known: _Names, row: AlertRow, event: str) -> None:
        if self.watch.deliver:
            name = known.entities[row.entity_id].name if row.entity_id in known.entities else row.entity_id
            self.look.deliver(row, event, 0, telling.message(row, name, None, event, self.now), self.now)


def _first(look: Look, since: datetime | None, hours: int) -> int | None:
    """The bucket from which on the detector learns; None: the archive is empty. since: what is older is left"""
    began = look.began()
    if began is None:
        return None
    return hour_of(began if since is None else max(began, since)) // hours * hours


def _buckets(look: Look, first: int, last: int, hours: int) -> dict[int, dict[str, Bucket]]:
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
