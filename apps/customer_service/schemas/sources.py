"""Sources of the knowledge on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from apps.customer_service.schemas.asking import CollectionName

SourceName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class SourceSummary(BaseModel):
    """Where documents come from.

    kind: folder (read on the server's machine), upload or rows;  documents: how many it holds now
    last_import: what the last import did, in numbers
    """

    id: str
    collection: str
    name: str
    kind: str
    places: list[str]
    documents: int
    created_at: datetime
    imported_at: datetime | None
    last_import: dict[str, int]


class NewSource(BaseModel):
    """A source to be filled over HTTP. Folders are made by `trivium support import`, on the machine they lie on."""

    model_config = ConfigDict(extra="forbid")

    name: SourceName
    kind: Literal["upload", "rows"] = "upload"
    collection: CollectionName = "support"


class Sync(BaseModel):
    """How a source is imported again.

    sync: also remove what it brought before and does not hold now;  force: even when that is more than half
    """

    model_config = ConfigDict(extra="forbid")

    sync: bool = False
    force: bool = False


class SourceRows(Sync):
    """All rows of a source, as in `NewDocuments`."""

    documents: list[dict[str, Any]] = Field(max_length=10_000)
