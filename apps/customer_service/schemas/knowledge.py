"""The knowledge base on the wire."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from apps.customer_service.schemas.asking import CollectionName


class DocumentSummary(BaseModel):
    """A document in a list."""

    key: str
    title: str
    source: str
    kind: Literal["file", "row"]
    metadata: dict[str, Any]
    updated_at: datetime


class DocumentDetail(DocumentSummary):
    """A document with its whole text."""

    text: str


class CollectionSummary(BaseModel):
    """A knowledge base."""

    name: str
    documents: int


class CollectionSummaries(BaseModel):
    """All knowledge bases, by name."""

    items: list[CollectionSummary]


class NewDocuments(BaseModel):
    """Rows to import: `{"id"?, "question", "answer", …}` or `{"id"?, "text", "title"?, …}`."""

    model_config = ConfigDict(extra="forbid")

    collection: CollectionName = "support"
    documents: list[dict[str, Any]] = Field(min_length=1, max_length=1_000)


class ImportReport(BaseModel):
    """What an import did, by document key. Everything named here but `failed` is searchable now."""

    collection: str
    added: list[str]
    replaced: list[str]
    unchanged: list[str]
    failed: list["FailedFile"] = Field(default_factory=list)
    suspicious: list["SuspiciousText"] = Field(default_factory=list)


class FailedFile(BaseModel):
    """A source that could not be read, and why; nothing of it was imported."""

    name: str
    reason: str


class SuspiciousText(BaseModel):
    """A sentence that is aimed at a model instead of a reader. It was imported, and is never quoted.

    start, end: characters in the document's text;  kind: as in `core.safety.injections`
    """

    document: str
    start: int
    end: int
    kind: str
    text: str
