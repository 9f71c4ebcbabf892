"""Read captured documents: which companies, which story, which mood; and count them. Fetches nothing, alerts nobody.

The model reads outside of any transaction. What it said is then written together with the story, the hourly sums and
the mark that the document was read, all at once and only for documents that still wait: a reader that is killed
leaves nothing half done, and of two that read the same document one finds it read already.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.finance_sentiment.pipeline import hours
from apps.finance_sentiment.pipeline.evidence import Verdict
from apps.finance_sentiment.pipeline.scoring import Scorer, Subject, companies
from apps.finance_sentiment.pipeline.stories import Stories
from apps.finance_sentiment.store import readings as store
from apps.finance_sentiment.store.archive_tables import DocumentRow, ReadingRow
from apps.finance_sentiment.store.readings import Readings
from core.clock import Clock
from core.database import Database

BATCH = 256  # documents that are written in one transaction
FRESH = timedelta(days=1)  # captured so lately, a document does not wait for an archive that was brought from elsewhere


@dataclass
class Read:
    """What was done. touched: companies of which something new is known;  late: documents published long ago"""

    documents: int = 0
    readings: int = 0
    late: int = 0
    touched: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Found:
    """What the model says of one document. read: a verdict for each company"""

    model: str
    read: list[tuple[Subject, Verdict]]


class DocumentReader:
    """Reads what waits, in order of capture; what is new goes before what was captured long ago."""

    def __init__(self, database: Database, scorer: Scorer, stories: Stories, clock: Clock) -> None:
        self._database = database
        self._readings = Readings(database)
        self._scorer = scorer
        self._stories = stories
        self._clock = clock
        self._alone = threading.Lock()  # a second reader in the process would only read the same again

    def read_waiting(self, stopping: threading.Event | None = None) -> Read:
        """Read until nothing waits, or until told to stop.

        raises: what opening the model raises, with nothing lost; Overloaded when the database does not answer
        """
        done = Read()
        with self._alone:
            while not (stopping and stopping.is_set()) and (waiting := self._next()):
                self._read(waiting, done)
        return done

    def read_batch(self, late: timedelta = timedelta.max) -> Read:
        """Read at most one batch. late: before the moment of reading; what was published earlier is counted"""
        done = Read()
        with self._alone:
            if waiting := self._next():
                self._read(waiting, done)
                now = self._clock()
                done.late = sum(now - row.published_at > late for row in waiting)
        return done

    def _next(self) -> list[DocumentRow]:
        waiting = self._readings.waiting(BATCH)
        since = self._clock() - FRESH
        if waiting and waiting[0].fetched_at < since:
            return [row for row in self._readings.last_waiting(BATCH) if row.fetched_at >= since] or waiting
        return waiting

    def _read(self, waiting: Sequence[DocumentRow], done: Read) -> None:
        found = self._asked(waiting)
        with self._database.session(write=True) as session:
            rows = store.claim(session, [row.id for row in waiting])
            self._stories.assign(session, rows)
            now = self._clock()
            made = [reading for row in rows for reading in _readings(row, found[row.id], now)]
            session.add_all(made)
            hours.apply(session, added=made, removed=[])
            for row in rows:
                row.read_at = now
        done.documents += len(rows)
        done.readings += len(made)
        done.touched.update(reading.entity_id for reading in made)

    def _asked(self, documents: Sequence[DocumentRow]) -> dict[int, _Found]:
        listing = self._scorer.live.now()
        texts = [as_read(row.title, row.text) for row in documents]
        subjects = [companies(listing, text, len(row.title)) for row, text in zip(documents, texts, strict=True)]
        model, verdicts = self._scorer.verdicts(texts, subjects)
        return {
            row.id: _Found(model, list(zip(mine, found, strict=True)))
            for row, mine, found in zip(documents, subjects, verdicts, strict=True)
        }


def as_read(title: str, text: str) -> str:
    """A document as it is read; places of mentions are characters of this.

    >>> as_read("Acme falls", ""), as_read("Acme falls", "It lost a suit.")
    ('Acme falls', 'Acme falls\\nIt lost a suit.')
    """
    return f"{title}\n{text}" if text else title


def _readings(row: DocumentRow, found: _Found, now: datetime) -> list[ReadingRow]:
    text = as_read(row.title, row.text)
    return [
        reading(row, subject.entity, subject.relevance, verdict, text, found.model, now)
        for subject, verdict in found.read
    ]


def reading(
    row: DocumentRow, entity: str, relevance: int, verdict: Verdict, text: str, model: str, now: datetime
) -> ReadingRow:
    """A verdict as it is kept. text: the document as read"""
    mood, piece = verdict.mood, verdict.decided
    return ReadingRow(
        document_id=row.id,
        entity_id=entity,
        at=row.published_at,
        known_at=now,
        until=None,
        relevance=relevance,
        echo=row.echo,
        enough=verdict.enough,
        negative=mood.negative,
        neutral=mood.neutral,
        positive=mood.positive,
        score=mood.score,
        confidence=mood.confidence,
        sentence=text[piece.start : piece.end],
        start=piece.mention[0],
        end=piece.mention[1],
        model=model,
        corrected_by=None,
    )
