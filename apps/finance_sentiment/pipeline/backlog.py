"""How far reading is behind: while much waits, hours are not whole, and what is missing would look like calm."""

from datetime import datetime

from apps.finance_sentiment.pipeline.reading import BATCH, FRESH
from apps.finance_sentiment.schemas.documents import Backlog
from apps.finance_sentiment.store.readings import Readings

MANY = 2 * BATCH  # documents


def backlog(readings: Readings, now: datetime) -> Backlog:
    """What waits to be read. It is behind with many documents, or with one that was captured long ago."""
    left = readings.left()
    is_old = left.captured is not None and left.captured < now - FRESH
    return Backlog(waiting=left.documents, behind=left.documents > MANY or is_old, since=left.published)
