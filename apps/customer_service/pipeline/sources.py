"""Sources: documents that came together and come again. What is gone from one is removed when that is asked for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from apps.customer_service.pipeline.knowledge import BATCH, Tally, as_lines, put, readable
from apps.customer_service.pipeline.visibility import checked
from apps.customer_service.schemas.sources import SourceSummary
from apps.customer_service.store.sources import Source, Sources
from core.errors import Conflict, Invalid, TriviumError
from core.ingest.files import FailedSource, read_bytes, read_sources
from core.paging import Page, decode_cursor, encode_cursor
from core.retrieval.collections import Collection
from core.retrieval.documents import Document

Kind = Literal["folder", "upload", "rows"]
MOST_GONE = (
    0.5  # share of a source's documents; when more would vanish, it is likelier a wrong path than a big clear-out
)
ROWS = "rows.jsonl"
Acknowledge = Callable[[Sequence[str]], None]


class TooMuchWouldVanish(Conflict):
    """A sync that would remove most of a source."""

    def __init__(self, name: str, gone: int, held: int) -> None:
        super().__init__(
            f"{gone} of the {held} documents of {name!r:.80} would be removed, so nothing was imported",
            remedy="check what you import, or force it (`--force`) if they really are gone",
        )


class OtherKind(Conflict):
    """An import that does not fit its source."""

    def __init__(self, name: str, kind: str) -> None:
        super().__init__(f"{name!r:.80} is a source of kind {kind!r}", remedy="import into a source of this kind")


def name_of(paths: Sequence[Path]) -> str:
    """What a source is called when nobody says: the names of what is imported.

    >>> name_of([Path("/srv/docs"), Path("faq.csv")])
    'docs, faq.csv'
    """
    return ", ".join(path.resolve().name or "/" for path in paths)[:200]


def import_folder(
    paths: Sequence[Path],
    source: Source,
    sources: Sources,
    collection: Collection,
    *,
    max_bytes: int,
    sync: bool = False,
    force: bool = False,
    acknowledge: Acknowledge = lambda _: None,
) -> Tally:
    """Import files and folders under a source.

    sync: also remove what the source brought before and does not hold any more
    force: even when that is more than half of it, or the source lay elsewhere before
    raises: TooMuchWouldVanish, OtherKind, and Conflict when the source lay elsewhere; nothing is imported then
    """
    _check_kind(source, "folder")
    places = [str(path.resolve()) for path in paths]
    if sync and not force and source.places and list(source.places) != places:
        raise Conflict(
            f"{source.name!r:.80} was imported from {', '.join(source.places):.200}, not from {', '.join(places):.200}",
            remedy="name another source (`--source`), or force it (`--force`) if it has moved",
        )
    found = read_sources(paths, max_bytes=max_bytes, refine=checked)
    tally = _import(found, {str(path) for path in paths}, source, sources, collection, sync, force, acknowledge)
    sources.finish(source.id, counts_of(tally), places)
    return tally


def import_again(
    source: Source, sources: Sources, collection: Collection, *, max_bytes: int, sync: bool, force: bool
) -> Tally:
    """Import a folder again from where it lies.

    raises: Invalid for a source that has no place
    """
    if source.kind != "folder" or not source.places:
        raise Invalid(f"{source.name!r:.80} lies in no folder of this machine", remedy="send its files or rows instead")
    paths = [Path(place) for place in source.places]
    return import_folder(paths, source, sources, collection, max_bytes=max_bytes, sync=sync, force=force)


def import_files(
    files: Iterable[tuple[str, bytes]],
    source: Source,
    sources: Sources,
    collection: Collection,
    *,
    max_bytes: int,
    sync: bool,
    force: bool,
) -> Tally:
    """Import uploaded files (name, content) under a source; each fails alone."""
    _check_kind(source, "upload")
    return _finished(_read(files, max_bytes), source, sources, collection, sync, force)


def import_rows(
    rows: Sequence[Mapping[str, Any]],
    source: Source,
    sources: Sources,
    collection: Collection,
    *,
    sync: bool,
    force: bool,
) -> Tally:
    """Import rows under a source, all or none. raises: Invalid for a bad row"""
    _check_kind(source, "rows")
    lines = as_lines(rows)
    documents = read_bytes(ROWS, lines, max_bytes=len(lines), refine=checked) if rows else []
    return _finished(documents, source, sources, collection, sync, force)


def remove(source: Source, sources: Sources, collection: Collection) -> int:
    """Remove a source with the documents that it alone brought. returns: how many went"""
    gone = sources.alone(source.id, list(sources.documents(source.id)))
    removed = collection.remove(gone)
    sources.remove(source.id)
    return removed


def page(
    sources: Sources, collection: str, cursor: str | None, limit: int, *, with_places: bool
) -> Page[SourceSummary]:
    """Sources in order of name."""
    place = decode_cursor(cursor, name=str)
    found = sources.page(collection, str(place["name"]) if place else "", limit + 1)
    items = [summary(source, with_places=with_places) for source in found[:limit]]
    return Page(items=items, next_cursor=encode_cursor(name=items[-1].name) if len(found) > limit else None)


def summary(source: Source, *, with_places: bool = True) -> SourceSummary:
    """As it goes over the wire. with_places: folders of the server are not for every key"""
    return SourceSummary(
        id=source.id,
        collection=source.collection,
        name=source.name,
        kind=source.kind,
        places=list(source.places) if with_places else [],
        documents=source.documents,
        created_at=source.created_at,
        imported_at=source.imported_at,
        last_import=dict(source.counts),
    )


def counts_of(tally: Tally) -> dict[str, int]:
    """What an import did, in numbers."""
    return {name: len(getattr(tally, name)) for name in ("added", "replaced", "unchanged", "removed", "failed")}


def _check_kind(source: Source, kind: Kind) -> None:
    if source.kind != kind:
        raise OtherKind(source.name, source.kind)


def _read(files: Iterable[tuple[str, bytes]], max_bytes: int) -> Iterable[Document | FailedSource]:
    for name, data in files:
        try:
            yield from read_bytes(name, data, max_bytes=max_bytes, refine=checked)
        except TriviumError as error:
            yield FailedSource(name, error)


def _finished(
    found: Iterable[Document | FailedSource],
    source: Source,
    sources: Sources,
    collection: Collection,
    sync: bool,
    force: bool,
) -> Tally:
    tally = _import(found, set(), source, sources, collection, sync, force, lambda _: None)
    sources.finish(source.id, counts_of(tally))
    return tally


def _import(
    found: Iterable[Document | FailedSource],
    roots: set[str],
    source: Source,
    sources: Sources,
    collection: Collection,
    sync: bool,
    force: bool,
    acknowledge: Acknowledge,
) -> Tally:
    """roots: paths as given; one that failed says nothing about what was below it"""
    tally = Tally()
    before = sources.documents(source.id)
    documents = _apart(readable(found, tally.failed), tally)
    if sync:  # all of it is read before anything changes, so that a sync that is refused leaves everything as it was
        documents = list(documents)
        gone = _gone(before, {document.key for document in documents}, tally.failed, roots)
        if not force and len(gone) > MOST_GONE * len(before):
            raise TooMuchWouldVanish(source.name, len(gone), len(before))
    for batch in _batches(documents):
        sources.claim(source.id, {document.key: file_of(document) for document in batch})
        put(batch, collection, tally, acknowledge)
    if sync:
        mine = sources.alone(source.id, gone)
        collection.remove(mine)
        sources.disclaim(source.id, gone)  # after the removal: a process killed between the two removes them next time
        tally.removed += mine
    return tally


def _gone(before: Mapping[str, str], now: set[str], failed: Sequence[FailedSource], roots: set[str]) -> list[str]:
    """Documents that a source brought before and does not hold now; of what could not be read, nobody knows."""
    unknown = {one.name for one in failed}
    if unknown & roots:
        return []
    below = tuple(f"{name}/" for name in unknown)
    return [
        key for key, file in before.items() if key not in now and file not in unknown and not file.startswith(below)
    ]


def _apart(documents: Iterable[Document], tally: Tally) -> Iterable[Document]:
    """The documents of which no earlier one has the key; the others' files fail."""
    keys: set[str] = set()
    for document in documents:
        if document.key in keys:
            error = Invalid(f"'{document.source}' has the id '{document.key}' of another", remedy="rename one of them")
            tally.failed.append(FailedSource(file_of(document), error))
        else:
            keys.add(document.key)
            yield document


def file_of(document: Document) -> str:
    """The file that a document stood in; a row says "<file> row <n>"."""
    return document.source.rsplit(" row ", 1)[0] if document.kind == "row" else document.source


def _batches(documents: Iterable[Document]) -> Iterable[list[Document]]:
    batch: list[Document] = []
    for document in documents:
        batch.append(document)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
