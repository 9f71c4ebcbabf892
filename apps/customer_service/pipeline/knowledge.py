"""The knowledge base: import, list, show, remove. Each file succeeds or fails alone and is named."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from apps.customer_service.schemas.knowledge import DocumentDetail, DocumentSummary, FailedFile, ImportReport
from core.errors import NotFound
from core.ingest.files import FailedSource, read_bytes, read_sources
from core.paging import Page, decode_cursor, encode_cursor
from core.retrieval.collections import Collection
from core.retrieval.documents import Document

BATCH = 64  # documents a transaction: few enough that a killed import has acknowledged most of what it did


class NoSuchDocument(NotFound):
    """A document that was never imported, or was removed."""

    def __init__(self, key: str, collection: str) -> None:
        super().__init__(f"there is no document {key!r:.200} in {collection!r}", remedy="list the documents first")


@dataclass
class Tally:
    """What an import has done so far, by document key."""

    added: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: list[FailedSource] = field(default_factory=list)

    @property
    def searchable(self) -> int:
        """How many documents are acknowledged."""
        return len(self.added) + len(self.replaced) + len(self.unchanged)

    def report(self, collection: str) -> ImportReport:
        """As it goes over the wire."""
        return ImportReport(
            collection=collection,
            added=self.added,
            replaced=self.replaced,
            unchanged=self.unchanged,
            failed=[FailedFile(name=source.name, reason=str(source.error)) for source in self.failed],
        )


def import_paths(
    paths: Sequence[Path], collection: Collection, max_bytes: int, acknowledge: Callable[[Sequence[str]], None]
) -> Tally:
    """Import files and folders.

    acknowledge: called with the keys of each batch once it is committed; from then on every process finds them
    """
    tally = Tally()
    put(_readable(read_sources(paths, max_bytes=max_bytes), tally.failed), collection, tally, acknowledge)
    return tally


def import_upload(name: str, data: bytes, collection: Collection, max_bytes: int) -> Tally:
    """Import one uploaded file, whole or not at all."""
    tally = Tally()
    documents = read_bytes(name, data, max_bytes=max_bytes)
    report = collection.put(documents)
    tally.added += report.added
    tally.replaced += report.replaced
    tally.unchanged += report.unchanged
    return tally


def import_rows(rows: Sequence[Mapping[str, Any]], collection: Collection, name: str = "request.jsonl") -> Tally:
    """Import rows as a JSON Lines file holds them, all or none. name: what sources are called after"""
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return import_upload(name, lines.encode(), collection, max_bytes=len(lines.encode()))


def put(
    documents: Iterable[Document],
    collection: Collection,
    tally: Tally,
    acknowledge: Callable[[Sequence[str]], None] = lambda _: None,
) -> None:
    """Put documents in batches, each one transaction."""
    source = iter(documents)
    while batch := list(islice(source, BATCH)):
        report = collection.put(batch)
        tally.added += report.added
        tally.replaced += report.replaced
        tally.unchanged += report.unchanged
        acknowledge([document.key for document in batch])


def _readable(sources: Iterable[Document | FailedSource], failed: list[FailedSource]) -> Iterator[Document]:
    for source in sources:
        if isinstance(source, FailedSource):
            failed.append(source)
        else:
            yield source


def page(collection: Collection, cursor: str | None, limit: int) -> Page[DocumentSummary]:
    """Documents in order of key."""
    place = decode_cursor(cursor, key=str)
    rows = collection.page(after=str(place["key"]) if place else "", limit=limit + 1)
    items = [
        DocumentSummary(
            key=row.key,
            title=row.title,
            source=row.source,
            kind="row" if row.kind == "row" else "file",
            metadata=row.meta,
            updated_at=row.updated_at,
        )
        for row in rows[:limit]
    ]
    return Page(items=items, next_cursor=encode_cursor(key=items[-1].key) if len(rows) > limit else None)


def show(collection: Collection, key: str) -> DocumentDetail:
    """raises: NoSuchDocument"""
    found = collection.stored(key)
    if found is None:
        raise NoSuchDocument(key, collection.name)
    return DocumentDetail(
        key=found.key,
        title=found.title,
        source=found.source,
        kind="row" if found.kind == "row" else "file",
        metadata=found.meta,
        updated_at=found.updated_at,
        text=found.text,
    )


def remove(collection: Collection, key: str) -> None:
    """raises: NoSuchDocument"""
    if not collection.remove([key]):
        raise NoSuchDocument(key, collection.name)
