"""What the index's tables hold: every read of them. Runs no model, changes nothing and keeps no state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from core.backend.encoder import Floats
from core.database import Database
from core.errors import NotFound
from core.retrieval.dense import Halves
from core.retrieval.documents import Document, Passage
from core.retrieval.tables import CollectionRow, DocumentRow, PassageRow, RemovalRow, VectorRow
from core.retrieval.view import Entry

BATCH = 500  # rows a query: below SQLite's limit of variables


class NoSuchCollection(NotFound):
    """A collection that was never made, or was dropped."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no collection {name!r}", remedy="import documents into it first, or check its name")


@dataclass(frozen=True)
class Vectors:
    """The vectors of one passage. passage: (d,);  details: (s + a, d)"""

    passage: Floats
    details: Halves


@dataclass(frozen=True)
class State:
    """A collection as it is now; see CollectionRow."""

    id: int
    name: str
    revision: int
    floor: int
    encoder: str
    dim: int


_STATES = select(
    CollectionRow.id,
    CollectionRow.name,
    CollectionRow.revision,
    CollectionRow.floor,
    CollectionRow.encoder,
    CollectionRow.dim,
)
_STATE = _STATES.where(CollectionRow.name == bindparam("name"))


def states_in(database: Database) -> list[State]:
    """All collections, in order of name."""
    with database.reading() as connection:
        return [State(*row) for row in connection.execute(_STATES.order_by(CollectionRow.name))]


def state_of(database: Database, name: str) -> State:
    """Read in every search, so without a session: a quarter of its time. raises: NoSuchCollection"""
    with database.reading() as connection:
        row = connection.execute(_STATE, {"name": name}).first()
    if row is None:
        raise NoSuchCollection(name)
    return State(*row)


def stored_hashes(session: Session, collection_id: int, keys: Sequence[str]) -> dict[str, DocumentRow]:
    """returns: the documents that exist among `keys`"""
    found: dict[str, DocumentRow] = {}
    for at in range(0, len(keys), BATCH):
        wanted = keys[at : at + BATCH]
        rows = session.scalars(
            select(DocumentRow).where(DocumentRow.collection_id == collection_id, DocumentRow.key.in_(wanted))
        )
        found |= {row.key: row for row in rows}
    return found


def vectors_of(session: Session, document_id: int, encoder: str, dim: int) -> list[Vectors]:
    """returns: the vectors of a document's passages in order, under one encoder"""
    rows = session.execute(
        select(VectorRow.passage, VectorRow.details)
        .join(PassageRow, PassageRow.id == VectorRow.passage_id)
        .where(PassageRow.document_id == document_id, VectorRow.encoder == encoder)
        .order_by(PassageRow.id)
    )
    return [Vectors(read_vector(a), read_details(b, dim)) for a, b in rows]


def read_vector(data: bytes) -> Floats:
    """returns: (d,)"""
    return np.frombuffer(data, dtype="<f4").astype(np.float32)


def read_details(data: bytes, dim: int) -> Halves:
    """returns: (m, d)"""
    return np.frombuffer(data, dtype="<f2").astype(np.float16).reshape(-1, dim)


def words_of_passage(title: str, heading: Sequence[str], text: str, aliases: Sequence[str]) -> str:
    """All that is searched lexically: what stands above the passage, its text, its other wordings."""
    return "\n".join(dict.fromkeys([title, *heading, *aliases, text]))


def added_since(session: Session, collection_id: int, encoder: str, revision: int, upto: int) -> Iterator[list[Entry]]:
    """Passages that came after `revision`, up to `upto`, in batches, with their vectors under `encoder`."""
    last = 0
    while True:
        rows = session.execute(
            select(
                PassageRow,
                DocumentRow.title,
                DocumentRow.meta,
                DocumentRow.kind,
                VectorRow.passage,
                VectorRow.details,
            )
            .join(DocumentRow, DocumentRow.id == PassageRow.document_id)
            .join(VectorRow, VectorRow.passage_id == PassageRow.id)
            .where(
                PassageRow.collection_id == collection_id,
                PassageRow.revision > revision,
                PassageRow.revision <= upto,
                PassageRow.id > last,
                VectorRow.encoder == encoder,
            )
            .order_by(PassageRow.id)
            .limit(BATCH)
        ).all()
        if not rows:
            return
        last = rows[-1][0].id
        yield [
            Entry(
                id=passage.id,
                unit=-passage.document_id if kind == "row" else passage.id,
                words=words_of_passage(title, passage.heading, passage.text, passage.aliases),
                metadata=meta,
                sentences=len(passage.sentences),
                passage=read_vector(vector),
                details=read_details(details, len(vector) // 4),
            )
            for passage, title, meta, kind, vector, details in rows
        ]


def removed_since(session: Session, collection_id: int, revision: int, upto: int) -> list[int]:
    """returns: ids of passages that went after `revision`, up to `upto`"""
    return list(
        session.scalars(
            select(RemovalRow.passage_id).where(
                RemovalRow.collection_id == collection_id,
                RemovalRow.revision > revision,
                RemovalRow.revision <= upto,
            )
        )
    )


def passage_ids(session: Session, collection_id: int, keys: Sequence[str]) -> list[int]:
    """returns: ids of the passages of some documents"""
    found: list[int] = []
    for at in range(0, len(keys), BATCH):
        found += session.scalars(
            select(PassageRow.id)
            .join(DocumentRow, DocumentRow.id == PassageRow.document_id)
            .where(DocumentRow.collection_id == collection_id, DocumentRow.key.in_(keys[at : at + BATCH]))
        )
    return found


@dataclass(frozen=True)
class Stored:
    """A passage with what its document says about it. document: the document's key"""

    passage: Passage
    document: str
    kind: str
    title: str
    source: str
    metadata: dict[str, Any]


_STORED = (
    PassageRow.id,
    PassageRow.key,
    PassageRow.text,
    PassageRow.start,
    PassageRow.end,
    PassageRow.heading,
    PassageRow.sentences,
    DocumentRow.key,
    DocumentRow.kind,
    DocumentRow.title,
    DocumentRow.source,
    DocumentRow.meta,
)


def passages_by_id(session: Session, ids: Sequence[int]) -> dict[int, Stored]:
    """Those that exist, by id; without aliases, which nobody quotes. Columns, not entities: it runs in every search."""
    found: dict[int, Stored] = {}
    for at in range(0, len(ids), BATCH):
        rows = session.execute(
            select(*_STORED)
            .join(DocumentRow, DocumentRow.id == PassageRow.document_id)
            .where(PassageRow.id.in_(ids[at : at + BATCH]))
        )
        for id_, key, text, start, end, heading, sentences, *document in rows:
            passage = Passage(key, text, start, end, tuple(heading), tuple((a, b) for a, b in sentences))
            found[id_] = Stored(passage, *document)
    return found


def passage_of(row: PassageRow) -> Passage:
    """The value that was stored."""
    return Passage(
        key=row.key,
        text=row.text,
        start=row.start,
        end=row.end,
        heading=tuple(row.heading),
        sentences=tuple((span[0], span[1]) for span in row.sentences),
        aliases=tuple(row.aliases),
    )


def document_of(session: Session, row: DocumentRow) -> Document:
    """The value that was stored, passages in order."""
    passages = session.scalars(select(PassageRow).where(PassageRow.document_id == row.id).order_by(PassageRow.id))
    return Document(
        key=row.key,
        title=row.title,
        text=row.text,
        source=row.source,
        metadata=row.meta,
        passages=tuple(passage_of(passage) for passage in passages),
        kind="row" if row.kind == "row" else "file",
    )


def count_documents(session: Session, collection_id: int) -> int:
    """returns: documents in the collection"""
    return int(
        session.scalar(select(func.count()).select_from(DocumentRow).where(DocumentRow.collection_id == collection_id))
        or 0
    )
