"""The table of what analysts corrected. No queries."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from apps.finance_sentiment.store.archive_tables import Key
from core.database import Base, UTCDateTime


class CorrectionRow(Base):
    """One correction; none is ever changed, a later one of the same thing counts instead.

    kind: mood, entity or story;  entity_id: None for a story;  before, after: what it said, and what it says since
    by: name of the key;  reading_id: of a mood, the reading that was corrected
    """

    __tablename__ = "finance_corrections"
    __table_args__ = (
        Index("ix_finance_corrections_document", "document_id"),
        Index("ix_finance_corrections_kind", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    document_id: Mapped[int] = mapped_column(ForeignKey("finance_documents.id", ondelete="CASCADE"))
    entity_id: Mapped[str | None] = mapped_column(ForeignKey("finance_entities.id"))
    reading_id: Mapped[int | None] = mapped_column(ForeignKey("finance_readings.id", ondelete="CASCADE"))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(String(160))
    at: Mapped[datetime] = mapped_column(UTCDateTime())
