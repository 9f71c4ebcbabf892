"""One look at the archive: all that an evaluation reads and writes, in one transaction. Decides nothing.

A look locks one row first, so that two processes never judge the same at once; what is told, what waits to be sent and
what is remembered stand or fall together.
"""

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from apps.finance_sentiment.store import observing, rules
from apps.finance_sentiment.store.alert_tables import (
    SIGNAL,
    AlertRow,
    FollowedRow,
    HoldingRow,
    LookRow,
    MuteRow,
    RuleRow,
)
from apps.finance_sentiment.store.alerts import add_step, end
from apps.finance_sentiment.store.archive_tables import HourRow
from apps.finance_sentiment.store.delivery_tables import ChannelRow, DeliveryRow
from apps.finance_sentiment.store.entity_tables import EntityRow
from apps.finance_sentiment.store.observing import Brief, Sums, Told
from core.database import Database

MOST_AT_ONCE = 400  # rows of one statement
SAME_EVENT = timedelta(hours=24)  # by so much a detector that has learnt anew may find an event earlier than before


class Looks:
    """Looks at one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @contextmanager
    def begin(self) -> Iterator["Look"]:
        """A look that nobody else has at the same time. raises: Overloaded"""
        with self.database.session(write=True) as session:
            yield Look(session, rules.lock_look(session), is_sqlite=self.database.is_sqlite)

    @contextmanager
    def read(self) -> Iterator["Look"]:
        """A look that writes nothing and holds up nobody."""
        with self.database.session() as session:
            yield Look(session, session.scalars(select(LookRow)).one(), is_sqlite=self.database.is_sqlite)

    def due(self, now: datetime) -> bool:
        """Whether an alert is to be reminded of; one small query."""
        asked = select(AlertRow.id).where(AlertRow.remind_at <= now, AlertRow.closed_at.is_(None)).limit(1)
        with self.database.reading() as connection:
            return connection.execute(asked).first() is not None

    def forget(self) -> None:
        """Let the detector learn from the archive anew, such as after older documents came in. Open alerts stay."""
        with self.database.session(write=True) as session:
            Look(session, rules.lock_look(session), is_sqlite=self.database.is_sqlite).forget_followed()


class Look:
    """What one evaluation reads and writes."""

    def __init__(self, session: Session, row: LookRow, *, is_sqlite: bool) -> None:
        self._session = session
        self._insert: Any = sqlite.insert if is_sqlite else postgresql.insert
        self.row = row

    def followed(self) -> dict[str, dict[str, Any]]:
        """What the detector saved, by company."""
        return {row.entity_id: row.state for row in self._session.scalars(select(FollowedRow))}

    def save(self, hour: int, states: Mapping[str, dict[str, Any]]) -> None:
        """Keep what the detector knows, after the bucket that began at `hour`."""
        items = [{"entity_id": entity, "hour": hour, "state": state} for entity, state in states.items()]
        for at in range(0, len(items), MOST_AT_ONCE):
            statement = self._insert(FollowedRow).values(items[at : at + MOST_AT_ONCE])
            new = {"hour": statement.excluded.hour, "state": statement.excluded.state}
            self._session.execute(statement.on_conflict_do_update(index_elements=["entity_id"], set_=new))

    def forget_followed(self) -> None:
        """Let the detector begin anew."""
        self._session.execute(delete(FollowedRow))
        self.row.hour, self.row.revision = None, self.row.revision + 1

    def moved(self, hour: int, bucket_hours: int) -> None:
        """The next bucket to be looked at begins at `hour`."""
        self.row.hour, self.row.bucket_hours, self.row.revision = hour, bucket_hours, self.row.revision + 1

    def began(self) -> datetime | None:
        """When the archive begins."""
        return observing.began(self._session)

    def hours(self, first: int, end: int) -> Sequence[HourRow]:
        """The archive's hours, in order."""
        return observing.hours(self._session, first, end)

    def sums(self, since: datetime, until: datetime, entities: Collection[str] | None) -> dict[str, Sums]:
        """See `observing.sums`."""
        return observing.sums(self._session, since, until, entities)

    def readings(self, since: datetime, until: datetime, entities: Collection[str] | None) -> list[Brief]:
        """See `observing.readings`."""
        return observing.readings(self._session, since, until, entities)

    def texts(self, documents: Collection[int]) -> dict[int, str]:
        """See `observing.texts`."""
        return observing.texts(self._session, documents)

    def told(self, entity: str, since: datetime, until: datetime) -> list[Told]:
        """See `observing.told`."""
        return observing.told(self._session, entity, since, until)

    def entities(self) -> dict[str, EntityRow]:
        """The companies of the list."""
        return {row.id: row for row in self._session.scalars(select(EntityRow).where(EntityRow.removed.is_(False)))}

    def rules(self) -> list[RuleRow]:
        """Rules that are on."""
        return list(self._session.scalars(select(RuleRow).where(RuleRow.enabled.is_(True), RuleRow.removed.is_(False))))

    def mutes(self, now: datetime) -> list[MuteRow]:
        """Those in force."""
        return rules.in_force(self._session, now)

    def channels(self) -> list[ChannelRow]:
        """Those that are on."""
        return list(self._session.scalars(select(ChannelRow).where(ChannelRow.active.is_(True))))

    def holding(self) -> dict[tuple[str, str], HoldingRow]:
        """What holds, by rule and company."""
        return rules.holding(self._session)

    def holds(self, rule: str, entity: str, since: datetime) -> None:
        """From now on a rule's condition holds."""
        self._session.add(HoldingRow(rule_id=rule, entity_id=entity, since=since))

    def ended(self, row: HoldingRow) -> None:
        """It does no longer."""
        self._session.delete(row)

    def open_of(self, subject: str | None = None) -> dict[tuple[str, str], AlertRow]:
        """Alerts that are not closed, by subject and company."""
        asked = select(AlertRow).where(AlertRow.closed_at.is_(None))
        if subject is not None:
            asked = asked.where(AlertRow.subject == subject)
        return {(row.subject, row.entity_id): row for row in self._session.scalars(asked)}

    def open_signals(self) -> dict[str, AlertRow]:
        """Alerts of what was not foreseen that are not closed, by company."""
        return {entity: row for (_, entity), row in self.open_of(SIGNAL).items()}

    def was_told(self, entity: str, until: datetime) -> bool:
        """Whether an alert of this company, of what was not foreseen, went on after `until`: that is told already.

        One that was opened much later is of another event.
        """
        asked = select(AlertRow.id).where(
            AlertRow.subject == SIGNAL,
            AlertRow.entity_id == entity,
            AlertRow.opened_at <= until + SAME_EVENT,
            AlertRow.closed_at >= until,
        )
        return self._session.scalar(asked.limit(1)) is not None

    def open(self, row: AlertRow, note: str) -> AlertRow:
        """Begin an alert. The database lets no second one of its subject and company be."""
        row.id = f"al_{secrets.token_hex(8)}"
        self._session.add(row)
        self._session.flush()
        add_step(self._session, row, row.opened_at, "opened", "", note)
        return row

    def note(self, row: AlertRow, at: datetime, step: str, note: str = "") -> None:
        """Write down what became of an alert."""
        add_step(self._session, row, at, step, "", note)

    def end(self, row: AlertRow, at: datetime, because: str) -> None:
        """Close an alert."""
        end(self._session, row, at, because)

    def to_remind(self, now: datetime) -> list[AlertRow]:
        """Alerts whose reminder is due, locked."""
        asked = select(AlertRow).where(
            AlertRow.remind_at <= now,
            AlertRow.closed_at.is_(None),
            or_(AlertRow.state == "open", AlertRow.state == "snoozed"),
        )
        return list(self._session.scalars(asked.order_by(AlertRow.remind_at, AlertRow.id).with_for_update()))

    def deliver(self, row: AlertRow, event: str, number: int, message: Mapping[str, Any], now: datetime) -> int:
        """Have a message sent by every channel of the alert that is on. returns: by how many

        number: of the reminder; an end is numbered here, since an alert that is taken up again may end again
        """
        if event == "closed":
            ends = select(func.max(DeliveryRow.number)).where(
                DeliveryRow.alert_id == row.id, DeliveryRow.event == event
            )
            last = self._session.scalar(ends)
            number = 0 if last is None else last + 1
        active = {one.id for one in self.channels()}
        names = [name for name in row.channels if name in active]
        for name in names:
            self._session.add(
                DeliveryRow(
                    id=f"msg_{secrets.token_hex(12)}",
                    channel_id=name,
                    alert_id=row.id,
                    event=event,
                    number=number,
                    message=dict(message),
                    state="waiting",
                    attempts=0,
                    status=None,
                    problem=None,
                    due_at=now,
                    created_at=now,
                )
            )
        return len(names)
