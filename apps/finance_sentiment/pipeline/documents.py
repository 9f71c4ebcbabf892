"""Documents between HTTP and the archive."""

from datetime import datetime

from apps.finance_sentiment.pipeline.capturing import Captured, capture
from apps.finance_sentiment.schemas.documents import Document, Push, Pushed
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.archive_tables import DocumentRow
from apps.finance_sentiment.store.documents import Documents


def push(documents: Documents, push: Push, now: datetime, settings: FinanceSettings) -> Pushed:
    """Keep what another program brings, all of it or none."""
    captured = [
        Captured(one.title, one.text, external_id=one.id, url=one.url, published_at=one.published_at)
        for one in push.documents
    ]
    done = capture(documents, captured, push.source, now, settings)
    return Pushed(accepted=len(done.new), known=done.known, empty=done.empty, ids=done.ids)


def shown(row: DocumentRow) -> Document:
    """A row as it is sent."""
    names = Document.model_fields.keys() - {"story"}
    return Document.model_validate({"story": row.story_id, **{name: getattr(row, name) for name in names}})
