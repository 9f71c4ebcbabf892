"""What an analyst corrects counts at once: readings are replaced, hours and stories follow. Trains nothing.

Nothing is overwritten: the reading that was wrong ends at the moment of the correction, so what was known before can
still be told. All of a correction is one transaction, which no reader shares.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.finance_sentiment.pipeline import hours
from apps.finance_sentiment.pipeline.evidence import pieces_of
from apps.finance_sentiment.pipeline.mood import LABELS
from apps.finance_sentiment.pipeline.reading import as_read, reading
from apps.finance_sentiment.pipeline.scoring import Scorer, Subject, places
from apps.finance_sentiment.schemas.corrections import Correction, NewCorrection
from apps.finance_sentiment.store import corrections as store
from apps.finance_sentiment.store.archive_tables import DocumentRow, ReadingRow, StoryRow
from apps.finance_sentiment.store.correction_tables import CorrectionRow
from apps.finance_sentiment.store.corrections import Corrections, Session
from apps.finance_sentiment.store.readings import alone
from core.clock import Clock
from core.database import Database

PERSON = "person"
"""What stands in place of a model where a person said it."""


@dataclass
class _Change:
    """What a correction does. added, removed: readings"""

    kind: str
    document: int
    before: dict[str, Any]
    after: dict[str, Any]
    entity: str | None = None
    reading: int | None = None
    added: list[ReadingRow] = field(default_factory=list)
    removed: list[ReadingRow] = field(default_factory=list)


class Correcting:
    """Takes corrections in."""

    def __init__(self, database: Database, scorer: Scorer, clock: Clock) -> None:
        self.corrections = Corrections(database)
        self._database = database
        self._scorer = scorer
        self._clock = clock

    def correct(self, new: NewCorrection, by: str) -> Correction:
        """by: name of the key

        raises: NoSuchReading, NoSuchDocument, NoSuchEntity, NoSuchStory, CorrectedMeanwhile
        """
        read = self._read(new)
        with self._database.session(write=True) as session:
            alone(session)
            now = self._clock()
            if new.reading is not None and new.label is not None:
                change = _mood(session, new.reading, new.label, by, now)
            elif new.story is not None and new.document is not None:
                change = _story(session, new.document, new.story, now)
            else:
                change = _entity(session, new, read, by, now)
            session.add_all(change.added)
            session.flush()
            hours.apply(session, added=change.added, removed=change.removed)
            row = CorrectionRow(
                kind=change.kind,
                document_id=change.document,
                entity_id=change.entity,
                reading_id=change.reading,
                before=change.before,
                after=change.after,
                by=by,
                at=now,
            )
            session.add(row)
        return shown(row)

    def _read(self, new: NewCorrection) -> ReadingRow | None:
        """A company that a person links: what the model reads of it, before the transaction begins."""
        if not new.linked or new.document is None or new.entity is None:
            return None
        company = self._scorer.live.entities.get(new.entity)
        with self._database.session() as session:
            row = store.held_document(session, new.document)
            session.expunge(row)
        text = as_read(row.title, row.text)
        named = next((found for name in (company.name, *company.aliases) if (found := places(text, name))), [])
        subject = Subject(company.id, 100, pieces_of(text, len(row.title), named))
        model, [[verdict]] = self._scorer.verdicts([text], [[subject]])
        return reading(row, company.id, subject.relevance, verdict, text, model, self._clock())


def shown(row: CorrectionRow) -> Correction:
    """A correction as it is sent."""
    return Correction.model_validate(
        {
            "id": row.id,
            "kind": row.kind,
            "document": row.document_id,
            "entity": row.entity_id,
            "before": row.before,
            "after": row.after,
            "by": row.by,
            "at": row.at,
        }
    )


def _mood(session: Session, reading: int, label: str, by: str, now: datetime) -> _Change:
    old = store.current_reading(session, reading)
    fresh = _replaced(old, now, **_certain(label), corrected_by=by)
    return _Change(
        kind="mood",
        document=old.document_id,
        entity=old.entity_id,
        reading=old.id,
        before={"label": hours.mood_of(old) or _likeliest(old), "enough": old.enough, "model": old.model},
        after={"label": label},
        added=[fresh],
        removed=[old],
    )


def _entity(session: Session, new: NewCorrection, read: ReadingRow | None, by: str, now: datetime) -> _Change:
    assert new.document is not None
    assert new.entity is not None
    document = store.held_document(session, new.document)
    old = store.reading_of(session, new.document, new.entity)
    change = _Change("entity", new.document, {"linked": old is not None}, {"linked": bool(new.linked)}, new.entity)
    if old is not None and not new.linked:
        old.until = now
        change.removed = [old]
    elif old is None and read is not None:
        read.known_at, read.echo, read.corrected_by = now, document.echo, by
        for name, value in (_certain(new.label) if new.label else {}).items():
            setattr(read, name, value)
        change.added = [read]
    return change


def _story(session: Session, document: int, story: int | str, now: datetime) -> _Change:
    row = store.held_document(session, document)
    before = row.story_id
    if story == "new":
        target = StoryRow(title=row.title, first_at=row.published_at, last_at=row.published_at, documents=0)
        session.add(target)
        session.flush()
    else:
        target = store.held_story(session, int(story))
    change = _Change("story", document, {"story": before}, {"story": target.id})
    row.story_id = target.id
    session.flush()
    for changed in {before, target.id} - {None}:
        told = store.documents_of(session, int(changed or 0))
        _tell_anew(session, store.held_story(session, int(changed or 0)), told)
        for position, one in enumerate(told):
            _mark_echo(session, one, position > 0, now, change)
    return change


def _tell_anew(session: Session, story: StoryRow, told: Sequence[DocumentRow]) -> None:
    story.documents = len(told)
    if told:
        story.title = told[0].title or story.title
        story.first_at, story.last_at = told[0].published_at, told[-1].published_at


def _mark_echo(session: Session, document: DocumentRow, echo: bool, now: datetime, change: _Change) -> None:
    if document.echo == echo:
        return
    document.echo = echo
    for old in store.known_readings(session, document.id):
        change.removed.append(old)
        change.added.append(_replaced(old, now, echo=echo))


def _replaced(old: ReadingRow, now: datetime, **changes: Any) -> ReadingRow:
    """End a reading, and begin the next one."""
    old.until = now
    kept = {
        column.key: getattr(old, column.key)
        for column in ReadingRow.__table__.columns
        if column.key not in ("id", "known_at", "until")
    }
    return ReadingRow(**{**kept, "known_at": now, "until": None, **changes})


def _certain(label: str | None) -> dict[str, Any]:
    """The figures of a mood that a person gave."""
    chances = {name: float(name == label) for name in LABELS}
    score = chances["positive"] - chances["negative"]
    return {**chances, "score": score, "confidence": 1.0, "enough": True, "model": PERSON}


def _likeliest(row: ReadingRow) -> str:
    return max(LABELS, key=lambda name: float(getattr(row, name)))
