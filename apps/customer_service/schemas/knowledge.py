"""The knowledge base on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from apps.customer_service.schemas.asking import Audience, CollectionName
from apps.customer_service.schemas.warnings import Warning_

SET_BY_HAND = "set_by_hand"
"""Metadata field: the fields that a person set, each with what the source said instead."""


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


class DocumentChange(BaseModel):
    """What a person sets of a document; a field that is left out stays, null takes back what was set by hand.

    valid_from, valid_until: ISO 8601, UTC where no zone is given; both days are included
    """

    model_config = ConfigDict(extra="forbid")

    audience: Audience | None = None
    valid_from: Annotated[str, StringConstraints(max_length=40)] | None = None
    valid_until: Annotated[str, StringConstraints(max_length=40)] | None = None


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
    """What an import did, by document key. What was added, replaced or is
    unchanged is searchable now, what was removed is found no more."""

    collection: str
    added: list[str]
    replaced: list[str]
    unchanged: list[str]
    removed: list[str] = Field(default_factory=list)
    failed: list["FailedFile"] = Field(default_factory=list)
    warnings: list[Warning_] = Field(default_factory=list, description="about what was added or replaced")
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
