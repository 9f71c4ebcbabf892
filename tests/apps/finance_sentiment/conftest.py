"""A migrated database with two companies, and what captures and reads over it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import pytest

from apps.finance_sentiment.pipeline.correcting import Correcting
from apps.finance_sentiment.pipeline.entities import LiveEntities
from apps.finance_sentiment.pipeline.reading import DocumentReader
from apps.finance_sentiment.pipeline.rounds import Rounds
from apps.finance_sentiment.pipeline.scoring import Scorer
from apps.finance_sentiment.pipeline.stories import Stories
from apps.finance_sentiment.schemas.entities import EntityEdit
from apps.finance_sentiment.store.archive_tables import HourRow, ReadingRow
from apps.finance_sentiment.store.documents import Documents, NewDocument
from apps.finance_sentiment.store.entities import Entities
from core.app import installed_apps
from core.database import Database
from core.migrations import upgrade
from core.testing.fakes import FixedClock
from tests.apps.finance_sentiment.word_moods import WordClassifier, word_moods


@dataclass
class Desk:
    """The monitor without HTTP. classifier: what reads the moods"""

    database: Database
    clock: FixedClock
    live: LiveEntities
    classifier: WordClassifier
    scorer: Scorer
    reader: DocumentReader
    correcting: Correcting

    def capture(self, *titles: str, at: datetime | None = None, text: str = "", source: str = "wire") -> list[int]:
        now = self.clock()
        found = [
            NewDocument(
                f"{source}-{title}",
                "",
                title,
                text,
                at or now,
                True,
                now,
                sha256(f"{title} {text}".lower().encode()).hexdigest(),
            )
            for title in titles
        ]
        return Documents(self.database).add(source, found).ids

    def readings(self) -> list[ReadingRow]:
        with self.database.session() as session:
            return session.query(ReadingRow).order_by(ReadingRow.id).all()

    def known(self) -> dict[int, ReadingRow]:
        """What is known now, by document; for documents of one company."""
        return {row.document_id: row for row in self.readings() if row.until is None}

    def hours(self) -> dict[tuple[str, datetime], HourRow]:
        with self.database.session() as session:
            return {(row.entity_id, row.hour): row for row in session.query(HourRow)}


@pytest.fixture(autouse=True)
def nothing_is_read_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test of HTTP that leaves documents waiting would have the real model converted, and end in the middle of it."""
    monkeypatch.setattr(Rounds, "read", lambda _: 0)


@pytest.fixture
def open_desk(database_url: str, clock: FixedClock) -> Iterator[Callable[[], Desk]]:
    """Opens the monitor over the same database again, as another process would."""
    opened: list[Database] = []

    def open_() -> Desk:
        database = Database(database_url)
        opened.append(database)
        upgrade(database, installed_apps()[0])
        live = LiveEntities(Entities(database, clock))
        live.entities.put("acme", EntityEdit(name="Acme"))
        live.entities.put("bolt", EntityEdit(name="Bolt Motors"))
        classifier = WordClassifier()
        scorer = Scorer(live, word_moods(classifier), enough_from=0.5)
        reader = DocumentReader(database, scorer, Stories(database, clock), clock)
        return Desk(database, clock, live, classifier, scorer, reader, Correcting(database, scorer, clock))

    yield open_
    for database in opened:
        database.close()


@pytest.fixture
def desk(open_desk: Callable[[], Desk]) -> Desk:
    return open_desk()


HOUR = timedelta(hours=1)
