"""Views that follow their collections: caught up before every search, rebuilt when damaged or left behind."""

import hashlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.orm import Session

from core.backend.encoder import Encoder
from core.database import Database
from core.retrieval import reading, snapshots, storing
from core.retrieval.documents import Document
from core.retrieval.embedding import embed
from core.retrieval.reading import State
from core.retrieval.tables import DocumentRow, PassageRow, VectorRow
from core.retrieval.view import View

COMPACT_ABOVE = 0.3  # share of dead positions at which a view is rebuilt
SAVE_AFTER = 2_000  # passages that must have changed for a snapshot to be worth writing
REEMBED_BATCH = 256
_log = logging.getLogger(__name__)


class Views:
    """The views of one process, by collection and encoder."""

    def __init__(self, database: Database, folder: Path, common: frozenset[str]) -> None:
        self.database = database
        self.common = common
        self.folder = folder / _named(database)  # collections of two databases have the same ids
        self._views: dict[tuple[int, str], View] = {}
        self._changed: dict[tuple[int, str], int] = {}
        self._lock = threading.Lock()

    def current(self, row: State) -> View:
        """A view complete at least up to the row's revision."""
        view = self._views.get((row.id, row.encoder))
        if view is not None and view.revision >= row.revision:
            return view
        with self._lock:  # one thread catches up, the others find it done
            view = self._views.get((row.id, row.encoder))
            if view is None or view.revision < row.revision:
                view = self._catch_up(view, row)
            return view

    def _catch_up(self, view: View | None, row: State) -> View:
        key = (row.id, row.encoder)
        if view is not None and (view.revision < row.floor or view.wasted > COMPACT_ABOVE):
            view = None
        elif view is None:
            view = snapshots.load(self._path(key), row.dim, self.common, row.revision)
            if view is not None and view.revision < row.floor:
                view = None
        with self.database.session() as session:
            if view is None:
                view = View(row.dim, self.common)
                self._fill(session, view, row)
                self._changed[key] = len(view.ids)
            elif view.revision < row.revision:
                added = [
                    e
                    for batch in reading.added_since(session, row.id, row.encoder, view.revision, row.revision)
                    for e in batch
                ]
                removed = reading.removed_since(session, row.id, view.revision, row.revision)
                view.apply(added, removed, row.revision)
                self._changed[key] = self._changed.get(key, 0) + len(added) + len(removed)
        self._views[key] = view
        return view

    @staticmethod
    def _fill(session: Session, view: View, row: State) -> None:
        for batch in reading.added_since(session, row.id, row.encoder, -1, row.revision):
            view.apply(batch, [], 0)
        view.apply([], reading.removed_since(session, row.id, -1, row.revision), row.revision)

    def _path(self, key: tuple[int, str]) -> Path:
        return self.folder / f"{key[0]}-{key[1][:16]}"

    def save(self) -> None:
        """Write a snapshot of each view that changed enough since its last one."""
        for key, view in list(self._views.items()):
            if self._changed.get(key, 0) >= min(SAVE_AFTER, max(1, len(view.ids) // 10)):
                snapshots.save(view, self._path(key))
                self._changed[key] = 0


def _named(database: Database) -> str:
    """The same for the same database, whatever its password."""
    return hashlib.sha256(database.engine.url.render_as_string(hide_password=True).encode()).hexdigest()[:16]


def reembed(database: Database, collection_id: int, encoder: Encoder, progress: Callable[[int], None]) -> int:
    """Give every passage a vector under `encoder`, then point the collection to it.

    returns: how many passages were embedded. A second run goes on where a killed one stopped.
    """
    done = 0
    while True:
        with database.session() as session:
            rows = session.execute(_missing(collection_id, encoder).limit(REEMBED_BATCH)).all()
        if rows:
            titled = [Document("", title, "", passages=(reading.passage_of(row),)) for row, title in rows]
            vectors = [one for [one] in embed(titled, encoder)]
            with database.session(write=True) as session:
                alive = set(
                    session.scalars(select(PassageRow.id).where(PassageRow.id.in_([row.id for row, _ in rows])))
                )
                values = [
                    storing.vector_values(row.id, encoder.fingerprint, vector)
                    for (row, _), vector in zip(rows, vectors, strict=True)
                    if row.id in alive
                ]
                if values:
                    session.execute(insert(VectorRow), values)
            done += len(rows)
            progress(done)
            continue
        with database.session(write=True) as session:
            collection = storing.lock_collection(session, collection_id)
            left = session.scalar(select(func.count()).select_from(_missing(collection_id, encoder).subquery()))
            if left:
                continue  # put by another process since we looked
            old, collection.encoder, collection.dim = collection.encoder, encoder.fingerprint, encoder.dim
        if old != encoder.fingerprint:
            _forget(database, collection_id, old)
        return done


def _missing(collection_id: int, encoder: Encoder) -> Select[PassageRow, str]:
    held = select(VectorRow.passage_id).where(VectorRow.encoder == encoder.fingerprint)
    return (
        select(PassageRow, DocumentRow.title)
        .join(DocumentRow, DocumentRow.id == PassageRow.document_id)
        .where(PassageRow.collection_id == collection_id, PassageRow.id.not_in(held))
        .order_by(PassageRow.id)
    )


def _forget(database: Database, collection_id: int, encoder: str) -> None:
    with database.session(write=True) as session:
        mine = select(PassageRow.id).where(PassageRow.collection_id == collection_id)
        session.execute(delete(VectorRow).where(VectorRow.encoder == encoder, VectorRow.passage_id.in_(mine)))
