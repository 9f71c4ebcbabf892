"""Companies between SQL, the wire and the linker. One list in memory for each revision of the list in SQL."""

import threading
from dataclasses import dataclass
from pathlib import Path

from apps.finance_sentiment.pipeline.companies import read_companies, shipped
from apps.finance_sentiment.pipeline.linking import DOUBT, Linker
from apps.finance_sentiment.schemas.entities import Entity, Imported, Linked, MentionShown
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.entities import Entities
from apps.finance_sentiment.store.entity_tables import EntityRow
from core.app import Services
from core.clock import Clock
from core.database import Database
from core.paging import Page, decode_cursor, encode_cursor


@dataclass(frozen=True)
class Listing:
    """The list at one revision. rows: by id"""

    revision: int
    rows: dict[str, EntityRow]
    linker: Linker


class LiveEntities:
    """The list as it is now: what one process changed, every other one sees with its next text."""

    def __init__(self, entities: Entities) -> None:
        self.entities = entities
        self._lock = threading.Lock()
        self._listing: Listing | None = None

    def now(self) -> Listing:
        """One small query; the list is read again only where it has changed."""
        revision = self.entities.revision()
        listing = self._listing
        if listing is not None and listing.revision == revision:
            return listing
        with self._lock:
            if self._listing is None or self._listing.revision != revision:
                # Rows may be newer than the revision that was read before them: then they are read once more.
                rows = {row.id: row for row in self.entities.all()}
                self._listing = Listing(revision, rows, Linker(rows.values()))
            return self._listing


def open_entities(database: Database, clock: Clock, settings: FinanceSettings) -> Entities:
    """The companies of a migrated database, with the shipped list read in where the settings want it."""
    entities = Entities(database, clock)
    if settings.shipped_companies:
        entities.bring_shipped(*shipped())
    return entities


def open_live(services: Services) -> LiveEntities:
    """What the app's rooms share."""
    settings = FinanceSettings.of(services.settings)
    return LiveEntities(open_entities(services.database, services.clock, settings))


def shown(row: EntityRow) -> Entity:
    """A row as it is sent."""
    return Entity.model_validate(row, from_attributes=True)


def page(live: LiveEntities, words: str, watched: bool | None, cursor: str | None, limit: int) -> Page[Entity]:
    """Companies by id. words: part of an id, name, alias or ticker, whatever its case. raises: BadCursor"""
    place = decode_cursor(cursor, id=str)
    after, part = str(place["id"]) if place else "", words.strip().casefold()
    rows = [
        row
        for key, row in sorted(live.now().rows.items())
        if key > after and (watched is None or row.watched is watched) and (not part or _holds(row, part))
    ]
    some = rows[:limit]
    more = encode_cursor(id=some[-1].id) if len(rows) > limit else None
    return Page(items=[shown(row) for row in some], next_cursor=more)


def import_file(entities: Entities, path: Path) -> Imported:
    """Add the companies of a CSV, or replace them. raises: Invalid, BadEntityFile, TooManyEntities; then none is"""
    added, replaced = entities.put_all(read_companies(path))
    return Imported(added=added, replaced=replaced)


def link(live: LiveEntities, texts: list[str]) -> list[Linked]:
    """The companies that each text names."""
    listing = live.now()
    return [
        Linked(
            mentions=[
                MentionShown(
                    entity=one.entity,
                    name=listing.rows[one.entity].name,
                    text=text[one.start : one.end],
                    start=one.start,
                    end=one.end,
                    relevance=one.relevance,
                )
                for one in listing.linker.link(text)
            ]
        )
        for text in texts
    ]


def _holds(row: EntityRow, part: str) -> bool:
    written = (row.id, row.name, *(alias.removesuffix(DOUBT) for alias in row.aliases), *row.tickers)
    return any(part in value.casefold() for value in written)
