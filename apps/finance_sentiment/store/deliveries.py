"""Messages on their way in SQL. Each is sent once: what may have arrived is never sent again by itself."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from apps.finance_sentiment.store.channels import NoSuchChannel
from apps.finance_sentiment.store.delivery_tables import ChannelRow, DeliveryRow
from core.clock import Clock
from core.database import Database
from core.errors import Conflict, NotFound

LOST = "the process that sent it ended before it knew how that went"


class NoSuchDelivery(NotFound):
    """A message that never was, or whose channel was removed."""

    def __init__(self) -> None:
        super().__init__("there is no such message", remedy="see `GET /v1/finance/deliveries`")


class StillSending(Conflict):
    """A message of which an attempt is running, or that waits for one anyway."""

    def __init__(self, state: str) -> None:
        super().__init__(f"the message is {state} already", remedy="wait for what becomes of it")


@dataclass(frozen=True)
class Parcel:
    """All that one attempt needs."""

    delivery: DeliveryRow
    channel: ChannelRow


@dataclass(frozen=True)
class Deliveries:
    """All messages of one database."""

    database: Database
    clock: Clock

    def channels_due(self) -> list[str]:
        """Channels that are on and have something to send now."""
        asked = (
            select(DeliveryRow.channel_id)
            .join(ChannelRow, ChannelRow.id == DeliveryRow.channel_id)
            .where(DeliveryRow.state == "waiting", DeliveryRow.due_at <= self.clock(), ChannelRow.active.is_(True))
            .distinct()
        )
        with self.database.session() as session:
            return list(session.scalars(asked))

    def due(self, channel: str, limit: int) -> list[Parcel]:
        """What one channel may send now, what waits longest first."""
        asked = (
            select(DeliveryRow, ChannelRow)
            .join(ChannelRow, ChannelRow.id == DeliveryRow.channel_id)
            .where(
                DeliveryRow.channel_id == channel,
                DeliveryRow.state == "waiting",
                DeliveryRow.due_at <= self.clock(),
                ChannelRow.active.is_(True),
            )
            .order_by(DeliveryRow.due_at, DeliveryRow.created_at, DeliveryRow.id)
            .limit(limit)
        )
        with self.database.session() as session:
            return [Parcel(*row) for row in session.execute(asked)]

    def claim(self, delivery: str, attempts: int, until: datetime) -> bool:
        """Write down that it is being sent, before it is. until: by then its end is known, or nobody will know it

        attempts: made so far, as was read;  returns: False when somebody else was faster
        """
        with self.database.session(write=True) as session:
            row = session.get(DeliveryRow, delivery, with_for_update=True)
            if row is None or row.state != "waiting" or row.attempts != attempts:
                return False
            row.state, row.attempts, row.due_at = "sending", row.attempts + 1, until
        return True

    def settle(
        self,
        delivery: str,
        attempts: int,
        state: str,
        *,
        status: int | None,
        problem: str | None,
        due_at: datetime | None = None,
    ) -> None:
        """Write down how an attempt went. attempts: with it, so that a late end does not undo a later attempt"""
        with self.database.session(write=True) as session:
            row = session.get(DeliveryRow, delivery, with_for_update=True)
            if row is None or row.attempts != attempts or row.state not in ("sending", "unsure"):
                return
            row.state, row.status, row.problem = state, status, problem[:200] if problem is not None else None
            row.due_at = due_at or row.due_at

    def give_up_lost(self) -> int:
        """What was being sent when its process died may have arrived: it is unsure. returns: how many"""
        now = self.clock()
        lost = (DeliveryRow.state == "sending", DeliveryRow.due_at <= now)
        with self.database.session() as session:
            if session.scalar(select(DeliveryRow.id).where(*lost).limit(1)) is None:
                return 0
        with self.database.session(write=True) as session:
            changed = session.execute(update(DeliveryRow).where(*lost).values(state="unsure", problem=LOST))
            return int(getattr(changed, "rowcount", 0))

    def again(self, delivery: str) -> DeliveryRow:
        """Send it once more, because a person says so. raises: NoSuchDelivery, StillSending"""
        with self.database.session(write=True) as session:
            row = session.get(DeliveryRow, delivery, with_for_update=True)
            if row is None:
                raise NoSuchDelivery
            if row.state in ("waiting", "sending"):
                raise StillSending(row.state)
            row.state, row.attempts, row.due_at, row.problem = "waiting", 0, self.clock(), None
        return row

    def test(self, channel: str, message: Mapping[str, Any], until: datetime) -> Parcel:
        """A test message, claimed for whoever asked for it. raises: NoSuchChannel"""
        now = self.clock()
        with self.database.session(write=True) as session:
            held = session.get(ChannelRow, channel)
            if held is None:
                raise NoSuchChannel
            row = DeliveryRow(
                id=f"msg_{secrets.token_hex(12)}",
                channel_id=channel,
                alert_id=None,
                event="test",
                number=0,
                message=dict(message),
                state="sending",
                attempts=1,
                status=None,
                problem=None,
                due_at=until,
                created_at=now,
            )
            session.add(row)
        return Parcel(row, held)

    def get(self, delivery: str) -> tuple[DeliveryRow, ChannelRow]:
        """raises: NoSuchDelivery"""
        with self.database.session() as session:
            row = session.get(DeliveryRow, delivery)
            if row is None:
                raise NoSuchDelivery
            return row, session.get_one(ChannelRow, row.channel_id)

    def page(
        self,
        states: tuple[str, ...],
        channel: str | None,
        alert: str | None,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> list[tuple[DeliveryRow, ChannelRow]]:
        """The newest first. after: making and id of the last one that is known"""
        asked = select(DeliveryRow, ChannelRow).join(ChannelRow, ChannelRow.id == DeliveryRow.channel_id)
        if states:
            asked = asked.where(DeliveryRow.state.in_(states))
        if channel is not None:
            asked = asked.where(DeliveryRow.channel_id == channel)
        if alert is not None:
            asked = asked.where(DeliveryRow.alert_id == alert)
        if after is not None:
            at, last = after
            same = (DeliveryRow.created_at == at) & (DeliveryRow.id < last)
            asked = asked.where((DeliveryRow.created_at < at) | same)
        with self.database.session() as session:
            found = session.execute(asked.order_by(DeliveryRow.created_at.desc(), DeliveryRow.id.desc()).limit(limit))
            return [(row, held) for row, held in found]

    def forget_done(self, before: datetime) -> None:
        """Forget what arrived long ago."""
        with self.database.session(write=True) as session:
            _forget(session, before)


def _forget(session: Session, before: datetime) -> None:
    session.execute(delete(DeliveryRow).where(DeliveryRow.state == "done", DeliveryRow.created_at < before))
