"""Sources in SQL: which documents each brought, and what its last import did."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from apps.customer_service.store.knowledge_tables import SourceDocumentRow, SourceRow
from core.clock import Clock
from core.database import Database
from core.errors import Conflict, NotFound

BATCH = 500  # rows a query: below SQLite's limit of variables


class NoSuchSource(NotFound):
    """A source that was never made, or was removed."""

    def __init__(self, source: str) -> None:
        super().__init__(f"there is no source {source!r:.80}", remedy="list the sources first")


class SourceExists(Conflict):
    """Two sources of one name."""

    def __init__(self, name: str, collection: str) -> None:
        super().__init__(
            f"{collection!r} has a source {name!r:.80} already", remedy="import into that one, or choose another name"
        )


@dataclass(frozen=True)
class Source:
    """See SourceRow. documents: how many it holds now"""

    id: str
    collection: str
    name: str
    kind: str
    places: tuple[str, ...]
    counts: Mapping[str, int]
    created_at: datetime
    imported_at: datetime | None
    documents: int


class Sources:
    """All sources of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def create(self, collection: str, name: str, kind: str, places: Sequence[str] = ()) -> Source:
        """raises: SourceExists"""
        row = SourceRow(
            id=f"src_{secrets.token_hex(8)}",
            collection=collection,
            name=name,
            kind=kind,
            places=list(places),
            counts={},
            created_at=self.clock(),
        )
        try:
            with self.database.session(write=True) as session:
                session.add(row)
                session.flush()
                return _source(row, 0)
        except IntegrityError as error:
            raise SourceExists(name, collection) from error

    def named(self, collection: str, name: str) -> Source | None:
        """The source of this name, if there is one."""
        with self.database.session() as session:
            row = session.scalar(select(SourceRow).where(SourceRow.collection == collection, SourceRow.name == name))
            return _source(row, _count(session, row.id)) if row else None

    def get(self, source: str) -> Source:
        """raises: NoSuchSource"""
        with self.database.session() as session:
            row = session.get(SourceRow, source)
            if row is None:
                raise NoSuchSource(source)
            return _source(row, _count(session, row.id))

    def page(self, collection: str, after: str, limit: int) -> list[Source]:
        """Sources of a collection in order of name, from behind `after`."""
        with self.database.session() as session:
            rows = session.scalars(
                select(SourceRow)
                .where(SourceRow.collection == collection, SourceRow.name > after)
                .order_by(SourceRow.name)
                .limit(limit)
            ).all()
            return [_source(row, _count(session, row.id)) for row in rows]

    def documents(self, source: str) -> dict[str, str]:
        """returns: key → file of every document that it brought"""
        with self.database.session() as session:
            rows = session.execute(
                select(SourceDocumentRow.key, SourceDocumentRow.file).where(SourceDocumentRow.source_id == source)
            )
            return {row.key: row.file for row in rows}

    def claim(self, source: str, documents: Mapping[str, str]) -> None:
        """Note documents (key → file) as this source's, before they are imported: a killed import leaves no orphan.

        raises: NoSuchSource when it was removed meanwhile
        """
        with self.database.session(write=True) as session:
            if session.get(SourceRow, source, with_for_update=True) is None:
                raise NoSuchSource(source)
            keys = list(documents)
            for at in range(0, len(keys), BATCH):
                wanted = keys[at : at + BATCH]
                held = {
                    row.key: row
                    for row in session.scalars(
                        select(SourceDocumentRow).where(
                            SourceDocumentRow.source_id == source, SourceDocumentRow.key.in_(wanted)
                        )
                    )
                }
                for key in wanted:
                    if key in held:
                        held[key].file = documents[key]
                    else:
                        session.add(SourceDocumentRow(source_id=source, key=key, file=documents[key]))

    def alone(self, source: str, keys: Sequence[str]) -> list[str]:
        """returns: those of the keys that no other source of the collection brought, too"""
        with self.database.session() as session:
            collection = session.scalar(select(SourceRow.collection).where(SourceRow.id == source))
            shared: set[str] = set()
            for at in range(0, len(keys), BATCH):
                shared |= set(
                    session.scalars(
                        select(SourceDocumentRow.key)
                        .join(SourceRow, SourceRow.id == SourceDocumentRow.source_id)
                        .where(
                            SourceDocumentRow.key.in_(keys[at : at + BATCH]),
                            SourceDocumentRow.source_id != source,
                            SourceRow.collection == collection,
                        )
                    )
                )
            return [key for key in keys if key not in shared]

    def disclaim(self, source: str, keys: Sequence[str]) -> None:
        """Forget documents, after they were removed."""
        with self.database.session(write=True) as session:
            for at in range(0, len(keys), BATCH):
                session.execute(
                    delete(SourceDocumentRow).where(
                        SourceDocumentRow.source_id == source, SourceDocumentRow.key.in_(keys[at : at + BATCH])
                    )
                )

    def finish(self, source: str, counts: Mapping[str, int], places: Sequence[str] | None = None) -> Source:
        """Note what an import did. raises: NoSuchSource"""
        with self.database.session(write=True) as session:
            row = session.get(SourceRow, source)
            if row is None:
                raise NoSuchSource(source)
            row.counts, row.imported_at = dict(counts), self.clock()
            if places is not None:
                row.places = list(places)
            return _source(row, _count(session, source))

    def remove(self, source: str) -> None:
        """Forget a source; its documents are the caller's to remove."""
        with self.database.session(write=True) as session:
            session.execute(delete(SourceRow).where(SourceRow.id == source))


def _count(session: Session, source: str) -> int:
    counted = select(func.count()).select_from(SourceDocumentRow).where(SourceDocumentRow.source_id == source)
    return int(session.scalar(counted) or 0)


def _source(row: SourceRow, documents: int) -> Source:
    return Source(
        id=row.id,
        collection=row.collection,
        name=row.name,
        kind=row.kind,
        places=tuple(row.places),
        counts=dict(row.counts),
        created_at=row.created_at,
        imported_at=row.imported_at,
        documents=documents,
    )
