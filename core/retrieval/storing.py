"""What changes the index's tables: documents in and out, at a revision. Runs no model and keeps no state."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from core.errors import Conflict
from core.retrieval.documents import Document
from core.retrieval.reading import BATCH, Vectors
from core.retrieval.tables import CollectionRow, DocumentRow, PassageRow, RemovalRow, VectorRow


class Dropped(Conflict):
    """A collection that vanished under a writer."""

    def __init__(self) -> None:
        super().__init__("the collection was dropped meanwhile", remedy="create it again and repeat the import")


def content_hash(document: Document) -> str:
    """SHA-256 over all of a document that is embedded or cited; metadata is left out, it needs no vector."""
    content = [
        document.kind,
        document.title,
        document.text,
        [[p.key, p.start, p.end, p.heading, p.sentences, p.aliases] for p in document.passages],
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def lock_collection(session: Session, collection_id: int) -> CollectionRow:
    """Read a collection and keep other writers out until the commit, so that revisions commit in order.

    raises: Dropped
    """
    row = session.scalar(select(CollectionRow).where(CollectionRow.id == collection_id).with_for_update())
    if row is None:
        raise Dropped
    return row


def insert_document(
    session: Session,
    collection: CollectionRow,
    document: Document,
    vectors: Sequence[Vectors],
    encoder: str,
    now: datetime,
) -> None:
    """Write a document with its passages and vectors at the collection's present revision."""
    row = DocumentRow(
        collection_id=collection.id,
        key=document.key,
        kind=document.kind,
        title=document.title,
        source=document.source,
        text=document.text,
        meta=dict(document.metadata),
        content_hash=content_hash(document),
        updated_at=now,
    )
    session.add(row)
    session.flush()
    passages = [
        PassageRow(
            collection_id=collection.id,
            document_id=row.id,
            revision=collection.revision,
            key=passage.key,
            text=passage.text,
            start=passage.start,
            end=passage.end,
            heading=list(passage.heading),
            sentences=[list(span) for span in passage.sentences],
            aliases=list(passage.aliases),
        )
        for passage in document.passages
    ]
    session.add_all(passages)
    session.flush()
    if passages:
        session.execute(
            insert(VectorRow),
            [vector_values(p.id, encoder, v) for p, v in zip(passages, vectors, strict=True)],
        )


def vector_values(passage_id: int, encoder: str, vectors: Vectors) -> dict[str, object]:
    """The columns of a VectorRow."""
    return {
        "passage_id": passage_id,
        "encoder": encoder,
        "passage": vectors.passage.astype("<f4").tobytes(),
        "details": vectors.details.astype("<f2").tobytes(),
    }


def delete_documents(session: Session, collection: CollectionRow, ids: Sequence[int]) -> None:
    """Remove documents and leave removals behind for the views, at the collection's present revision."""
    for at in range(0, len(ids), BATCH):
        chosen = ids[at : at + BATCH]
        gone = session.scalars(select(PassageRow.id).where(PassageRow.document_id.in_(chosen))).all()
        if gone:
            session.execute(
                insert(RemovalRow),
                [{"passage_id": i, "collection_id": collection.id, "revision": collection.revision} for i in gone],
            )
        session.execute(delete(DocumentRow).where(DocumentRow.id.in_(chosen)))


def forget_removals(session: Session, collection: CollectionRow, upto: int) -> None:
    """Drop removals up to a revision; views older than it rebuild."""
    session.execute(delete(RemovalRow).where(RemovalRow.collection_id == collection.id, RemovalRow.revision <= upto))
    session.execute(update(CollectionRow).where(CollectionRow.id == collection.id).values(floor=upto))
