"""Documents of several sources put in together, in order of time: an archive that was kept elsewhere, or made up."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from apps.finance_sentiment.store.archive_tables import DocumentRow, ReadingRow
from apps.finance_sentiment.store.documents import BATCH, NewDocument
from apps.finance_sentiment.store.source_tables import SourceRow
from core.database import Database


class Backfill:
    """What is brought from another archive."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def date_back(self, sources: Collection[str]) -> int:
        """Have what was read of these sources count as known since each document was captured, not since it was read.

        For an archive whose days of capture are known; what a person corrected stays as it was. returns: readings
        """
        fetched = select(DocumentRow.fetched_at).where(DocumentRow.id == ReadingRow.document_id).scalar_subquery()
        documents = select(DocumentRow.id).where(DocumentRow.source.in_(sources))
        late = (
            ReadingRow.document_id.in_(documents),
            ReadingRow.corrected_by.is_(None),
            ReadingRow.until.is_(None),
            ReadingRow.known_at > fetched,
        )
        with self.database.session(write=True) as session:
            done = session.execute(
                update(ReadingRow).where(*late).values(known_at=fetched).execution_options(synchronize_session=False)
            )
        return cast("CursorResult[Any]", done).rowcount

    def latest(self, sources: Collection[str]) -> datetime | None:
        """When the latest document of these sources was published; None where there is none."""
        asked = select(func.max(DocumentRow.published_at)).where(DocumentRow.source.in_(sources))
        with self.database.session() as session:
            found: datetime | None = session.scalar(asked)
        return found

    def enabled(self, sources: Collection[str]) -> bool:
        """Whether any of these sources is there and not paused."""
        asked = select(SourceRow.id).where(SourceRow.id.in_(sources), SourceRow.enabled).limit(1)
        with self.database.session() as session:
            return session.scalar(asked) is not None

    def add(self, *blocks: Sequence[tuple[str, NewDocument]]) -> int:
        """Put documents in, all or none. Their ids, by which they are read, follow the order of the blocks, and within
        each the order of publication, whatever the source.

        blocks: documents, each with its source;  returns: how many nobody had brought before
        """
        ordered = [one for block in blocks for one in sorted(block, key=_by_publication)]
        insert = postgresql.insert if self.database.engine.dialect.name == "postgresql" else sqlite.insert
        adding = insert(DocumentRow.__table__).on_conflict_do_nothing()  # type: ignore[arg-type]  # it is a Table
        new = 0
        counted = select(func.count()).select_from(DocumentRow)
        with self.database.session(write=True) as session:
            # psycopg tells no number of rows of many statements at once
            held = None if self.database.is_sqlite else session.scalar(counted)
            for at in range(0, len(ordered), BATCH):
                rows = [asdict(one) | {"source": source, "echo": False} for source, one in ordered[at : at + BATCH]]
                done = session.connection().execute(adding, rows)
                new += cast("CursorResult[Any]", done).rowcount
            if held is not None:
                new = (session.scalar(counted) or 0) - held
        return new

    def has_waiting(self, sources: Collection[str]) -> bool:
        """Whether a document of these sources has not been read yet."""
        asked = select(DocumentRow.id).where(DocumentRow.read_at.is_(None), DocumentRow.source.in_(sources)).limit(1)
        with self.database.session() as session:
            return session.scalar(asked) is not None


def _by_publication(one: tuple[str, NewDocument]) -> tuple[datetime, str]:
    return one[1].published_at, one[1].external_id
