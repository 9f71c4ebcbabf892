"""Rules and mutes in SQL. When a rule's condition holds is the pipeline's."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from apps.finance_sentiment.schemas.rules import RuleEdit
from apps.finance_sentiment.store.alert_tables import AlertRow, HoldingRow, LookRow, MuteRow, RuleRow
from apps.finance_sentiment.store.delivery_tables import ChannelRow
from apps.finance_sentiment.store.entity_tables import EntityRow
from core.clock import Clock
from core.database import Database
from core.errors import Conflict, NotFound

MOST_RULES = 500
MOST_MUTES = 1_000


class NoSuchRule(NotFound):
    """A rule that never was, or was removed."""

    def __init__(self) -> None:
        super().__init__("there is no such rule", remedy="see `GET /v1/finance/rules`")


class NoSuchMute(NotFound):
    """A mute that never was, or is over."""

    def __init__(self) -> None:
        super().__init__("there is no such mute", remedy="see `GET /v1/finance/mutes`")


class TooMany(Conflict):
    """More than one house holds. what: of them"""

    def __init__(self, what: str, most: int) -> None:
        super().__init__(f"there are {most} {what} already", remedy="remove one that is not used")


class RuleChanged(Conflict):
    """Somebody else was faster."""

    def __init__(self, read: int, now: int) -> None:
        super().__init__(
            f"the rule has changed: you read version {read}, it is at {now}", remedy="read it again, then decide"
        )


class UnknownNames(Conflict):
    """A rule or mute that speaks of what is not there. what: which"""

    def __init__(self, what: str) -> None:
        super().__init__(f"this is not known here: {what:.200}", remedy="correct the names, or make it first")


class Rules:
    """All rules of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def add(self, edit: RuleEdit) -> RuleRow:
        """raises: TooMany, UnknownNames"""
        with self.database.session(write=True) as session:
            held = session.scalar(select(func.count()).select_from(RuleRow).where(RuleRow.removed.is_(False)))
            if (held or 0) >= MOST_RULES:
                raise TooMany("rules", MOST_RULES)
            row = RuleRow(id=f"rule_{secrets.token_hex(8)}", version=0, created_at=self.clock(), removed=False)
            self._write(session, row, edit)
            session.add(row)
        return row

    def all(self) -> list[RuleRow]:
        """By name."""
        with self.database.session() as session:
            kept = select(RuleRow).where(RuleRow.removed.is_(False))
            return list(session.scalars(kept.order_by(RuleRow.name, RuleRow.id)))

    def get(self, rule: str) -> RuleRow:
        """raises: NoSuchRule"""
        with self.database.session() as session:
            return _held(session, rule)

    def change(self, rule: str, edit: RuleEdit) -> RuleRow:
        """Replace a rule. What is open goes on, or ends with the next look. raises: NoSuchRule, RuleChanged"""
        with self.database.session(write=True) as session:
            lock_look(session)
            row = _held(session, rule)
            if edit.version is not None and edit.version != row.version:
                raise RuleChanged(edit.version, row.version)
            self._write(session, row, edit)
        return row

    def remove(self, rule: str) -> None:
        """Its open alerts are closed. raises: NoSuchRule"""
        with self.database.session(write=True) as session:
            lock_look(session)
            row = _held(session, rule)
            row.removed, row.enabled, row.version, row.updated_at = True, False, row.version + 1, self.clock()
            session.execute(delete(MuteRow).where(MuteRow.rule_id == rule))

    def _write(self, session: Session, row: RuleRow, edit: RuleEdit) -> None:
        known = set(session.scalars(select(EntityRow.id).where(EntityRow.id.in_(edit.who.entities))))
        channels = set(session.scalars(select(ChannelRow.id).where(ChannelRow.id.in_(edit.channels))))
        missing = [name for name in edit.who.entities if name not in known]
        missing += [name for name in edit.channels if name not in channels]
        if missing:
            raise UnknownNames(", ".join(missing))
        row.name, row.severity, row.channels, row.enabled = edit.name, edit.severity, edit.channels, edit.enabled
        row.who, row.what = edit.who.model_dump(mode="json"), edit.what.model_dump(mode="json")
        row.version, row.updated_at = row.version + 1, self.clock()


class Mutes:
    """Of whom and what nothing new is told."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def add(self, entity: str | None, rule: str | None, lasts: timedelta, by: str, reason: str) -> MuteRow:
        """raises: TooMany, UnknownNames"""
        now = self.clock()
        with self.database.session(write=True) as session:
            session.execute(delete(MuteRow).where(MuteRow.until <= now))
            if (session.scalar(select(func.count()).select_from(MuteRow)) or 0) >= MOST_MUTES:
                raise TooMany("mutes", MOST_MUTES)
            if entity is not None and session.get(EntityRow, entity) is None:
                raise UnknownNames(entity)
            if rule is not None and session.get(RuleRow, rule) is None:
                raise UnknownNames(rule)
            row = MuteRow(
                id=f"mute_{secrets.token_hex(8)}",
                entity_id=entity,
                rule_id=rule,
                until=now + lasts,
                by=by,
                reason=reason,
                created_at=now,
            )
            session.add(row)
        return row

    def all(self) -> list[MuteRow]:
        """Those in force, the first to end first."""
        with self.database.session() as session:
            return in_force(session, self.clock())

    def remove(self, mute: str) -> None:
        """raises: NoSuchMute"""
        with self.database.session(write=True) as session:
            row = session.get(MuteRow, mute)
            if row is None:
                raise NoSuchMute
            session.delete(row)


def in_force(session: Session, now: datetime) -> list[MuteRow]:
    """Mutes that are not over, the first to end first."""
    return list(session.scalars(select(MuteRow).where(MuteRow.until > now).order_by(MuteRow.until, MuteRow.id)))


def muted(mutes: Sequence[MuteRow], entity: str, rule: str | None) -> bool:
    """Whether nothing new is told of this company by this rule; None: of what no rule asked for."""
    return any(
        (one.entity_id is None or one.entity_id == entity) and (one.rule_id is None or one.rule_id == rule)
        for one in mutes
        if one.entity_id is not None or one.rule_id is not None
    )


def holding(session: Session) -> dict[tuple[str, str], HoldingRow]:
    """What holds, by rule and company."""
    return {(row.rule_id, row.entity_id): row for row in session.scalars(select(HoldingRow))}


def lock_look(session: Session) -> LookRow:
    """Let evaluations, and changes that must not come between, happen one after the other."""
    return session.scalars(select(LookRow).with_for_update()).one()


def open_of_rules(session: Session) -> list[AlertRow]:
    """Alerts of rules that are not closed."""
    return list(session.scalars(select(AlertRow).where(AlertRow.closed_at.is_(None), AlertRow.rule_id.is_not(None))))


def _held(session: Session, rule: str) -> RuleRow:
    row = session.get(RuleRow, rule)
    if row is None or row.removed:
        raise NoSuchRule
    return row
