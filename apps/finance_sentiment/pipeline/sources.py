"""Sources between HTTP or the console and the tables: add, change, show, try."""

import re
import threading
from typing import Any

import httpx

from apps.finance_sentiment.pipeline.capturing import prepared
from apps.finance_sentiment.pipeline.document_files import read_documents
from apps.finance_sentiment.pipeline.fetching import Fetcher
from apps.finance_sentiment.pipeline.folders import allowed, new_files, roots
from apps.finance_sentiment.pipeline.gathering import gather
from apps.finance_sentiment.pipeline.guarding import Guard, parsed
from apps.finance_sentiment.pipeline.polling import Poller
from apps.finance_sentiment.schemas.sources import (
    LEAST_WEB_S,
    RESERVED,
    NewSource,
    Source,
    SourceChange,
    SourceQuery,
    Tested,
)
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.source_tables import SourceRow
from apps.finance_sentiment.store.sources import Sources
from core.clock import Clock
from core.database import Database
from core.errors import Invalid
from core.paging import Page, decode_cursor, encode_cursor
from core.settings import Settings

TITLES_SHOWN = 5


def open_poller(
    database: Database, house: Settings, clock: Clock, stopping: threading.Event, guard: Guard | None = None
) -> Poller:
    """What looks at the sources of a migrated database. guard: None: the one that the settings ask for"""
    settings = FinanceSettings.of(house)
    fetcher = Fetcher(settings, clock, guard=guard)
    return Poller(Sources(database, clock), fetcher, settings, roots(house), clock, stopping)


def add(poller: Poller, new: NewSource) -> SourceRow:
    """Add a source. raises: AddressRefused, BadFolder, SourceExists, TooManySources"""
    address = _checked(poller, new)
    values = {**new.model_dump(include={"kind", "title", "every_seconds", "enabled"}), "address": address}
    return poller.sources.add(new.id or _free_id(poller.sources, new), values)


def change(poller: Poller, source: str, wanted: SourceChange) -> SourceRow:
    """Change a source; with another address, or switched on again, it is looked at soon.

    raises: NoSuchSource, AddressRefused, BadFolder, Invalid
    """
    row = poller.sources.get(source)
    changes: dict[str, Any] = wanted.model_dump(exclude_none=True)
    if wanted.every_seconds is not None and row.kind != "folder" and wanted.every_seconds < LEAST_WEB_S:
        raise Invalid(f"every_seconds is {LEAST_WEB_S} at least on the web", remedy="give more")
    afresh = {"failures": 0, "next_at": poller.clock(), "reason": ""}
    if wanted.address is not None:
        changes["address"] = _checked(poller, SourceQuery.model_validate({"kind": row.kind, "address": wanted.address}))
        changes |= {"etag": "", "last_modified": "", **afresh}
        changes["state"] = "new" if row.enabled else "paused"
    if wanted.enabled is not None and wanted.enabled != row.enabled:
        changes |= {"state": "new", **afresh} if wanted.enabled else {"state": "paused", "reason": ""}
    return poller.sources.change(source, changes)


def try_out(poller: Poller, query: SourceQuery) -> Tested:
    """What a source would bring; nothing is kept. raises: AddressRefused, FetchFailed, BadFolder, Invalid"""
    if query.kind == "folder":
        files = list(new_files(allowed(query.address, poller.roots), (), poller.clock()))
        rows = [one for file in files[:1] for _, one in read_documents(file.path)]
        note = f"{len(files)} files" + (f"; shown is {files[0].path.name:.100}" if files else "")
        return _tried("", rows, None, note, poller)
    found = gather(poller.fetcher, query.kind, query.address)
    return _tried(found.title, found.captured, found.every_s, found.note, poller)


def page(sources: Sources, cursor: str | None, limit: int, *, whole: bool) -> Page[Source]:
    """Sources by id. whole: see `shown`. raises: BadCursor"""
    place = decode_cursor(cursor, id=str)
    rows = sources.page(str(place["id"]) if place else "", limit + 1)
    items = [shown(row, whole=whole) for row in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(id=items[-1].id) if len(rows) > limit else None)


def shown(row: SourceRow, *, whole: bool) -> Source:
    """A row as it is sent. whole: with what an address may hold of secrets, and folders of the server"""
    made = Source.model_validate(row, from_attributes=True)
    return made if whole else made.model_copy(update={"address": _public(row)})


def _public(row: SourceRow) -> str:
    return "" if row.kind == "folder" else str(httpx.URL(row.address).copy_with(query=None, fragment=None))


def _tried(title: str, captured: list[Any], every_s: float | None, note: str, poller: Poller) -> Tested:
    ready = [prepared(one, poller.clock(), poller.settings) for one in captured]
    titles = [one.title for one in ready if one is not None]
    return Tested(
        title=title,
        items=len(titles),
        titles=titles[:TITLES_SHOWN],
        every_seconds=round(every_s) if every_s is not None else None,
        note=note,
    )


def _checked(poller: Poller, query: SourceQuery) -> str:
    if query.kind == "folder":
        return str(allowed(query.address, poller.roots))
    return str(parsed(query.address))


def _free_id(sources: Sources, new: NewSource) -> str:
    """An id from an address: "https://www.wire.example/rss/markets.xml" → "wire.example-rss-markets"."""
    words = re.sub(r"^\w+://(www\.)?", "", new.address.lower().partition("?")[0])
    words = re.sub(r"\.(xml|rss|atom|html?)$", "", words)
    base = re.sub(r"[^a-z0-9.]+", "-", words).strip("-.")[-56:].strip("-.") or "source"
    taken = {row.id for row in sources.page("", 10_000)} | set(RESERVED)
    number = 1
    while (name := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return name
