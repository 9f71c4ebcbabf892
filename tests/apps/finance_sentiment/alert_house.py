"""An archive of rows that a test writes itself, and a watch over it."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from apps.finance_sentiment.pipeline.alerting import Evaluated, Watch
from apps.finance_sentiment.schemas.entities import EntityEdit
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.alerts import Alerts, Held, Wanted
from apps.finance_sentiment.store.archive_tables import DocumentRow, HourRow, ReadingRow, StoryRow
from apps.finance_sentiment.store.entities import Entities
from core.database import Database
from core.testing.fakes import FixedClock

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass
class AlertHouse:
    """watch: a process's own; `restarted()` gives another one, as after a restart"""

    database: Database
    clock: FixedClock
    settings: FinanceSettings = field(default_factory=FinanceSettings)
    written: int = 0

    def __post_init__(self) -> None:
        self.watch = Watch(self.database, self.settings)

    def restarted(self) -> None:
        self.watch = Watch(self.database, self.settings)

    def company(self, entity: str, *, sector: str = "Toys", watched: bool = True) -> None:
        edit = EntityEdit(name=entity.title(), sector=sector, watched=watched)
        Entities(self.database, self.clock).put(entity, edit)

    def write(
        self,
        entity: str,
        at: datetime,
        score: float | None = 0.0,
        *,
        title: str = "",
        echo: bool = False,
        story: int | None = None,
        relevance: int = 100,
    ) -> int:
        """A document with its reading and its part of the hour. score: None: too little evidence"""
        self.written += 1
        title = title or f"{entity.title()} news {self.written}"
        mood = score or 0.0
        with self.database.session(write=True) as session:
            if story is not None:
                held = session.get(StoryRow, story)
                if held is None:
                    session.add(StoryRow(id=story, title=title, first_at=at, last_at=at, documents=1))
                else:
                    held.documents, held.last_at = held.documents + 1, at
                session.flush()
            document = DocumentRow(
                source="wire",
                external_id=str(self.written),
                url=f"https://wire.example/{self.written}",
                title=title,
                text="",
                published_at=at,
                dated=True,
                fetched_at=at,
                digest=hashlib.sha256(title.encode()).hexdigest(),
                story_id=story,
                echo=echo,
                read_at=at,
            )
            session.add(document)
            session.flush()
            session.add(
                ReadingRow(
                    document_id=document.id,
                    entity_id=entity,
                    at=at,
                    known_at=at,
                    until=None,
                    relevance=relevance,
                    echo=echo,
                    enough=score is not None,
                    negative=max(0.0, -mood),
                    neutral=1.0 - abs(mood),
                    positive=max(0.0, mood),
                    score=mood,
                    confidence=0.9,
                    sentence=title,
                    start=0,
                    end=4,
                    model="test@1",
                    corrected_by=None,
                )
            )
            hour = at.replace(minute=0, second=0, microsecond=0)
            row = session.get(HourRow, (entity, hour))
            if row is None:
                row = HourRow(
                    entity_id=entity,
                    hour=hour,
                    volume=0,
                    echoes=0,
                    weight=0.0,
                    weighted=0.0,
                    squared=0.0,
                    negative=0,
                    neutral=0,
                    positive=0,
                )
                session.add(row)
            if echo:
                row.echoes += 1
            else:
                row.volume += 1
                if score is not None:
                    weight = relevance / 100
                    row.weight, row.weighted = row.weight + weight, row.weighted + weight * mood
                    row.squared += weight * mood * mood
                    row.negative += mood < -0.33
                    row.neutral += abs(mood) <= 0.33
                    row.positive += mood > 0.33
        return document.id

    def quiet(self, entity: str, days: int, *, until: datetime = MONDAY, every_hours: int = 6) -> None:
        """A neutral document every six hours, for so many days."""
        at = until - timedelta(days=days)
        while at < until:
            self.write(entity, at + timedelta(minutes=7), 0.5 if self.written % 5 == 0 else 0.0)
            at += timedelta(hours=every_hours)

    def look(self, now: datetime, entities: list[str] | None = None) -> Evaluated:
        self.clock.now = now
        return self.watch.evaluate(now, entities)

    def alerts(self, *states: str) -> list[Held]:
        """The oldest first."""
        return list(reversed(Alerts(self.database, self.clock).page(Wanted(states=states), None, 200)))

    def steps(self, alert: str) -> list[str]:
        return [one.step for one in Alerts(self.database, self.clock).get(alert)[1]]
