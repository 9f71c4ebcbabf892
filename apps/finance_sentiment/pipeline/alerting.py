"""From the archive to alerts: one event is one alert, opened once, updated while it lasts, closed, reminded of.

What is judged, told and remembered is one transaction, so a process that dies leaves the look undone, not half done,
and the next one begins it anew. No look-ahead: everything is as of the `now` that is passed in.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.finance_sentiment.pipeline import rules, telling
from apps.finance_sentiment.pipeline.alerting_signals import SignalWatch
from apps.finance_sentiment.pipeline.rules import Judged
from apps.finance_sentiment.pipeline.watching_windows import ArchiveWindows, Matches
from apps.finance_sentiment.schemas.alerts import Change
from apps.finance_sentiment.schemas.rules import Unforeseen, Who
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.alert_tables import AlertRow, RuleRow
from apps.finance_sentiment.store.entity_tables import EntityRow
from apps.finance_sentiment.store.looking import Look, Looks
from apps.finance_sentiment.store.rules import muted
from core.app import Services
from core.database import Database

EVALUATES_EVERY_S = 20.0
MOVED_SCORE, MOVED_SHARE = 0.05, 0.25
"""Facts of an open alert are written anew when its figure has moved by so much, farther out."""


@dataclass
class Evaluated:
    """How many alerts were opened, told anew, closed and reminded of."""

    opened: int = 0
    updated: int = 0
    closed: int = 0
    reminded: int = 0


class Watch:
    """Evaluates what is new. deliver: False: alerts are kept, and nobody is sent a message

    past: an archive is gone through as if it came now: see `replay`
    durable: False: what the detector learns is not saved, as in a backtest that nobody goes on with
    """

    def __init__(
        self,
        database: Database,
        settings: FinanceSettings,
        *,
        deliver: bool = True,
        past: bool = False,
        durable: bool = True,
    ) -> None:
        self.looks = Looks(database)
        self.settings = settings
        self.deliver = deliver
        self.signals = SignalWatch(self.looks, settings, deliver=deliver, past=past, durable=durable)
        self._matches = Matches()

    def evaluate(
        self, now: datetime, entities: Collection[str] | None = None, *, most_weeks: int | None = None
    ) -> Evaluated:
        """Look at what is finished by now: signals by the bucket, rules by their windows, reminders by the clock.

        entities: those of which something new was read: then only rules are looked at, and only for these
        most_weeks: of an archive that the detector still learns from; the next look goes on. None: all of it
        raises: Overloaded when the database is locked or away; then the next look does it all
        """
        done = Evaluated()
        if entities is None:
            done.opened, done.updated, done.closed = self.signals.follow(now, most_weeks)
        if entities is None or entities:
            self._check_rules(now, entities, done)
        if entities is None and self.looks.due(now):
            with self.looks.begin() as look:
                self._remind(look, now, done)
        return done

    def replay(self, since: datetime, until: datetime, step: timedelta = timedelta(hours=1)) -> Evaluated:
        """Tell of an archive what would have been told while it came in, by what it holds now. Sends nobody anything.

        Signals are followed from the archive's beginning, up to where they are followed already nothing is done twice;
        rules are judged from `since` on, by every `step`.
        """
        watch = Watch(self.looks.database, self.settings, deliver=False, past=True)
        done = Evaluated()
        done.opened, done.updated, done.closed = watch.signals.follow(until)
        with self.looks.read() as look:
            has_rules = any(row.what.get("kind") != "signal" for row in look.rules())
        now = since
        while has_rules and now <= until:
            watch._check_rules(now, None, done)
            now += step
        return done

    def _check_rules(self, now: datetime, entities: Collection[str] | None, done: Evaluated) -> None:
        with self.looks.read() as look:
            wanted = any(row.what.get("kind") != "signal" for row in look.rules()) or bool(look.holding())
        if not wanted:
            return
        with self.looks.begin() as look:
            _Round(self, look, now, entities, done).check()

    def _remind(self, look: Look, now: datetime, done: Evaluated) -> None:
        names, mutes = look.entities(), look.mutes(now)
        titles = {row.id: row.name for row in look.rules()}
        for row in look.to_remind(now):
            if row.state == "snoozed":
                row.state, row.snoozed_until = "open", None
                look.note(row, now, "woke")
            row.remind_at = now + self.settings.remind_after(row.reminders + 1)
            if muted(mutes, row.entity_id, row.rule_id):
                continue
            row.reminders += 1
            look.note(row, now, "reminded")
            done.reminded += 1
            if self.deliver:
                name = names[row.entity_id].name if row.entity_id in names else row.entity_id
                told = telling.message(row, name, titles.get(row.rule_id or ""), "reminder", now)
                look.deliver(row, "reminder", row.reminders, told, now)


@dataclass
class _Round:
    """One look at all rules."""

    watch: Watch
    look: Look
    now: datetime
    entities: Collection[str] | None
    done: Evaluated
    _names: dict[str, EntityRow] = field(init=False)

    def check(self) -> None:
        look, now = self.look, self.now
        self._names, mutes, holding = look.entities(), look.mutes(now), look.holding()
        alerts = look.open_of()
        windows = ArchiveWindows(look, self.watch._matches, self.entities)
        kept: set[str] = set()
        for rule in look.rules():
            what = rules.what_of(rule)
            if isinstance(what, Unforeseen):
                continue
            kept.add(rule.id)
            some = rules.concerned(Who.model_validate(rule.who), self._names)
            judged = rules.judge(what, some & set(self.entities) if self.entities is not None else some, now, windows)
            window = timedelta(minutes=what.window_minutes)
            held = {entity for number, entity in holding if number == rule.id}
            if self.entities is not None:
                held &= set(self.entities)
            for entity in sorted(held | set(judged)):
                row, found = holding.get((rule.id, entity)), judged.get(entity)
                alert = alerts.get((f"rule:{rule.id}", entity))
                if row is None:
                    if found is not None and found.holds:
                        look.holds(rule.id, entity, now)
                        if alert is None and not muted(mutes, entity, rule.id):
                            self._open(rule, entity, found, window)
                elif found is not None and found.stays and entity in some:
                    if alert is not None:
                        alert.lasts = True
                        self._update(alert, found, window)
                else:
                    look.ended(row)
                    if alert is not None:
                        self._close(alert, rule.name, "the condition holds no longer")
        for (number, entity), row in holding.items():
            if number not in kept:
                look.ended(row)
                if (gone := alerts.get((f"rule:{number}", entity))) is not None:
                    self._close(gone, None, "the rule was switched off or removed")

    def _open(self, rule: RuleRow, entity: str, found: Judged, window: timedelta) -> None:
        name = self._names[entity].name
        known = telling.facts(
            self.now - window, self.now, found.changes, self.look.told(entity, self.now - window, self.now)
        )
        row = AlertRow(
            kind="rule",
            subject=f"rule:{rule.id}",
            rule_id=rule.id,
            entity_id=entity,
            severity=rule.severity,
            state="open",
            headline=telling.headline(name, found.changes),
            facts=known.model_dump(mode="json"),
            channels=list(rule.channels),
            lasts=True,
            opened_at=self.now,
            updated_at=self.now,
            closed_because="",
            reminders=0,
            remind_at=self.now + self.watch.settings.remind_after(0),
        )
        self.look.open(row, f"rule {rule.name!r}, version {rule.version}")
        self.done.opened += 1
        if self.watch.deliver:
            self.look.deliver(row, "opened", 0, telling.message(row, name, rule.name, "opened", self.now), self.now)

    def _update(self, row: AlertRow, found: Judged, window: timedelta) -> None:
        before = [Change.model_validate(one) for one in row.facts["changes"]]
        if not _farther(before, found.changes):
            return
        known = telling.facts(
            self.now - window, self.now, found.changes, self.look.told(row.entity_id, self.now - window, self.now)
        )
        row.facts = known.model_dump(mode="json")
        row.headline = telling.headline(self._names[row.entity_id].name, found.changes)
        self.look.note(row, self.now, "updated", row.headline)
        self.done.updated += 1

    def _close(self, row: AlertRow, rule: str | None, because: str) -> None:
        self.look.end(row, self.now, because)
        self.done.closed += 1
        if self.watch.deliver and self.watch.settings.tell_closed:
            entity = self._names.get(row.entity_id)
            name = entity.name if entity is not None else row.entity_id
            self.look.deliver(row, "closed", 0, telling.message(row, name, rule, "closed", self.now), self.now)


def _farther(before: Collection[Change], now: Collection[Change]) -> bool:
    """Whether a figure has moved on, away from its baseline."""
    held: Mapping[str, Change] = {one.measure: one for one in before}
    for one in now:
        old = held.get(one.measure)
        if old is None:
            return True
        base = one.baseline or 0.0
        step = MOVED_SCORE if one.measure == "mood" else max(1.0, MOVED_SHARE * abs(old.value))
        if abs(one.value - base) >= abs(old.value - base) + step:
            return True
    return False


def open_watch(services: Services) -> Watch:
    """What the app's rooms share."""
    return Watch(services.database, FinanceSettings.of(services.settings))
