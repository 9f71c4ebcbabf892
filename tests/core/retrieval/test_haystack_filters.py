"""Haystack's own filter suite, through an adapter that only translates its documents."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from haystack.dataclasses import Document as HaystackDocument
from haystack.document_stores.types import DuplicatePolicy
from haystack.errors import FilterError
from haystack.testing.document_store import FilterDocumentsTest

from core.database import Base, Database
from core.retrieval import tables
from core.retrieval.collections import Collection, Collections
from core.retrieval.documents import Document, Passage
from core.retrieval.filters import BadFilter
from core.testing.fakes import FixedClock, LetterEncoder


class ThinStore:
    """What the suite calls of a document store, over one collection."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    def write_documents(self, documents: list[HaystackDocument], policy: Any = DuplicatePolicy.NONE) -> int:
        rows = [_ours(document) for document in documents]
        return len(self.collection.put(rows).added)

    def filter_documents(self, filters: dict[str, Any] | None = None) -> list[HaystackDocument]:
        try:
            hits = self.collection.passing(filters or None)
        except BadFilter as error:
            raise FilterError(str(error)) from error
        return [HaystackDocument.from_dict(json.loads(hit.passage.text)) for hit in hits]


def _ours(document: HaystackDocument) -> Document:
    whole = json.dumps(document.to_dict(flatten=False))
    passage = Passage(key=document.id, text=whole, start=0, end=len(whole))
    metadata = {"meta": document.meta, "content": document.content, "id": document.id}
    return Document(document.id, "", whole, metadata=metadata, passages=(passage,), kind="row")


class TestFilters(FilterDocumentsTest):
    @pytest.fixture
    def document_store(self, tmp_path: Path) -> Iterator[ThinStore]:
        database = Database(f"sqlite:///{tmp_path / 'filters.db'}")
        Base.metadata.create_all(database.engine, tables=tables.ALL)
        yield ThinStore(Collections(database, LetterEncoder(), tmp_path, FixedClock()).ensure("filters"))
        database.close()
