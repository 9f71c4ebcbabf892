"""Canned replies in SQL: texts that agents insert, with variables. Ranking and filling are the pipeline's."""

from datetime import datetime

from sqlalchemy import Integer, String, Text, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from apps.customer_service.store.editing import check_version
from core.clock import Clock
from core.database import Base, Database, UTCDateTime
from core.errors import Conflict, NotFound

MOST = 2_000  # more than any agent knows; a search reads all of them


class CannedRow(Base):
    """A text to insert. name: short, for the address;  title: what it is for"""

    __tablename__ = "support_canned_replies"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column(Integer)


class NoSuchCannedReply(NotFound):
    """A canned reply that never was or was removed."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no canned reply {name!r:.70}", remedy="see `GET /v1/support/canned-replies`")


class TooManyCannedReplies(Conflict):
    """The shelf is full."""

    def __init__(self) -> None:
        super().__init__(f"there are {MOST} canned replies", remedy="remove those that nobody uses")


class CannedReplies:
    """All canned replies of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def all(self) -> list[CannedRow]:
        """By title."""
        with self.database.session() as session:
            return list(session.scalars(select(CannedRow).order_by(CannedRow.title, CannedRow.name)))

    def get(self, name: str) -> CannedRow:
        """raises: NoSuchCannedReply"""
        with self.database.session() as session:
            row = session.get(CannedRow, name)
        if row is None:
            raise NoSuchCannedReply(name)
        return row

    def put(self, name: str, title: str, text: str, version: int | None = None) -> CannedRow:
        """Make a reply or replace it. raises: EditedMeanwhile, TooManyCannedReplies"""
        with self.database.session(write=True) as session:
            row = _locked(session, name)
            if row is None:
                if (session.scalar(select(func.count()).select_from(CannedRow)) or 0) >= MOST:
                    raise TooManyCannedReplies
                row = CannedRow(name=name, title=title, text=text, updated_at=self.clock(), version=0)
                try:
                    with session.begin_nested():
                        session.add(row)
                except IntegrityError:  # two made it at once; the other one was first
                    row = _locked(session, name)
                    if row is None:
                        raise
            check_version(f"the canned reply {name!r}", version, row.version)
            row.title, row.text, row.updated_at = title, text, self.clock()
            row.version += 1
        return row

    def remove(self, name: str) -> None:
        """raises: NoSuchCannedReply"""
        with self.database.session(write=True) as session:
            row = _locked(session, name)
            if row is None:
                raise NoSuchCannedReply(name)
            session.delete(row)


def _locked(session: Session, name: str) -> CannedRow | None:
    return session.scalar(select(CannedRow).where(CannedRow.name == name).with_for_update())
