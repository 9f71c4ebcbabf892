"""Follow the archive's hours through the detector; what it says becomes alerts (`signal_alerts`)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.finance_sentiment.pipeline.signal_alerts import SignalAlerts
from apps.finance_sentiment.pipeline.signal_buckets import buckets, first_bucket
from apps.finance_sentiment.pipeline.signal_levels import Course
from apps.finance_sentiment.pipeline.signal_panel import Panel
from apps.finance_sentiment.pipeline.signal_verdicts import Tuning, Verdict
from apps.finance_sentiment.pipeline.signals import Follower, course_state, restored_course
from apps.finance_sentiment.settings import SignalSettings
from apps.finance_sentiment.store.looking import Look, Looks
from apps.finance_sentiment.store.observing import hour_of

EVERYBODY = ""  # under this name the common course of the week is kept
LEARNS_FROM = timedelta(days=400)  # of an archive that is there already: a year, and what comes before its first week
BUCKETS_AT_ONCE = 168  # in one transaction


class SignalWatch:
    """Follows finished buckets; what comes later than the grace allows does not open the past again.

    past: everything is told, as of the moment when it could have been known
    durable: False: what the detector learns dies with the process, as in a backtest that nobody goes on with
    """

    def __init__(
        self, looks: Looks, settings: SignalSettings, *, deliver: bool, past: bool, durable: bool = True
    ) -> None:
        self.looks = looks
        self.past = past
        self.settings = settings
        self.deliver = deliver
        self.durable = durable
        self.tuning = Tuning(
            both=settings.signal_decades, burst=settings.signal_decades - 0.5, slow=settings.signal_decades - 1.0
        )
        self._kept: tuple[int, Panel] | None = None
        """The panel as it was written under this revision: read again only where another process went on."""

    def follow(self, now: datetime, most: int | None = None) -> tuple[int, int, int]:
        """Look at every bucket that is finished by now. returns: alerts opened, told anew, closed

        most: weeks that are followed at once; the next call goes on. None: all
        """
        if self.settings.signals_for == "none":
            return 0, 0, 0
        opened = updated = closed = 0
        weeks = 0
        while (most is None or weeks < most) and (plan := self._plan(now)) is not None:
            try:
                with self.looks.begin() as look:
                    if look.row.revision != plan.revision:  # another process was faster: what it left is gone on with
                        self._kept = None
                        continue
                    alerts = self._write(look, plan, now)
                    self._kept = (look.row.revision, plan.panel)
            except BaseException:
                self._kept = None  # what was not written must not be gone on with
                raise
            weeks += 1
            opened, updated, closed = opened + alerts.opened, updated + alerts.updated, closed + alerts.closed
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
            first = first_bucket(look, since, hours) if anew else look.row.hour
            if first is None or first >= end:
                return None
            last = min(end, first + BUCKETS_AT_ONCE * hours)
            panel = Panel(hours, self.tuning) if anew else self._panel(look)
            self._kept = None  # from here on it is ahead of what is written
            found = buckets(look, first, last, hours)
            revision = look.row.revision
        steps = []
        for hour in range(first, last, hours):
            verdicts = panel.step(hour, found.get(hour, {}))
            steps += [(hour, entity, one) for entity, one in verdicts.items() if one.step is not None]
        return _Plan(revision, anew, last, last >= end, panel, steps)

    def _write(self, look: Look, plan: "_Plan", now: datetime) -> SignalAlerts:
        """Keep alerts as the plan says, and what the detector knows."""
        hours = self.settings.bucket_hours
        if plan.anew:
            look.forget_followed()
        alerts = SignalAlerts(look, self.settings, now, deliver=self.deliver, past=self.past)
        for hour, entity, verdict in plan.steps:
            alerts.apply(entity, hour, verdict)
        if plan.is_last:
            alerts.end_forgotten(plan.panel)
        if self.durable:
            followers = plan.panel.followers
            states: dict[str, dict[str, Any]] = {name: follower.state() for name, follower in followers.items()}
            states[EVERYBODY] = course_state(plan.panel.course)
            look.save(plan.last - hours, states)
        look.moved(plan.last, hours)
        return alerts

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
