"""Sources in SQL: who looks at one now, how it went, and what it brought, all in one transaction.

A look is claimed before it begins, by one conditional update, until a moment at which whoever claimed it is dead. What
it brought is kept even where the claim was lost meanwhile, as keeping it twice counts once; the source's state is then
left to whoever has the claim.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, func, or_, select, update

from apps.finance_sentiment.errors import NoSuchSource, SourceExists, TooManySources
from apps.finance_sentiment.store.documents import Kept, NewDocument, insert_documents
from apps.finance_sentiment.store.source_tables import SourceFileRow, SourceRow
from core.clock import Clock
from core.database import Database

MOST = 2_000


@dataclass
class Claim:
    """A look that is this process's. source: as it stood when it was claimed;  until: names the claim, too

    `renew` and `keep` move `until` on.
    """

    source: SourceRow
    until: datetime


class Sources:
    """All sources of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def add(self, source: str, values: Mapping[str, Any]) -> SourceRow:
        """A new source, looked at as soon as somebody does. values: kind, address, title, every_seconds, enabled

        raises: SourceExists, TooManySources
        """
        now = self.clock()
        row = SourceRow(
            id=source,
            **values,
            state="new" if values["enabled"] else "paused",
            reason="",
            failures=0,
            next_at=now,
            etag="",
            last_modified="",
            items_seen=0,
            items_new=0,
            created_at=now,
        )
        with self.database.session(write=True) as session:
            if session.get(SourceRow, source) is not None:
                raise SourceExists(source)
            if (session.scalar(select(func.count()).select_from(SourceRow)) or 0) >= MOST:
                raise TooManySources(MOST)
            session.add(row)
        return row

    def get(self, source: str) -> SourceRow:
        """raises: NoSuchSource"""
        with self.database.session() as session:
            row = session.get(SourceRow, source)
        if row is None:
            raise NoSuchSource(source)
        return row

    def page(self, after: str, limit: int) -> list[SourceRow]:
        """By id. after: the last one that is known"""
        asked = select(SourceRow).where(SourceRow.id > after).order_by(SourceRow.id).limit(limit)
        with self.database.session() as session:
            return list(session.scalars(asked))

    def enabled(self) -> list[SourceRow]:
        """All that are not paused, by id."""
        with self.database.session() as session:
            return list(session.scalars(select(SourceRow).where(SourceRow.enabled).order_by(SourceRow.id)))

    def change(self, source: str, changes: Mapping[str, Any]) -> SourceRow:
        """Change a source. A look that is under way leaves its state alone then. raises: NoSuchSource"""
        with self.database.session(write=True) as session:
            row = session.get(SourceRow, source, with_for_update=True)
            if row is None:
                raise NoSuchSource(source)
            for name, value in changes.items():
                setattr(row, name, value)
            row.claimed_until = None
        return row

    def remove(self, source: str) -> None:
        """Remove a source; what it brought stays in the archive. raises: NoSuchSource"""
        with self.database.session(write=True) as session:
            row = session.get(SourceRow, source)
            if row is None:
                raise NoSuchSource(source)
            session.delete(row)

    def due(self, limit: int) -> list[str]:
        """What may be looked at now, what has waited longest first."""
        now = self.clock()
        asked = select(SourceRow.id).where(SourceRow.enabled, SourceRow.next_at <= now, _free(now))
        with self.database.session() as session:
            return list(session.scalars(asked.order_by(SourceRow.next_at, SourceRow.id).limit(limit)))

    def claim(self, source: str, until: datetime, *, due: bool) -> Claim | None:
        """Claim a look. due: only where its time has come

        returns: None where somebody looks at it now, or it is not due, paused or gone
        """
        now = self.clock()
        terms = [SourceRow.id == source, SourceRow.enabled, _free(now), *([SourceRow.next_at <= now] if due else [])]
        with self.database.session(write=True) as session:
            done = session.execute(update(SourceRow).where(*terms).values(claimed_until=until, last_polled_at=now))
            if cast("CursorResult[Any]", done).rowcount != 1:
                return None
            row = session.get_one(SourceRow, source)
        return Claim(row, until)

    def renew(self, claim: Claim, until: datetime) -> None:
        """Claim a look longer; where somebody else has it by now, nothing changes."""
        mine = (SourceRow.id == claim.source.id, SourceRow.claimed_until == claim.until)
        with self.database.session(write=True) as session:
            done = session.execute(update(SourceRow).where(*mine).values(claimed_until=until))
        if cast("CursorResult[Any]", done).rowcount == 1:
            claim.until = until

    def keep(self, claim: Claim, documents: Sequence[NewDocument], until: datetime) -> Kept:
        """Keep a part of what a look brings, and claim it longer; nothing is kept of a source that was removed."""
        with self.database.session(write=True) as session:
            row = session.get(SourceRow, claim.source.id, with_for_update=True)
            if row is None:
                return Kept([], [])
            kept = insert_documents(session, row.id, documents)
            row.items_seen += len(documents)
            row.items_new += len(kept.new)
            is_mine = row.claimed_until == claim.until
            if is_mine:
                row.claimed_until = until
        if is_mine:
            claim.until = until
        return kept

    def settle(self, claim: Claim, documents: Sequence[NewDocument], changes: Mapping[str, Any]) -> Kept:
        """End a look: what it brought, and the source's new state, together. changes: of the source's row"""
        with self.database.session(write=True) as session:
            row = session.get(SourceRow, claim.source.id, with_for_update=True)
            if row is None:
                return Kept([], [])
            kept = insert_documents(session, row.id, documents)
            row.items_seen += len(documents)
            row.items_new += len(kept.new)
            if row.claimed_until == claim.until:
                row.claimed_until = None
                for name, value in changes.items():
                    setattr(row, name, value)
        return kept

    def files(self, source: str) -> list[SourceFileRow]:
        """Files of a watched folder that were read, or could not be."""
        with self.database.session() as session:
            return list(session.scalars(select(SourceFileRow).where(SourceFileRow.source_id == source)))

    def put_file(self, row: SourceFileRow) -> None:
        """Note how a file went; a source that was removed meanwhile has no notes."""
        with self.database.session(write=True) as session:
            if session.get(SourceRow, row.source_id, with_for_update=True) is not None:
                session.merge(row)


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(SourceRow.claimed_until.is_(None), SourceRow.claimed_until <= now)
