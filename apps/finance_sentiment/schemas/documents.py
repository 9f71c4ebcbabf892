"""Captured documents on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from apps.finance_sentiment.schemas.moments import Moment
from apps.finance_sentiment.schemas.score import Label

SOURCE_PATTERN = r"^[a-z0-9][a-z0-9_.-]{0,63}$"
MOST_AT_ONCE = 500

SourceId = Annotated[str, StringConstraints(pattern=SOURCE_PATTERN)]


class SourceName(BaseModel):
    """What a source is called."""

    source: SourceId


class PushedDocument(BaseModel):
    """A text that another program brings. id: what the program calls it; the same id is kept once

    without an id, its address is its name; without an address, its words
    """

    model_config = ConfigDict(extra="forbid")

    id: str = Field(default="", max_length=2_000)
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
    text: str = Field(default="", max_length=5_000_000)
    url: str = Field(default="", max_length=2_000)
    published_at: Moment = Field(default=None, description="ISO 8601 or seconds since 1970; without a zone: UTC")


class Push(BaseModel):
    """Several texts of one source."""

    model_config = ConfigDict(extra="forbid")

    documents: list[PushedDocument] = Field(min_length=1, max_length=MOST_AT_ONCE)
    source: SourceId = "push"


class Pushed(BaseModel):
    """What became of them. ids: of each, in order; null for one that holds no words

    accepted: kept just now;  known: kept before;  empty: nothing to keep
    """

    accepted: int
    known: int
    empty: int
    ids: list[int | None]


class Document(BaseModel):
    """A captured text.

    published_at: what the source said, or the moment of capture where it said nothing or something impossible
    dated: whether the source said it;  story: null until it was read;  echo: another one told the same before
    read_at: null while it waits to be read
    """

    id: int
    source: str
    external_id: str
    url: str
    title: str
    text: str
    published_at: datetime
    dated: bool
    fetched_at: datetime
    story: int | None
    echo: bool
    read_at: datetime | None


class Decider(BaseModel):
    """A word that spoke for the mood, or against it. start, end: characters of title, newline, text

    weight: in [-1, 1]; without their signs, the weights of a sentence sum to 1
    """

    start: int
    end: int
    weight: float


class Reading(BaseModel):
    """What a document says of a company. relevance: of the document to it, 0 to 100

    enough: False where there is too little evidence; the label is then a guess
    sentence: the one that decided;  start, end: of the mention in it, characters of title, newline, text
    corrected_by: name of the key of the person who said so, null for what a model read
    """

    id: int
    entity: str
    name: str
    relevance: int
    enough: bool
    label: Label
    score: float
    confidence: float
    probabilities: dict[Label, float]
    sentence: str
    start: int
    end: int
    model: str
    corrected_by: str | None
    tokens: list[Decider]


class DocumentRead(Document):
    """A captured text with what was read from it, the most relevant company first."""

    readings: list[Reading]


class Backlog(BaseModel):
    """Captured documents that wait to be read."""

    waiting: int = Field(description="how many")
    behind: bool = Field(description="whether so many, or so old ones, that curves and alerts are not whole yet")
    since: datetime | None = Field(description="when the earliest of them was published")
