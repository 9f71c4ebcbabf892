"""Webhooks out in SQL: where to, and what is still to be sent. The log of entries is the outbox: nothing is copied.

A webhook's cursor is the time up to which the log was read. It is read again from `OVERLAP` before, as transactions may
commit in another order than they began; a delivery stands once for each entry, so none is made twice.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    and_,
    delete,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from apps.customer_service.store.tables import ConversationRow, EntryRow
from apps.customer_service.store.webhook_tables import KINDS, DeliveryRow, WebhookRow, event_of
from core.clock import Clock
from core.database import Database
from core.errors import Conflict, NotFound

OVERLAP = timedelta(minutes=5)
READ_TO_RISES = timedelta(minutes=1)  # when nothing happens: a write for every look would be waste
MOST_AT_ONCE = 500
MOST_WEBHOOKS = 50


class NoSuchWebhook(NotFound):
    """A webhook that never was, or was removed."""

    def __init__(self) -> None:
        super().__init__("there is no such webhook", remedy="list them, or make a new one")


class NoSuchDelivery(NotFound):
    """A delivery that never was, or whose customer was erased."""

    def __init__(self) -> None:
        super().__init__("this webhook has no such delivery", remedy="list its deliveries")


class TooManyWebhooks(Conflict):
    """More webhooks than one desk serves."""

    def __init__(self) -> None:
        super().__init__(f"there are {MOST_WEBHOOKS} webhooks already", remedy="remove one that is not used")


@dataclass(frozen=True)
class Parcel:
    """All that one attempt needs."""

    delivery: DeliveryRow
    webhook: WebhookRow
    conversation: ConversationRow
    entry: EntryRow


class Webhooks:
    """All webhooks of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def add(self, url: str, events: Sequence[str], secret: str) -> WebhookRow:
        """A new webhook; what happens from now on goes there. raises: TooManyWebhooks"""
        now = self.clock()
        row = WebhookRow(
            id=f"wh_{secrets.token_hex(12)}",
            url=url,
            events=list(events),
            secret=secret,
            active=True,
            read_to=now,
            created_at=now,
        )
        with self.database.session(write=True) as session:
            if len(session.scalars(select(WebhookRow.id)).all()) >= MOST_WEBHOOKS:
                raise TooManyWebhooks
            session.add(row)
        return row

    def all(self) -> list[WebhookRow]:
        """The oldest first."""
        with self.database.session() as session:
            return list(session.scalars(select(WebhookRow).order_by(WebhookRow.created_at, WebhookRow.id)))

    def get(self, webhook: str) -> WebhookRow:
        """raises: NoSuchWebhook"""
        with self.database.session() as session:
            row = session.get(WebhookRow, webhook)
        if row is None:
            raise NoSuchWebhook
        return row

    def change(self, webhook: str, changes: Mapping[str, Any]) -> WebhookRow:
        """raises: NoSuchWebhook"""
        with self.database.session(write=True) as session:
            row = session.get(WebhookRow, webhook, with_for_update=True)
            if row is None:
                raise NoSuchWebhook
            for name, value in changes.items():
                setattr(row, name, value)
        return row

    def remove(self, webhook: str) -> None:
        """With all its deliveries. raises: NoSuchWebhook"""
        with self.database.session(write=True) as session:
            row = session.get(WebhookRow, webhook)
            if row is None:
                raise NoSuchWebhook
            session.delete(row)

    def collect(self, webhook: WebhookRow) -> int:
        """Read the log on, and make a delivery for each entry that this webhook wants. returns: how many"""
        now = self.clock()
        new = aliased(DeliveryRow)
        same = and_(
            new.webhook_id == webhook.id,
            new.conversation_id == EntryRow.conversation_id,
            new.number == EntryRow.number,
        )
        asked = (
            select(EntryRow)
            .outerjoin(new, same)
            .where(
                EntryRow.created_at >= max(webhook.read_to - OVERLAP, webhook.created_at),
                new.id.is_(None),
                _of(webhook),
            )
            .order_by(EntryRow.created_at, EntryRow.conversation_id, EntryRow.number)
            .limit(MOST_AT_ONCE)
        )
        with self.database.session() as session:
            idle = session.scalar(asked.limit(1)) is None
        if idle and now - webhook.read_to < READ_TO_RISES:
            return 0
        with self.database.session(write=True) as session:
            held = session.get(WebhookRow, webhook.id, with_for_update=True)
            if held is None:
                return 0
            found = session.scalars(asked).all()
            for entry in found:
                session.add(
                    DeliveryRow(
                        id=f"msg_{secrets.token_hex(12)}",
                        webhook_id=webhook.id,
                        conversation_id=entry.conversation_id,
                        number=entry.number,
                        event=event_of(entry),
                        state="waiting",
                        attempts=0,
                        due_at=now,
                        created_at=now,
                    )
                )
            held.read_to = found[-1].created_at if len(found) == MOST_AT_ONCE else now
        return len(found)

    def due(self, webhook: str, limit: int) -> list[Parcel]:
        """What may be sent now: of each conversation the first that waits, so that its events arrive in order."""
        earlier = aliased(DeliveryRow)
        blocked = (
            select(earlier.id)
            .where(
                earlier.webhook_id == DeliveryRow.webhook_id,
                earlier.conversation_id == DeliveryRow.conversation_id,
                earlier.number < DeliveryRow.number,
                earlier.state == "waiting",
            )
            .exists()
        )
        asked = (
            select(DeliveryRow, WebhookRow, ConversationRow, EntryRow)
            .join(WebhookRow, WebhookRow.id == DeliveryRow.webhook_id)
            .join(ConversationRow, ConversationRow.id == DeliveryRow.conversation_id)
            .join(
                EntryRow,
                and_(
                    EntryRow.conversation_id == DeliveryRow.conversation_id,
                    EntryRow.number == DeliveryRow.number,
                ),
            )
            .where(
                DeliveryRow.webhook_id == webhook,
                DeliveryRow.state == "waiting",
                DeliveryRow.due_at <= self.clock(),
                ~blocked,
            )
            .order_by(DeliveryRow.due_at, DeliveryRow.created_at, DeliveryRow.id)
            .limit(limit)
        )
        with self.database.session() as session:
            return [Parcel(*row) for row in session.execute(asked)]

    def claim(self, delivery: str, attempts: int, until: datetime) -> bool:
        """Count an attempt before it is made; nobody else makes one before `until`.

        attempts: made so far, as was read
        returns: False when somebody else was faster
        """
        with self.database.session(write=True) as session:
            row = session.get(DeliveryRow, delivery, with_for_update=True)
            if row is None or row.state != "waiting" or row.attempts != attempts:
                return False
            row.attempts += 1
            row.due_at = until
        return True

    def settle(
        self, delivery: str, state: str, *, status: int | None, problem: str | None, due_at: datetime | None = None
    ) -> None:
        """Write down how an attempt went; nothing happens when its customer was erased meanwhile."""
        with self.database.session(write=True) as session:
            row = session.get(DeliveryRow, delivery, with_for_update=True)
            if row is not None:
                row.state, row.status, row.problem = state, status, problem
                row.due_at = due_at or row.due_at

    def again(self, webhook: str, delivery: str) -> DeliveryRow:
        """Send once more, with all attempts before it. raises: NoSuchDelivery"""
        with self.database.session(write=True) as session:
            row = session.get(DeliveryRow, delivery, with_for_update=True)
            if row is None or row.webhook_id != webhook:
                raise NoSuchDelivery
            row.state, row.attempts, row.due_at = "waiting", 0, self.clock()
        return row

    def deliveries(
        self, webhook: str, state: str | None, after: tuple[datetime, str] | None, limit: int
    ) -> list[DeliveryRow]:
        """The newest first. after: creation and id of the last one that is known"""
        asked = select(DeliveryRow).where(DeliveryRow.webhook_id == webhook)
        if state is not None:
            asked = asked.where(DeliveryRow.state == state)
        if after is not None:
            at, last = after
            same = (DeliveryRow.created_at == at) & (DeliveryRow.id < last)
            asked = asked.where((DeliveryRow.created_at < at) | same)
        with self.database.session() as session:
            found = asked.order_by(DeliveryRow.created_at.desc(), DeliveryRow.id.desc())
            return list(session.scalars(found.limit(limit)))

    def forget_done(self, before: datetime) -> None:
        """Forget what arrived long ago."""
        old = (DeliveryRow.state == "done", DeliveryRow.created_at < before)
        with self.database.session(write=True) as session:
            session.execute(delete(DeliveryRow).where(*old))


def _of(webhook: WebhookRow) -> Any:
    wanted = [KINDS[name] for name in webhook.events if name in KINDS]
    return or_(
        *(and_(EntryRow.kind == kind, *([EntryRow.role == role] if role else [])) for kind, role in wanted),
    )
