"""Collections of documents: the public face of the index. Rules about SQL and views are behind it."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from core.backend.encoder import Encoder, Floats
from core.database import Database
from core.errors import Invalid, Overloaded
from core.retrieval import follow, store
from core.retrieval.documents import Document, Hit, Metadata, Signals
from core.retrieval.embedding import embed
from core.retrieval.filters import parse_filter
from core.retrieval.fusion import DEFAULT, Weights
from core.retrieval.notes import keep_note, notes_of
from core.retrieval.pairs import near_pairs
from core.retrieval.speech import asked_in
from core.retrieval.store import NoSuchCollection, State, Stored, Vectors
from core.retrieval.subjects import FIELD
from core.retrieval.tables import CollectionRow, DocumentRow
from core.retrieval.view import Found, View, Wanted

MOST_HITS = 1_000
KEPT = 20_000  # passages whose text is kept in memory
Keep = Callable[[Metadata, Metadata], Metadata]
"""From a document's stored metadata and what an import brings to what is stored; called under the collection's lock."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_log = logging.getLogger(__name__)


class EncoderChanged(Overloaded):
    """The collection's vectors come from another model than this process runs."""

    retry_after_s = 30

    def __init__(self, name: str) -> None:
        super().__init__(
            f"collection {name!r} was embedded with another model",
            remedy=f"run `trivium db reembed {name}`, or start with the model it was embedded with",
        )


@dataclass(frozen=True)
class PutReport:
    """Keys of documents by what became of them."""

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Near:
    """Two passages that are near each other, scores 0. ids: their rows;  cosine: of their vectors

    sentences: (s1, s2) cosines of their sentences
    """

    one: Hit
    other: Hit
    ids: tuple[int, int]
    cosine: float
    sentences: Floats


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
        return store.states_in(self.database)

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
                store.forget_removals(session, row, row.revision)

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
                fresh = store.passages_by_id(session, missing)
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
        return store.state_of(self.home.database, self.name)

    def count(self) -> int:
        """How many documents it holds."""
        collection_id = self.state().id
        with self.home.database.session() as session:
            return store.count_documents(session, collection_id)

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
            keep_note(session, store.lock_collection(session, collection_id), name, value)

    def put(self, documents: Sequence[Document], *, keep: Keep = lambda _, brought: brought) -> PutReport:
        """Add or replace documents by key, all or none. When it returns, every process finds them.

        What is unchanged is not embedded again.
        keep: what becomes of the metadata of a document that is there already
        raises: Invalid for two documents of one key, EncoderChanged
        """
        duplicate = _first_duplicate([document.key for document in documents])
        if duplicate is not None:
            raise Invalid(f"two documents have the key {duplicate!r:.200}", remedy="give each a key of its own")
        hashes = {document.key: store.content_hash(document) for document in documents}
        vectors: dict[str, list[Vectors]] = {}
        collection_id = self.state().id
        while True:
            vectors |= self._embed_missing(collection_id, documents, hashes, vectors)
            report = self._write(collection_id, documents, hashes, vectors, keep)
            if report is not None:
                return report

    def _embed_missing(
        self,
        collection_id: int,
        documents: Sequence[Document],
        hashes: Mapping[str, str],
        known: Mapping[str, list[Vectors]],
    ) -> dict[str, list[Vectors]]:
        with self.home.database.session() as session:
            stored = {
                key: row.content_hash for key, row in store.stored_hashes(session, collection_id, list(hashes)).items()
            }
        missing = [d for d in documents if d.key not in known and stored.get(d.key) != hashes[d.key]]
        return dict(zip((d.key for d in missing), embed(missing, self.home.encoder), strict=True))

    def _write(
        self,
        collection_id: int,
        documents: Sequence[Document],
        hashes: Mapping[str, str],
        vectors: Mapping[str, list[Vectors]],
        keep: Keep,
    ) -> PutReport | None:
        """returns: None when another writer changed a document meanwhile, so that it must be embedded after all"""
        added: list[str] = []
        replaced: list[str] = []
        unchanged: list[str] = []
        encoder = self.home.encoder
        with self.home.database.session(write=True) as session:
            row = store.lock_collection(session, collection_id)
            if row.encoder != encoder.fingerprint:
                raise EncoderChanged(self.name)
            stored = store.stored_hashes(session, collection_id, list(hashes))
            row.revision += 1
            for brought in documents:
                document, old = brought, stored.get(brought.key)
                if old is not None:
                    document = replace(brought, metadata=keep(old.meta, brought.metadata))
                same = old is not None and old.content_hash == hashes[document.key]
                if old is not None and same and (old.meta, old.source) == (dict(document.metadata), document.source):
                    unchanged.append(document.key)
                    continue
                rows = vectors.get(document.key)
                if rows is None and same and old is not None:
                    rows = store.vectors_of(session, old.id, encoder.fingerprint, encoder.dim)
                if rows is None:
                    session.rollback()
                    return None
                if old is not None:
                    store.delete_documents(session, row, [old.id])
                    session.expunge(old)
                store.insert_document(session, row, document, rows, encoder.fingerprint, self.home.clock())
                (added if old is None else replaced).append(document.key)
            if not added and not replaced:
                row.revision -= 1
        return PutReport(tuple(added), tuple(replaced), tuple(unchanged))

    def amend(self, key: str, change: Callable[[Metadata], Metadata]) -> bool:
        """Change a document's metadata; nothing is embedded. When it returns, every process filters by it.

        change: called under the collection's lock with what is stored
        returns: whether there is such a document
        raises: EncoderChanged
        """
        collection_id = self.state().id
        encoder = self.home.encoder
        with self.home.database.session(write=True) as session:
            row = store.lock_collection(session, collection_id)
            if row.encoder != encoder.fingerprint:
                raise EncoderChanged(self.name)
            old = store.stored_hashes(session, row.id, [key]).get(key)
            if old is None:
                return False
            document = store.document_of(session, old)
            changed = replace(document, metadata=change(document.metadata))
            if changed.metadata == document.metadata:
                return True
            vectors = store.vectors_of(session, old.id, encoder.fingerprint, encoder.dim)
            row.revision += 1
            old_id = old.id
            session.expunge_all()
            session.add(row)
            store.delete_documents(session, row, [old_id])
            store.insert_document(session, row, changed, vectors, encoder.fingerprint, self.home.clock())
            return True

    def remove(self, keys: Sequence[str]) -> int:
        """Delete documents by key; unknown keys are passed over. returns: how many went"""
        collection_id = self.state().id
        with self.home.database.session(write=True) as session:
            row = store.lock_collection(session, collection_id)
            stored = store.stored_hashes(session, row.id, keys)
            if stored:
                row.revision += 1
                ids = [document.id for document in stored.values()]
                session.expunge_all()
                session.add(row)
                store.delete_documents(session, row, ids)
            return len(stored)

    def documents(self, keys: Sequence[str]) -> list[Document]:
        """The documents among `keys` that exist, in the order of `keys`."""
        collection_id = self.state().id
        with self.home.database.session() as session:
            stored = store.stored_hashes(session, collection_id, keys)
            return [store.document_of(session, stored[key]) for key in keys if key in stored]

    def stored(self, key: str) -> DocumentRow | None:
        """One document as it lies in the database, or None."""
        collection_id = self.state().id
        with self.home.database.session() as session:
            return store.stored_hashes(session, collection_id, [key]).get(key)

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
        for k, _ in wanted:
            _check_k(k)
        lists = [Wanted(k, parse_filter(where) if where is not None else None) for k, where in wanted]

        def find(view: View) -> list[list[Found]]:
            # Where rows name their subject, it is heard in the conversation, whose other words distract: read along,
            # they cost .06 of the right entries in first place on DSTC10 (docs/decisions/0011).
            has_subjects = view.has(FIELD)
            follows = bool(context) and not has_subjects
            meant = view.speller.mend(asked_in(text) if has_subjects else text)
            whole = f"{context} {meant}" if follows else meant
            rows = self.home.encoder.encode([meant, whole] if follows else [meant])
            query = rows.sum(axis=0)  # (1 or 2, d) -> (d,)
            return view.search(whole, query / np.linalg.norm(query), lists, weights, (*turns, text))

        return self._hits(find)

    def nearest(self, vector: Floats, k: int = 10, *, where: Mapping[str, Any] | None = None) -> list[Hit]:
        """The best `k` passages by passage vector alone; score: cosine.

        vector: (d,), unit length
        """
        condition = parse_filter(where) if where is not None else None
        _check_k(k)

        def found(view: View) -> list[list[Found]]:
            pairs = view.nearest(vector, k, condition)
            return [[Found(i, cosine, Signals(cosine)) for i, cosine in pairs]]

        return self._hits(found)[0]

    def passing(self, where: Mapping[str, Any] | None) -> list[Hit]:
        """Every passage whose document passes a filter, in the order of arrival."""
        condition = parse_filter(where) if where is not None else None
        return self._hits(lambda view: [[Found(i, 0.0, Signals(0.0)) for i in view.passing(condition)]])[0]

    def passage_ids(self, keys: Sequence[str] | None = None) -> list[int]:
        """Row ids of all passages, or of those of some documents. An id never stands for another text."""
        state = self.state()
        if keys is None:
            return self.home.current(state).passing(None)
        with self.home.database.session() as session:
            return store.passage_ids(session, state.id, keys)

    def near_pairs(
        self, k: int, least: float, *, fresh: Set[int] | None = None, keys: Sequence[str] | None = None
    ) -> list[Near]:
        """For each passage its `k` nearest others, each pair once; nothing is embedded.

        fresh, keys: passages, or documents, of which at least one stands in each pair;  least: cosine of the passages
        """
        chosen = set(self.passage_ids(keys)) if keys is not None else set(fresh) if fresh is not None else None
        pairs = near_pairs(self.home.current(self.state()), chosen, k, least)
        stored = self.home.stored(list({i for pair in pairs for i in (pair.one, pair.other)}))
        return [
            Near(
                _hit(Found(pair.one, 0.0, Signals(0.0)), stored[pair.one]),
                _hit(Found(pair.other, 0.0, Signals(0.0)), stored[pair.other]),
                (pair.one, pair.other),
                pair.cosine,
                pair.sentences,
            )
            for pair in pairs
            if pair.one in stored and pair.other in stored
        ]

    def _hits(self, find: Callable[[View], list[list[Found]]]) -> list[list[Hit]]:
        """Find in the view and read the rows; what was replaced between the two is looked for once more."""
        lists: list[list[Hit]] = []
        for _ in range(3):
            found = find(self.home.current(self.state()))
            stored = self.home.stored([one.id for part in found for one in part])
            lists = [[_hit(one, stored[one.id]) for one in part if one.id in stored] for part in found]
            if sum(map(len, lists)) == sum(map(len, found)):
                break
        return lists

    def reembed(self, encoder: Encoder, progress: Callable[[int], None] = lambda _: None) -> int:
        """Embed everything with another encoder beside the live view, then swap. returns: passages embedded

        Processes with the old encoder go on until the swap; documents put meanwhile are taken along.
        """
        return follow.reembed(self.home.database, self.state().id, encoder, progress)


def _hit(one: Found, stored: Stored) -> Hit:
    return Hit(
        id=stored.document if stored.kind == "row" else stored.passage.key,
        score=one.score,
        document=stored.document,
        title=stored.title,
        source=stored.source,
        passage=stored.passage,
        metadata=stored.metadata,
        signals=one.signals,
    )


def _check_k(k: int) -> None:
    if not 1 <= k <= MOST_HITS:
        raise Invalid(f"k is {k}", remedy=f"ask for 1 to {MOST_HITS} hits")


def _first_duplicate(keys: Sequence[str]) -> str | None:
    seen: set[str] = set()
    return next((key for key in keys if key in seen or seen.add(key)), None)  # type: ignore[func-returns-value]
