"""Curves on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

FORMULA = (
    "The mood index at the end of a bucket is R(t) = sum(w 2^(-(t-ti)/h) si) / sum(w 2^(-(t-ti)/h)) over all readings "
    "up to then: s is the score in [-1, 1], h the half-life, w the relevance (0 to 1) of documents that are the first "
    "of their story and say enough; echoes and thin evidence weigh 0. It is null, never 0, where less than 0.01 of "
    "weight is left. `from` is moved back to the beginning of its bucket, `to` forward to its end. Buckets of whole "
    "hours are read from hourly sums, whose readings count as if each stood in the middle of its hour."
)


class TimelinePoint(TypedDict):
    """One bucket of a curve. A dict: a year has 8,760 of them."""

    start: Annotated[datetime, Field(description="its beginning, UTC; it ends where the next one begins")]
    volume: Annotated[int, Field(description="readings that are no echo")]
    echoes: Annotated[int, Field(description="readings of further copies of a story")]
    index: Annotated[
        float | None, Field(description="mood index at its end, in [-1, 1]; null where there is no evidence")
    ]
    dispersion: Annotated[float | None, Field(description="weighted standard deviation of the scores behind the index")]
    evidence: Annotated[float, Field(description="faded weight behind the index")]
    negative: Annotated[int, Field(description="readings by likeliest mood, without echoes and thin evidence")]
    neutral: int
    positive: int


class Timeline(BaseModel):
    """A curve. as_of: what was known then; null: what is known now;  half_life: hours"""

    entity: str | None = None
    sector: str | None = None
    watched: bool | None = None
    bucket: str
    half_life: float
    zone: str
    as_of: datetime | None
    points: list[TimelinePoint]


class StoryShown(BaseModel):
    """The newest story of a company."""

    document: int
    story: int | None
    title: str
    at: datetime


class OverviewRow(BaseModel):
    """A company at a glance. Changes and indices are null where there was no evidence at either end."""

    entity: str
    name: str
    sector: str
    watched: bool
    index: float | None = Field(description="mood index now, in [-1, 1]")
    change_24h: float | None = Field(description="since 24 hours ago")
    change_7d: float | None = Field(description="since seven days ago")
    volume_24h: int = Field(description="readings of the last 24 hours that are no echo")
    volume_usual: float = Field(description="mean of the 28 days before those 24 hours")
    sparkline: list[float | None] = Field(description="mood index at the end of each of the last 30 days of 24 hours")
    last_story: StoryShown | None
