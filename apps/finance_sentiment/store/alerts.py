"""Alerts in SQL: how they are listed, and what people do with them. When one begins and ends is the pipeline's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from apps.finance_sentiment.store.alert_tables import AlertRow, AlertStepRow, RuleRow
from apps.finance_sentiment.store.entity_tables import EntityRow
from core.clock import Clock
from core.database import Database
from core.errors import Conflict, NotFound


class NoSuchAlert(NotFound):
    """An alert that never was."""

    def __init__(self) -> None:
        super().__init__("there is no such alert", remedy="see `GET /v1/finance/alerts`")


class WrongState(Conflict):
    """What cannot be done with an alert in its state."""

    def __init__(self, wish: str, state: str, remedy: str) -> None:
        super().__init__(f"an alert that is {state} cannot be {wish}", remedy=remedy)


class OtherIsOpen(Conflict):
    """Two alerts of the same event."""

    def __init__(self) -> None:
        super().__init__("a later alert of the same company and rule is open", remedy="go on with that one")


@dataclass(frozen=True)
class Held:
    """An alert with the names that go with it."""

    alert: AlertRow
    entity: EntityRow
    rule: RuleRow | None


@dataclass(frozen=True)
class Wanted:
    """Which alerts are listed. states: none: all;  since, until: of their opening"""

    states: Sequence[str] = ()
    entity: str | None = None
    rule: str | None = None
    severity: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Alerts:
    """All alerts of one database. Every change locks the alert."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def page(self, wanted: Wanted, after: tuple[datetime, str] | None, limit: int) -> list[Held]:
        """The latest first. after: opening and id of the last one that is known"""
        asked = (
            select(AlertRow, EntityRow, RuleRow)
            .join(EntityRow, EntityRow.id == AlertRow.entity_id)
            .outerjoin(RuleRow, RuleRow.id == AlertRow.rule_id)
        )
        if wanted.states:
            asked = asked.where(AlertRow.state.in_(wanted.states))
        for column, value in (
            (AlertRow.entity_id, wanted.entity),
            (AlertRow.rule_id, wanted.rule),
            (AlertRow.severity, wanted.severity),
            (AlertRow.kind, wanted.kind),
        ):
            if value is not None:
                asked = asked.where(column == value)
        if wanted.since is not None:
            asked = asked.where(AlertRow.opened_at >= wanted.since)
        if wanted.until is not None:
            asked = asked.where(AlertRow.opened_at < wanted.until)
        if after is not None:
            at, last = after
            same = (AlertRow.opened_at == at) & (AlertRow.id < last)
            asked = asked.where((AlertRow.opened_at < at) | same)
        with self.database.session() as session:
            found = session.execute(asked.order_by(AlertRow.opened_at.desc(), AlertRow.id.desc()).limit(limit))
            return [Held(*row) for row in found]

    def get(self, alert: str) -> tuple[Held, list[AlertStepRow]]:
        """An alert and its history, the oldest step first. raises: NoSuchAlert"""
        with self.database.session() as session:
            row = _held(session, alert)
            entity = session.get_one(EntityRow, row.entity_id)
            rule = session.get(RuleRow, row.rule_id) if row.rule_id is not None else None
            steps = select(AlertStepRow).where(AlertStepRow.alert_id == alert).order_by(AlertStepRow.number)
            return Held(row, entity, rule), list(session.scalars(steps))

    def acknowledge(self, alert: str, by: str, note: str) -> None:
        """Somebody takes care of it: no more reminders. Doing it twice does nothing more.

        raises: NoSuchAlert, WrongState
        """
        with self.database.session(write=True) as session:
            row = _held(session, alert)
            if row.state == "closed":
                raise WrongState("acknowledged", row.state, "reopen it first")
            if row.state == "acknowledged":
                return
            row.state, row.acknowledged_by = "acknowledged", by
            row.snoozed_until = row.remind_at = None
            add_step(session, row, self.clock(), "acknowledged", by, note)

    def snooze(self, alert: str, lasts: timedelta, by: str, note: str) -> None:
        """Silence it for a while; then there is a reminder, where it still lasts. raises: NoSuchAlert, WrongState"""
        with self.database.session(write=True) as session:
            row = _held(session, alert)
            if row.state == "closed":
                raise WrongState("snoozed", row.state, "reopen it first")
            now = self.clock()
            row.state, row.snoozed_until, row.remind_at = "snoozed", now + lasts, now + lasts
            add_step(session, row, now, "snoozed", by, note)

    def close(self, alert: str, by: str, note: str) -> None:
        """End it; it comes again only when what began it ended and begins anew. Twice does nothing more.

        raises: NoSuchAlert
        """
        with self.database.session(write=True) as session:
            row = _held(session, alert)
            if row.state == "closed":
                return
            end(session, row, self.clock(), "closed by a person", by, note)

    def reopen(self, alert: str, by: str, note: str, remind_after: timedelta) -> None:
        """Take it up again, from being acknowledged, snoozed or closed. Twice does nothing more.

        raises: NoSuchAlert, OtherIsOpen
        """
        with self.database.session(write=True) as session:
            row = _held(session, alert)
            if row.state == "open":
                return
            row.state, row.closed_at, row.closed_because = "open", None, ""
            row.acknowledged_by = row.snoozed_until = None
            row.remind_at = self.clock() + remind_after
            try:
                session.flush()
            except IntegrityError:
                raise OtherIsOpen from None
            add_step(session, row, self.clock(), "reopened", by, note)


def add_step(session: Session, row: AlertRow, at: datetime, step: str, by: str = "", note: str = "") -> None:
    """Write down what became of an alert."""
    last = session.scalar(select(func.max(AlertStepRow.number)).where(AlertStepRow.alert_id == row.id)) or 0
    row.updated_at = at
    session.add(AlertStepRow(alert_id=row.id, number=last + 1, at=at, step=step, by=by, note=note))
    session.flush()


def end(session: Session, row: AlertRow, at: datetime, because: str, by: str = "", note: str = "") -> None:
    """Close an alert."""
    row.state, row.closed_at, row.closed_because = "closed", at, because
    row.remind_at = row.snoozed_until = None
    row.lasts = False
    add_step(session, row, at, "closed", by, note or because)


def _held(session: Session, alert: str) -> AlertRow:
    row = session.get(AlertRow, alert, with_for_update=True)
    if row is None:
        raise NoSuchAlert
    return row
