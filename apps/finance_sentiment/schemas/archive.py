"""Documents and stories of the archive on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

Mood = Literal["negative", "neutral", "positive", "unclear"]
MOODS = "by the likeliest mood of the reading; unclear: too little evidence for one"


class ReadingShown(BaseModel):
    """What a document says of one company.

    score: P(positive) - P(negative);  confidence: of the mood;  relevance: of the document to the company, 0 to 100
    start, end: of the mention that decided, characters of title, newline, text
    """

    entity: str
    name: str
    mood: Mood = Field(description=MOODS)
    negative: float
    neutral: float
    positive: float
    score: float
    confidence: float
    relevance: int
    sentence: str
    start: int
    end: int
    model: str
    corrected_by: str | None


class DocumentShown(BaseModel):
    """A captured text. text: its beginning in a list, the whole where one document is asked for

    published_at: what the source said; where it said nothing usable (dated: false), when it was fetched
    echo: not the first of its story;  read: whether companies and moods were looked for yet
    """

    id: int
    source: str
    url: str
    title: str
    text: str
    published_at: datetime
    dated: bool
    fetched_at: datetime
    story: int | None
    echo: bool
    read: bool
    readings: list[ReadingShown]


class EntityStory(BaseModel):
    """A story about a company. document: the first one;  echoes: further documents that tell the same"""

    story: int
    title: str
    source: str
    document: int
    published_at: datetime
    last_at: datetime
    echoes: int
    mood: Mood = Field(description=MOODS)
    score: float
    relevance: int
    sentence: str


class Exported(BaseModel):
    """What an export wrote. rows: one for each document and company"""

    rows: int
    file: str
