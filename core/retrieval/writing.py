"""Documents into a collection and out of it; each call is one transaction, which moves the revision by one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.backend.encoder import Encoder
from core.database import Database
from core.errors import Invalid, Overloaded
from core.retrieval import reading, storing
from core.retrieval.documents import Document, Metadata
from core.retrieval.embedding import embed
from core.retrieval.reading import Vectors

Keep = Callable[[Metadata, Metadata], Metadata]
"""From a document's stored metadata and what an import brings to what is stored; called under the collection's lock."""


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
class Writer:
    """Writes to one collection; `Collection` says what each step does. id: of its row"""

    database: Database
    encoder: Encoder
    clock: Callable[[], datetime]
    id: int
    name: str

    def put(self, documents: Sequence[Document], keep: Keep) -> PutReport:
        """raises: Invalid for two documents of one key, EncoderChanged"""
        duplicate = _first_duplicate([document.key for document in documents])
        if duplicate is not None:
            raise Invalid(f"two documents have the key {duplicate!r:.200}", remedy="give each a key of its own")
        hashes = {document.key: storing.content_hash(document) for document in documents}
        vectors: dict[str, list[Vectors]] = {}
        while True:
            vectors |= self._embed_missing(documents, hashes, vectors)
            report = self._write(documents, hashes, vectors, keep)
            if report is not None:
                return report

    def _embed_missing(
        self,
        documents: Sequence[Document],
        hashes: Mapping[str, str],
        known: Mapping[str, list[Vectors]],
    ) -> dict[str, list[Vectors]]:
        with self.database.session() as session:
            stored = {
                key: row.content_hash for key, row in reading.stored_hashes(session, self.id, list(hashes)).items()
            }
        missing = [d for d in documents if d.key not in known and stored.get(d.key) != hashes[d.key]]
        return dict(zip((d.key for d in missing), embed(missing, self.encoder), strict=True))

    def _write(
        self,
        documents: Sequence[Document],
        hashes: Mapping[str, str],
        vectors: Mapping[str, list[Vectors]],
        keep: Keep,
    ) -> PutReport | None:
        """returns: None when another writer changed a document meanwhile, so that it must be embedded after all"""
        added: list[str] = []
        replaced: list[str] = []
        unchanged: list[str] = []
        encoder = self.encoder
        with self.database.session(write=True) as session:
            row = storing.lock_collection(session, self.id)
            if row.encoder != encoder.fingerprint:
                raise EncoderChanged(self.name)
            stored = reading.stored_hashes(session, self.id, list(hashes))
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
                    rows = reading.vectors_of(session, old.id, encoder.fingerprint, encoder.dim)
                if rows is None:
                    session.rollback()
                    return None
                if old is not None:
                    storing.delete_documents(session, row, [old.id])
                    session.expunge(old)
                storing.insert_document(session, row, document, rows, encoder.fingerprint, self.clock())
                (added if old is None else replaced).append(document.key)
            if not added and not replaced:
                row.revision -= 1
        return PutReport(tuple(added), tuple(replaced), tuple(unchanged))

    def amend(self, key: str, change: Callable[[Metadata], Metadata]) -> bool:
        """raises: EncoderChanged"""
        encoder = self.encoder
        with self.database.session(write=True) as session:
            row = storing.lock_collection(session, self.id)
            if row.encoder != encoder.fingerprint:
                raise EncoderChanged(self.name)
            old = reading.stored_hashes(session, row.id, [key]).get(key)
            if old is None:
                return False
            document = reading.document_of(session, old)
            changed = replace(document, metadata=change(document.metadata))
            if changed.metadata == document.metadata:
                return True
            vectors = reading.vectors_of(session, old.id, encoder.fingerprint, encoder.dim)
            row.revision += 1
            old_id = old.id
            session.expunge_all()
            session.add(row)
            storing.delete_documents(session, row, [old_id])
            storing.insert_document(session, row, changed, vectors, encoder.fingerprint, self.clock())
            return True

    def remove(self, keys: Sequence[str]) -> int:
        """returns: how many went"""
        with self.database.session(write=True) as session:
            row = storing.lock_collection(session, self.id)
            stored = reading.stored_hashes(session, row.id, keys)
            if stored:
                row.revision += 1
                ids = [document.id for document in stored.values()]
                session.expunge_all()
                session.add(row)
                storing.delete_documents(session, row, ids)
            return len(stored)


def _first_duplicate(keys: Sequence[str]) -> str | None:
    seen: set[str] = set()
    return next((key for key in keys if key in seen or seen.add(key)), None)  # type: ignore[func-returns-value]
