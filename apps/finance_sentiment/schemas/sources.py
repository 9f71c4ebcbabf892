"""Sources on the wire."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from apps.finance_sentiment.schemas.documents import SourceId

Kind = Literal["feed", "page", "folder"]
State = Literal["new", "ok", "failing", "paused"]
LEAST_WEB_S, LEAST_FOLDER_S, MOST_S = 60, 5, 86_400
RESERVED = ("push", "import")
"""What documents without a source of this kind are kept under."""

Address = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Every = Annotated[
    int, Field(ge=LEAST_FOLDER_S, le=MOST_S, description="seconds between two looks; 60 at least on the web")
]


class SourceQuery(BaseModel):
    """Where texts lie."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    address: Address


class NewSource(SourceQuery):
    """A source to be added. id: made from its address where none is given"""

    id: SourceId | None = None
    title: Title = ""
    every_seconds: Every = 300
    enabled: bool = True

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.kind != "folder" and self.every_seconds < LEAST_WEB_S:
            raise ValueError(f"every_seconds is {LEAST_WEB_S} at least on the web")
        if self.id in RESERVED:
            raise ValueError(f"the id {self.id!r} is taken by documents that are pushed or imported")
        return self


class SourceChange(BaseModel):
    """What is to be changed; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    address: Address | None = None
    title: Title | None = None
    every_seconds: Every | None = None
    enabled: bool | None = None


class Source(BaseModel):
    """A source and how it fares.

    address: without its query, and empty for a folder, for a key that may only read
    state: new (not looked at yet), ok, failing (it is tried again at `next_at`), paused;  reason: a sentence about it
    failures: in a row;  items_seen, items_new: entries since it was added, and those that nobody had brought before
    """

    id: str
    kind: Kind
    address: str
    title: str
    every_seconds: int
    enabled: bool
    state: State
    reason: str
    last_polled_at: datetime | None
    last_success_at: datetime | None
    failures: int
    next_at: datetime
    items_seen: int
    items_new: int
    created_at: datetime


class Polled(BaseModel):
    """How a look went. changed: False where the source says it is as it was;  seen: entries;  new: kept just now"""

    source: str
    ok: bool
    reason: str
    changed: bool
    seen: int
    new: int


class Tested(BaseModel):
    """What a source would bring; nothing was kept.

    every_seconds: between looks as the feed itself asks;  titles: of the first five;  note: what is odd about it
    """

    title: str
    items: int
    titles: list[str]
    every_seconds: int | None
    note: str
