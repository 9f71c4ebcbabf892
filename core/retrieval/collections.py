"""Collections of documents: the public face of the index. Rules about SQL and views are behind it."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from core.backend.encoder import Encoder, Floats
from core.database import Database
from core.errors import Invalid
from core.retrieval import follow, reading, searching, storing
from core.retrieval.documents import Document, Hit, Metadata
from core.retrieval.fusion import DEFAULT, Weights
from core.retrieval.notes import keep_note, notes_of
from core.retrieval.pairs import near_pairs
from core.retrieval.reading import NoSuchCollection, State, Stored
from core.retrieval.searching import Near
from core.retrieval.tables import CollectionRow, DocumentRow
from core.retrieval.view import View
from core.retrieval.writing import EncoderChanged, Keep, PutReport, Writer

KEPT = 20_000  # passages whose text is kept in memory
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CollectionInfo:
    """A collection at a glance."""

    name: str
    documents: int
    revision: int
    encoder: str


class Collections:
    """All collections of one database, searched with one encoder."""

    def __init__(self, database: Database, encoder: Encoder, home: Path, clock: Callable[[], datetime]) -> None:
        self.database = database
        self.encoder = encoder
        self.home = home
        self.clock = clock
        self._stored: dict[int, Stored] = {}
        self._views = follow.Views(database, home / "index", getattr(encoder, "common_words", frozenset()))

    def names(self) -> list[CollectionInfo]:
        """All collections in order of name."""
        with self.database.session() as session:
            counted = select(CollectionRow, func.count(DocumentRow.id)).outerjoin(
                DocumentRow, DocumentRow.collection_id == CollectionRow.id
            )
            rows = session.execute(counted.group_by(CollectionRow.id).order_by(CollectionRow.name)).all()
            return [CollectionInfo(row.name, documents, row.revision, row.encoder) for row, documents in rows]

    def states(self) -> list[State]:
        """All collections as they are now, in order of name; one small query, for those who look again and again."""
        return reading.states_in(self.database)

    def get(self, name: str) -> "Collection":
        """raises: NoSuchCollection"""
        collection = Collection(self, name)
        collection.state()
        return collection

    def ensure(self, name: str) -> "Collection":
        """The collection, made when it is missing.

        raises: Invalid for a name that is not lower-case letters, digits, '-', '_' or '.'
        """
        if not _NAME.fullmatch(name):
            raise Invalid(
                f"{name!r:.80} cannot name a collection",
                remedy="use up to 64 lower-case letters, digits, '-', '_' or '.', starting with a letter or digit",
            )
        try:
            with self.database.session(write=True) as session:
                if not session.scalar(select(CollectionRow.id).where(CollectionRow.name == name)):
                    session.add(
                        CollectionRow(
                            name=name,
                            revision=0,
                            floor=0,
                            encoder=self.encoder.fingerprint,
                            dim=self.encoder.dim,
                            created_at=self.clock(),
                        )
                    )
        except IntegrityError:
            _log.debug("collection was made by another process at the same moment")
        return self.get(name)

    def drop(self, name: str) -> None:
        """Delete a collection with all its documents and vectors.

        raises: NoSuchCollection
        """
        with self.database.session(write=True) as session:
            gone = delete(CollectionRow).where(CollectionRow.name == name).returning(CollectionRow.id)
            if session.scalar(gone) is None:
                raise NoSuchCollection(name)

    def save(self) -> None:
        """Write a snapshot of every view that has moved far since its last one."""
        self._views.save()

    def forget_removals(self) -> None:
        """Drop the record of removals so far; a view that has not followed them yet is rebuilt."""
        with self.database.session(write=True) as session:
            for row in session.scalars(select(CollectionRow).with_for_update()):
                storing.forget_removals(session, row, row.revision)

    def current(self, state: State) -> View:
        """The view of a collection, complete up to the state's revision."""
        if state.encoder != self.encoder.fingerprint:
            raise EncoderChanged(state.name)
        return self._views.current(state)

    def stored(self, ids: Sequence[int]) -> dict[int, Stored]:
        """Passages by id, those that exist. A passage never changes under its id, so what was read once is kept."""
        known = self._stored
        missing = [i for i in ids if i not in known]
        if missing:
            with self.database.session() as session:
                fresh = reading.passages_by_id(session, missing)
            if len(known) + len(fresh) > KEPT:
                self._stored = known = {}
            known |= fresh
        return {i: known[i] for i in ids if i in known}


class Collection:
    """One collection. Cheap to make; all state is in the database and the shared views."""

    def __init__(self, home: Collections, name: str) -> None:
        self.home = home
        self.name = name

    def state(self) -> State:
        """The collection as it is now. raises: NoSuchCollection"""
        return reading.state_of(self.home.database, self.name)

    def count(self) -> int:
        """How many documents it holds."""
        collection_id = self.state().id
        with self.home.database.session() as session:
            return reading.count_documents(session, collection_id)

    def fields(self, *names: str) -> list[bool]:
        """Whether any of its documents has each of these metadata fields."""
        view = self.home.current(self.state())
        return [view.has(name) for name in names]

    def notes(self) -> dict[str, str]:
        """What is known about the collection: JSON by name."""
        return notes_of(self.home.database, self.name)

    def note(self, name: str, value: str | None) -> None:
        """Keep a note beside the collection, for every process; it goes with the collection.

        value: JSON; None forgets it
        """
        collection_id = self.state().id
        with self.home.database.session(write=True) as session:
            keep_note(session, storing.lock_collection(session, collection_id), name, value)

    def _writer(self) -> Writer:
        home = self.home
        return Writer(home.database, home.encoder, home.clock, self.state().id, self.name)

    def put(self, documents: Sequence[Document], *, keep: Keep = lambda _, brought: brought) -> PutReport:
        """Add or replace documents by key, all or none. When it returns, every process finds them.

        What is unchanged is not embedded again.
        keep: what becomes of the metadata of a document that is there already
        raises: Invalid for two documents of one key, EncoderChanged
        """
        return self._writer().put(documents, keep)

    def amend(self, key: str, change: Callable[[Metadata], Metadata]) -> bool:
        """Change a document's metadata; nothing is embedded. When it returns, every process filters by it.

        change: called under the collection's lock with what is stored
        returns: whether there is such a document
        raises: EncoderChanged
        """
        return self._writer().amend(key, change)

    def remove(self, keys: Sequence[str]) -> int:
        """Delete documents by key; unknown keys are passed over. returns: how many went"""
        return self._writer().remove(keys)

    def documents(self, keys: Sequence[str]) -> list[Document]:
        """The documents among `keys` that exist, in the order of `keys`."""
        collection_id = self.state().id
        with self.home.database.session() as session:
            stored = reading.stored_hashes(session, collection_id, keys)
            return [reading.document_of(session, stored[key]) for key in keys if key in stored]

    def stored(self, key: str) -> DocumentRow | None:
        """One document as it lies in the database, or None."""
        collection_id = self.state().id
        with self.home.database.session() as session:
            return reading.stored_hashes(session, collection_id, [key]).get(key)

    def page(self, after: str = "", limit: int = 50) -> list[DocumentRow]:
        """Documents in order of key, from behind `after`."""
        collection_id = self.state().id
        with self.home.database.session() as session:
            return list(
                session.scalars(
                    select(DocumentRow)
                    .where(DocumentRow.collection_id == collection_id, DocumentRow.key > after)
                    .order_by(DocumentRow.key)
                    .limit(limit)
                )
            )

    def search(
        self,
        text: str,
        k: int = 10,
        *,
        where: Mapping[str, Any] | None = None,
        context: str = "",
        turns: Sequence[str] = (),
        weights: Weights = DEFAULT,
    ) -> list[Hit]:
        """The best `k` passages by meaning and by words.

        where: a metadata filter (core.retrieval.filters)
        context: what was said before; a follow-up ("and abroad?") is read both alone and behind it
        turns: all that was said before, oldest first; where rows name their subject, it is heard here
        raises: Invalid when k is out of range or the filter cannot be read, EncoderChanged
        """
        [hits] = self.search_lists(text, [(k, where)], context=context, turns=turns, weights=weights)
        return hits

    def search_lists(
        self,
        text: str,
        wanted: Sequence[tuple[int, Mapping[str, Any] | None]],
        *,
        context: str = "",
        turns: Sequence[str] = (),
        weights: Weights = DEFAULT,
    ) -> list[list[Hit]]:
        """Several lists for one query at little more than the price of one; each is (k, where) as in `search`."""
        find = searching.by_query(text, wanted, self.home.encoder, context=context, turns=turns, weights=weights)
        return self._hits(find)

    def nearest(self, vector: Floats, k: int = 10, *, where: Mapping[str, Any] | None = None) -> list[Hit]:
        """The best `k` passages by passage vector alone; score: cosine.

        vector: (d,), unit length
        """
        return self._hits(searching.by_vector(vector, k, where))[0]

    def passing(self, where: Mapping[str, Any] | None) -> list[Hit]:
        """Every passage whose document passes a filter, in the order of arrival."""
        return self._hits(searching.by_filter(where))[0]

    def passage_ids(self, keys: Sequence[str] | None = None) -> list[int]:
        """Row ids of all passages, or of those of some documents. An id never stands for another text."""
        state = self.state()
        if keys is None:
            return self.home.current(state).passing(None)
        with self.home.database.session() as session:
            return reading.passage_ids(session, state.id, keys)

    def near_pairs(
        self, k: int, least: float, *, fresh: Set[int] | None = None, keys: Sequence[str] | None = None
    ) -> list[Near]:
        """For each passage its `k` nearest others, each pair once; nothing is embedded.

        fresh, keys: passages, or documents, of which at least one stands in each pair;  least: cosine of the passages
        """
        chosen = set(self.passage_ids(keys)) if keys is not None else set(fresh) if fresh is not None else None
        return searching.near(near_pairs(self.home.current(self.state()), chosen, k, least), self.home.stored)

    def _hits(self, find: searching.Find) -> list[list[Hit]]:
        return searching.hits(find, lambda: self.home.current(self.state()), self.home.stored)

    def reembed(self, encoder: Encoder, progress: Callable[[int], None] = lambda _: None) -> int:
        """Embed everything with another encoder beside the live view, then swap. returns: passages embedded

        Processes with the old encoder go on until the swap; documents put meanwhile are taken along.
        """
        return follow.reembed(self.home.database, self.state().id, encoder, progress)
