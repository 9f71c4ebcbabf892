"""Channels in SQL: where messages go."""

import secrets
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from apps.finance_sentiment.schemas.channels import ChannelEdit
from apps.finance_sentiment.store.delivery_tables import ChannelRow
from apps.finance_sentiment.store.rules import TooMany
from core.clock import Clock
from core.database import Database
from core.errors import Conflict, NotFound

MOST_CHANNELS = 100


class NoSuchChannel(NotFound):
    """A channel that never was, or was removed."""

    def __init__(self) -> None:
        super().__init__("there is no such channel", remedy="see `GET /v1/finance/channels`")


class ChannelChanged(Conflict):
    """Somebody else was faster, or the change is none."""

    def __init__(self, fact: str, remedy: str) -> None:
        super().__init__(fact, remedy=remedy)


@dataclass(frozen=True)
class Channels:
    """All channels of one database."""

    database: Database
    clock: Clock

    def add(self, edit: ChannelEdit, secret: str) -> ChannelRow:
        """raises: TooMany"""
        with self.database.session(write=True) as session:
            if (session.scalar(select(func.count()).select_from(ChannelRow)) or 0) >= MOST_CHANNELS:
                raise TooMany("channels", MOST_CHANNELS)
            row = ChannelRow(
                id=f"ch_{secrets.token_hex(8)}", kind=edit.kind, secret=secret, version=0, created_at=self.clock()
            )
            _write(row, edit)
            session.add(row)
        return row

    def all(self) -> list[ChannelRow]:
        """By name."""
        with self.database.session() as session:
            return list(session.scalars(select(ChannelRow).order_by(ChannelRow.name, ChannelRow.id)))

    def get(self, channel: str) -> ChannelRow:
        """raises: NoSuchChannel"""
        with self.database.session() as session:
            return _held(session, channel)

    def change(self, channel: str, edit: ChannelEdit) -> ChannelRow:
        """Replace a channel; its kind and secret stay. raises: NoSuchChannel, ChannelChanged"""
        with self.database.session(write=True) as session:
            row = _held(session, channel)
            if edit.version is not None and edit.version != row.version:
                raise ChannelChanged(
                    f"the channel has changed: you read version {edit.version}, it is at {row.version}",
                    "read it again, then decide",
                )
            if edit.kind != row.kind:
                raise ChannelChanged("a channel keeps its kind", "make another channel")
            _write(row, edit)
        return row

    def remove(self, channel: str) -> None:
        """With all its messages; rules that name it tell the others. raises: NoSuchChannel"""
        with self.database.session(write=True) as session:
            session.delete(_held(session, channel))


def _write(row: ChannelRow, edit: ChannelEdit) -> None:
    for name in ("name", "url", "body", "addresses", "signals", "active"):
        setattr(row, name, getattr(edit, name))
    row.version += 1


def _held(session: Session, channel: str) -> ChannelRow:
    row = session.get(ChannelRow, channel, with_for_update=True)
    if row is None:
        raise NoSuchChannel
    return row
