"""Captured documents in SQL: put in once each, whoever brings them and however often. Reads no mood."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from apps.finance_sentiment.errors import NoSuchDocument
from apps.finance_sentiment.store.archive_tables import DocumentRow
from core.database import Database

BATCH = 500
"""Rows of one statement."""


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document as it is written; see `DocumentRow`."""

    external_id: str
    url: str
    title: str
    text: str
    published_at: datetime
    dated: bool
    fetched_at: datetime
    digest: str


_NAMES = [field.name for field in fields(NewDocument)]


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of documents. ids: of each that was brought, in order;  new: those that nobody had brought before"""

    ids: list[int]
    new: list[int]


class Documents:
    """All documents of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, source: str, documents: Sequence[NewDocument]) -> Kept:
        """Put documents in, all in one transaction; those of the source that are known are left as they are."""
        with self.database.session(write=True) as session:
            return insert_documents(session, source, documents)

    def get(self, document: int) -> DocumentRow:
        """raises: NoSuchDocument"""
        with self.database.session() as session:
            row = session.get(DocumentRow, document)
        if row is None:
            raise NoSuchDocument(document)
        return row


def insert_documents(session: Session, source: str, documents: Sequence[NewDocument]) -> Kept:
    """Put documents in as a part of a larger transaction.

    They get their ids in order of publication. Of two with the same external id, the first that is brought counts.
    """
    wanted = {one.external_id: one for one in reversed(documents)}
    if not wanted:
        return Kept([], [])
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":  # two that bring the same rows in another order would wait for each other
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"finance_documents:{source}", 0))))
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    adding = insert(DocumentRow).on_conflict_do_nothing().returning(DocumentRow.external_id, DocumentRow.id)
    rows = [
        {"source": source, "echo": False, **{name: getattr(one, name) for name in _NAMES}}
        for one in sorted(wanted.values(), key=lambda one: (one.published_at, one.external_id))
    ]
    new: dict[str, int] = {}
    for at in range(0, len(rows), BATCH):
        new.update((key, number) for key, number in session.execute(adding, rows[at : at + BATCH]))
    known = _known(session, source, [key for key in wanted if key not in new])
    held = new | known
    return Kept([held[one.external_id] for one in documents], sorted(new.values()))


def _known(session: Session, source: str, keys: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at in range(0, len(keys), BATCH):
        asked = select(DocumentRow.external_id, DocumentRow.id).where(
            DocumentRow.source == source, DocumentRow.external_id.in_(keys[at : at + BATCH])
        )
        found.update((key, number) for key, number in session.execute(asked))
    return found
