"""Moods on the wire."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Label = Literal["negative", "neutral", "positive"]
Text = Annotated[str, StringConstraints(min_length=1, max_length=100_000, pattern=r"\S")]
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Asked(BaseModel):
    """A text, and whom the mood is towards: a name as it stands in the text."""

    model_config = ConfigDict(extra="forbid")

    text: Text
    entity: Named | None = None


class ScoreQuery(BaseModel):
    """Texts to be read; the first line of each is its title."""

    model_config = ConfigDict(extra="forbid")

    texts: Annotated[list[Text | Asked], Field(min_length=1, max_length=256)]


class Scored(BaseModel):
    """A mood. score: P(positive) - P(negative), in [-1, 1];  confidence: of the label

    enough: False where there is too little evidence to tell; the label is then a guess
    """

    label: Label
    probabilities: dict[Label, float]
    score: float
    confidence: float
    enough: bool


class ScoredEntity(Scored):
    """The mood towards one company that the text names. relevance: of the text to it, 0 to 100

    sentence: the one that decided;  start, end: of the mention in it, characters of the text
    """

    entity: str
    name: str
    relevance: int
    sentence: str
    start: int
    end: int


class ScoredText(Scored):
    """The mood of a text, or towards the entity that was asked for. entities: left out where one was given"""

    entities: list[ScoredEntity] | None = None


class Scores(BaseModel):
    """One item for each text, in order. model: which version read them"""

    model: str
    items: list[ScoredText]
