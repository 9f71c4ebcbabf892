"""A document with what was read from it, and with the words that decided. Keeps nothing."""

from collections.abc import Sequence

from apps.finance_sentiment.pipeline.documents import shown
from apps.finance_sentiment.pipeline.entities import LiveEntities
from apps.finance_sentiment.pipeline.mood import Mood, MoodReader
from apps.finance_sentiment.pipeline.reading import as_read
from apps.finance_sentiment.schemas.documents import Decider, DocumentRead, Reading
from apps.finance_sentiment.store.archive_tables import DocumentRow, ReadingRow
from core.outcomes import Labelled


def with_readings(
    row: DocumentRow, readings: Sequence[ReadingRow], live: LiveEntities, moods: MoodReader | None
) -> DocumentRead:
    """moods: explains which words decided; None where nobody asked, since it reads the sentence once more a word"""
    text = as_read(row.title, row.text)
    deciders = _deciders(text, readings, moods) if moods else [[] for _ in readings]
    known = live.now().rows
    return DocumentRead(
        **shown(row).model_dump(),
        readings=[
            _reading(one, known[one.entity_id].name if one.entity_id in known else one.entity_id, words)
            for one, words in zip(readings, deciders, strict=True)
        ],
    )


def _reading(row: ReadingRow, name: str, words: list[Decider]) -> Reading:
    mood = Mood(row.negative, row.neutral, row.positive)
    return Reading.model_validate(
        {
            "id": row.id,
            "entity": row.entity_id,
            "name": name,
            "relevance": row.relevance,
            "enough": row.enough,
            "label": mood.label,
            "score": row.score,
            "confidence": row.confidence,
            "probabilities": mood.probabilities(),
            "sentence": row.sentence,
            "start": row.start,
            "end": row.end,
            "model": row.model,
            "corrected_by": row.corrected_by,
            "tokens": words,
        }
    )


def _deciders(text: str, readings: Sequence[ReadingRow], moods: MoodReader) -> list[list[Decider]]:
    places = [max(text.find(one.sentence, max(0, one.start - len(one.sentence))), 0) for one in readings]
    rows = [Labelled(one.sentence, entity=text[one.start : one.end]) for one in readings]
    return [
        [Decider(start=at + word.start, end=at + word.end, weight=round(word.weight, 4)) for word in words]
        for at, words in zip(places, moods.explain(rows), strict=True)
    ]
