"""The knowledge base: import, list, show, remove. Each file succeeds or fails alone and is named."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from apps.customer_service.pipeline import visibility
from apps.customer_service.pipeline.suspicion import look_over
from apps.customer_service.pipeline.visibility import checked, is_seen_by, keep_by_hand
from apps.customer_service.schemas.asking import Audience
from apps.customer_service.schemas.knowledge import (
    DocumentChange,
    DocumentDetail,
    DocumentSummary,
    FailedFile,
    ImportReport,
    SuspiciousText,
)
from core.errors import Invalid, NotFound
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
    removed: list[str] = field(default_factory=list)
    suspicious: list[SuspiciousText] = field(default_factory=list)

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
            removed=self.removed,
            failed=[FailedFile(name=source.name, reason=str(source.error)) for source in self.failed],
            suspicious=self.suspicious,
        )


def import_paths(
    paths: Sequence[Path], collection: Collection, max_bytes: int, acknowledge: Callable[[Sequence[str]], None]
) -> Tally:
    """Import files and folders.

    acknowledge: called with the keys of each batch once it is committed; from then on every process finds them
    """
    tally = Tally()
    sources = read_sources(paths, max_bytes=max_bytes, refine=checked)
    put(readable(sources, tally.failed), collection, tally, acknowledge)
    return tally


def import_upload(name: str, data: bytes, collection: Collection, max_bytes: int) -> Tally:
    """Import one uploaded file, whole or not at all."""
    tally = Tally()
    documents = read_bytes(name, data, max_bytes=max_bytes, refine=checked)
    report = collection.put(documents, keep=keep_by_hand)
    tally.added += report.added
    tally.replaced += report.replaced
    tally.unchanged += report.unchanged
    tally.suspicious += look_over(documents)
    return tally


def import_rows(rows: Sequence[Mapping[str, Any]], collection: Collection, name: str = "request.jsonl") -> Tally:
    """Import rows as a JSON Lines file holds them, all or none. name: what sources are called after"""
    lines = as_lines(rows)
    return import_upload(name, lines, collection, max_bytes=len(lines))


def as_lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as the bytes of a JSON Lines file."""
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def put(
    documents: Iterable[Document],
    collection: Collection,
    tally: Tally,
    acknowledge: Callable[[Sequence[str]], None] = lambda _: None,
) -> None:
    """Put documents in batches, each one transaction."""
    source = iter(documents)
    while batch := list(islice(source, BATCH)):
        report = collection.put(batch, keep=keep_by_hand)
        tally.added += report.added
        tally.replaced += report.replaced
        tally.unchanged += report.unchanged
        tally.suspicious += look_over(batch)
        acknowledge([document.key for document in batch])


def readable(sources: Iterable[Document | FailedSource], failed: list[FailedSource]) -> Iterator[Document]:
    for source in sources:
        if isinstance(source, FailedSource):
            failed.append(source)
        else:
            yield source


def page(
    collection: Collection, cursor: str | None, limit: int, audience: Audience = "internal"
) -> Page[DocumentSummary]:
    """Documents in order of key. audience: customers see what is public and valid now; the company's people, all"""
    place = decode_cursor(cursor, key=str)
    after, now = str(place["key"]) if place else "", collection.home.clock()
    items: list[DocumentSummary] = []
    while len(items) <= limit:
        rows = collection.page(after=after, limit=limit + 1)
        items += [
            DocumentSummary(
                key=row.key,
                title=row.title,
                source=row.source,
                kind="row" if row.kind == "row" else "file",
                metadata=row.meta,
                updated_at=row.updated_at,
            )
            for row in rows
            if audience == "internal" or is_seen_by(row.meta, audience, now)
        ]
        if len(rows) <= limit:
            break
        after = rows[-1].key
    shown = items[:limit]
    return Page(items=shown, next_cursor=encode_cursor(key=shown[-1].key) if len(items) > limit else None)


def show(collection: Collection, key: str, audience: Audience = "internal") -> DocumentDetail:
    """raises: NoSuchDocument, also for what this audience may not see"""
    found = collection.stored(key)
    hidden = (
        found is not None and audience != "internal" and not is_seen_by(found.meta, audience, collection.home.clock())
    )
    if found is None or hidden:
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


def change(collection: Collection, key: str, wanted: DocumentChange) -> DocumentDetail:
    """Set audience and validity by hand; nothing is embedded, and the next question is answered by it.

    raises: NoSuchDocument;  Invalid for what is no date, or a document that would end before it begins
    """
    try:
        given = wanted.model_dump(exclude_unset=True)
        changes = {field: visibility.read_field(field, value) for field, value in given.items()}
        found = collection.amend(key, lambda metadata: visibility.set_by_hand(metadata, changes))
    except ValueError as error:
        raise Invalid(f"the document {error}", remedy="write dates as 2026-06-30 or 2026-06-30T17:00:00Z") from error
    if not found:
        raise NoSuchDocument(key, collection.name)
    return show(collection, key)


def remove(collection: Collection, key: str) -> None:
    """raises: NoSuchDocument"""
    if not collection.remove([key]):
        raise NoSuchDocument(key, collection.name)
