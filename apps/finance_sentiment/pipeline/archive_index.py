"""The archive by meaning: documents go into the index once they are read, and are found there. Leaves out echoes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.finance_sentiment.errors import NotSearchable
from apps.finance_sentiment.store.archive import Archive, Held, Wanted
from apps.finance_sentiment.store.archive_tables import DocumentRow
from core.app import Services
from core.clock import Clock
from core.retrieval.collections import Collection, Collections
from core.retrieval.documents import Document, Passage

NAME = "finance-archive"
NOTE = "followed"
LEAD = 800  # characters of a text that are searched; what is new stands at the beginning
BATCH = 128
MOST_WAITING = 20_000  # documents that were passed unread and are looked at again
SETTLED = timedelta(seconds=60)  # what was captured longer ago will not get a smaller id beside it any more
WITHIN = timedelta(seconds=40)  # one turn of the job
MOST_FOUND = 1_000
EVERY_S = 10.0


@dataclass
class Followed:
    """How far the index has come. done: all ids up to it were looked at;  waiting: those of them that were unread"""

    done: int = 0
    waiting: list[int] = field(default_factory=list)


class ArchiveIndex:
    """The searchable part of the archive: its newest documents. most: how many; 0: none"""

    def __init__(self, archive: Archive, collections: Collections, clock: Clock, most: int) -> None:
        self.archive = archive
        self.collections = collections
        self.clock = clock
        self.most = most

    def follow(self) -> int:
        """Index what was read since the last time. A job; killed anywhere, it goes on where it was.

        returns: how many documents were put, those among them that were unchanged included
        """
        if not self.most:
            return 0
        collection, begun, put = self.collections.ensure(NAME), self.clock(), 0
        place = self._place(collection)
        rows = self.archive.by_id(place.waiting)
        put += self._put(collection, [row for row in rows if row.read_at is not None])
        place.waiting = [row.id for row in rows if row.read_at is None]
        while self.clock() - begun < WITHIN and len(place.waiting) < MOST_WAITING:
            rows = self.archive.behind(place.done, BATCH)
            put += self._put(collection, [row for row in rows if row.read_at is not None])
            settled = self._settled(rows)
            place.waiting += [row.id for row in settled if row.read_at is None]
            if not settled:
                break
            place.done = settled[-1].id
            self._keep(collection, place)
        self._keep(collection, place)
        self._trim(collection)
        return put

    def refresh(self, documents: Sequence[int]) -> None:
        """Bring documents in the index to what is known of them now, as after a correction."""
        if not self.most:
            return
        collection = self.collections.ensure(NAME)
        rows = [row for row in self.archive.by_id(documents) if row.read_at is not None]
        told = {row.id for row in rows if not row.echo}
        collection.remove([_key(one) for one in documents if one not in told])
        self._put(collection, rows)

    def search(self, words: str, wanted: Wanted, limit: int) -> list[Held]:
        """The documents that fit best by meaning and words, of those that are wanted. raises: NotSearchable"""
        if not self.most:
            raise NotSearchable
        asked = MOST_FOUND if wanted.mood is not None or wanted.story is not None else min(MOST_FOUND, 2 * limit)
        collection = self.collections.ensure(NAME)
        hits = collection.search(words, asked, where=_filter(wanted))
        return self.archive.chosen([int(hit.document) for hit in hits], wanted)[:limit]

    def _put(self, collection: Collection, rows: Sequence[DocumentRow]) -> int:
        new = [row for row in rows if not row.echo]
        for first in range(0, len(new), BATCH):
            part = new[first : first + BATCH]
            entities = self.archive.entities_of([row.id for row in part])
            collection.put([_document(row, entities.get(row.id, [])) for row in part])
        return len(new)

    def _settled(self, rows: Sequence[DocumentRow]) -> list[DocumentRow]:
        """Those at the beginning behind which no smaller id can appear any more."""
        latest: datetime = self.clock() - SETTLED
        fresh = next((at for at, row in enumerate(rows) if row.fetched_at > latest), len(rows))
        return list(rows[:fresh])

    @staticmethod
    def _place(collection: Collection) -> Followed:
        note = collection.notes().get(NOTE)
        return Followed(**json.loads(note)) if note else Followed()

    def _keep(self, collection: Collection, place: Followed) -> None:
        if self._place(collection) != place:
            collection.note(NOTE, json.dumps({"done": place.done, "waiting": place.waiting}))

    def _trim(self, collection: Collection) -> None:
        while (more := collection.count() - self.most) > 0:
            oldest = collection.page(limit=min(more, BATCH))
            collection.remove([row.key for row in oldest])


def open_archive_index(services: Services) -> ArchiveIndex:
    """What the app's rooms share."""
    from apps.finance_sentiment.settings import FinanceSettings

    most = FinanceSettings.of(services.settings).searchable_documents
    return ArchiveIndex(Archive(services.database), services.collections, services.clock, most)


def _key(document: int) -> str:
    return f"{document:018d}"  # so that the order of keys is that of ids


def _document(row: DocumentRow, entities: list[str]) -> Document:
    text = f"{row.title}\n{row.text[:LEAD]}".strip() or "-"
    return Document(
        key=_key(row.id),
        title=row.title[:200],
        text=text,
        source=row.source,
        metadata={"at": row.published_at.isoformat(), "source": row.source, "entities": entities},
        passages=(Passage(_key(row.id), text, 0, len(text)),),
        kind="row",
    )


def _filter(wanted: Wanted) -> dict[str, object] | None:
    conditions: list[dict[str, object]] = []
    if wanted.entity is not None:
        conditions.append({"field": "entities", "operator": "contains", "value": wanted.entity})
    if wanted.begin is not None:
        conditions.append({"field": "at", "operator": ">=", "value": wanted.begin.isoformat()})
    if wanted.end is not None:
        conditions.append({"field": "at", "operator": "<", "value": wanted.end.isoformat()})
    if wanted.source is not None:
        conditions.append({"field": "source", "operator": "==", "value": wanted.source})
    return {"operator": "AND", "conditions": conditions} if conditions else None
