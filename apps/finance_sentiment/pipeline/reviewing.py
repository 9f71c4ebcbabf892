"""Which readings a person should look at first: unsure, relevant, told often. Changes nothing."""

from datetime import timedelta

from apps.finance_sentiment.pipeline.correcting import shown
from apps.finance_sentiment.pipeline.entities import LiveEntities
from apps.finance_sentiment.pipeline.mood import Mood
from apps.finance_sentiment.schemas.corrections import Correction, Doubtful
from apps.finance_sentiment.store.corrections import Corrections
from core.clock import Clock
from core.paging import Page, decode_cursor, encode_cursor

LOOKS_BACK = timedelta(days=30)


def queue(corrections: Corrections, live: LiveEntities, clock: Clock, limit: int) -> list[Doubtful]:
    """Of the last 30 days, at most `limit`, what is most worth a look first; what was corrected is left out."""
    listing = live.now()
    found = []
    for reading, document, story, worth in corrections.doubtful(clock() - LOOKS_BACK, limit):
        mood = Mood(reading.negative, reading.neutral, reading.positive)
        known = listing.rows.get(reading.entity_id)
        found.append(
            Doubtful.model_validate(
                {
                    "reading": reading.id,
                    "document": document.id,
                    "title": document.title,
                    "source": document.source,
                    "url": document.url,
                    "published_at": document.published_at,
                    "entity": reading.entity_id,
                    "name": known.name if known else reading.entity_id,
                    "relevance": reading.relevance,
                    "label": mood.label,
                    "enough": reading.enough,
                    "confidence": reading.confidence,
                    "probabilities": mood.probabilities(),
                    "sentence": reading.sentence,
                    "documents": story.documents,
                    "worth": round(min(float(worth), 1.0), 4),
                }
            )
        )
    return found


def page(corrections: Corrections, kind: str | None, cursor: str | None, limit: int) -> Page[Correction]:
    """Corrections, the newest first. raises: BadCursor"""
    place = decode_cursor(cursor, id=int)
    rows = corrections.page(kind, int(place["id"]) if place else None, limit + 1)
    some = rows[:limit]
    more = encode_cursor(id=some[-1].id) if len(rows) > limit else None
    return Page(items=[shown(row) for row in some], next_cursor=more)
