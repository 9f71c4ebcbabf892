"""What the pages read of the API's answers: the fields that they show, and no more."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel


class LastStory(BaseModel):
    """The latest story about a company."""

    id: int
    title: str
    at: datetime


class OverviewItem(BaseModel):
    """A company on the watchlist's page. index: in [-1, 1];  sparkline: 30 days, null where nothing was known"""

    entity: str
    name: str
    sector: str
    watched: bool
    index: float | None
    change_24h: float | None
    change_7d: float | None
    volume_24h: int
    usual_24h: float | None
    sparkline: list[float | None]
    last_story: LastStory | None


class Overview(BaseModel):
    """All companies that were asked for."""

    items: list[OverviewItem]


class Point(BaseModel):
    """A bucket of a curve."""

    start: datetime
    volume: int
    echoes: int
    index: float | None
    dispersion: float | None
    evidence: float
    negative: int
    neutral: int
    positive: int


class Timeline(BaseModel):
    """A curve."""

    bucket: str
    half_life_hours: float
    as_of: datetime | None = None
    points: list[Point]


class Token(BaseModel):
    """Letters that spoke for or against. start, end: characters of title, newline, text"""

    start: int
    end: int
    weight: float


class Reading(BaseModel):
    """What a document says of a company."""

    id: int
    entity: str
    name: str = ""
    relevance: int
    enough: bool
    label: str
    score: float
    confidence: float
    probabilities: dict[str, float]
    sentence: str
    start: int
    end: int
    model: str
    corrected_by: str | None = None
    tokens: list[Token] = []


class DocumentShown(BaseModel):
    """A document with what was read from it."""

    id: int
    title: str
    text: str = ""
    url: str = ""
    source: str
    published_at: datetime
    story: int | None = None
    echo: bool = False
    readings: list[Reading] = []


class Correction(BaseModel):
    """What a person says instead. Either reading and label, or document with entity and linked, or with story."""

    reading: int | None = None
    label: str | None = None
    document: int | None = None
    entity: str | None = None
    linked: bool | None = None
    story: int | str | None = None


class Watching(BaseModel):
    """Whether a company is on the watchlist."""

    watched: bool


class StoryLine(BaseModel):
    """A story about a company. index: its mood towards the company;  document: the first text of it"""

    id: int
    title: str
    first_at: datetime
    last_at: datetime
    documents: int
    echoes: int
    source: str = ""
    index: float | None = None
    document: int | None = None


class DocumentLine(BaseModel):
    """A text in a list, with what was read from it for the company that was asked for."""

    id: int
    title: str
    source: str
    published_at: datetime
    story: int | None = None
    echo: bool = False
    readings: list[Reading] = []


class Nothing(BaseModel):
    """An empty body."""


class ReviewItem(BaseModel):
    """A text of which the reading is worth a look."""

    document: DocumentShown
    reading: Reading
    reason: str = ""


class Queue(BaseModel):
    """The correction queue. waiting: how many there are in all"""

    items: list[ReviewItem]
    waiting: int | None = None


class Measured(BaseModel):
    """A figure of the model in use. low, high: 95 % interval;  n: measured on so many;  of: what it was measured on"""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None
    of: str = ""


class Bin(BaseModel):
    """A step of the calibration curve. confidence: said, on average;  accuracy: how often it was right;  n: of texts"""

    confidence: float
    accuracy: float
    n: int


class Version(BaseModel):
    """A version of the model."""

    version: int
    created_at: datetime | None = None
    active: bool = False
    origin: str = ""
    note: str = ""


class ModelInUse(BaseModel):
    """The model in use. error: expected calibration error;  on: what the calibration was measured on"""

    name: str
    version: int | None = None
    base: str = ""
    trained_on: str = ""
    figures: list[Measured] = []
    calibration: list[Bin] = []
    error: float | None = None
    on: str = ""
    versions: list[Version] = []
