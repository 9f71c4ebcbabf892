"""Questions, answers and hits on the wire."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST_QUESTION_CHARACTERS = 4_000

Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_QUESTION_CHARACTERS)]
CollectionName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Action = Literal["answer", "clarify", "handoff"]


class Turn(BaseModel):
    """What was said before, oldest first."""

    role: Literal["user", "agent"]
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)]


class AskQuery(BaseModel):
    """A customer's question with the conversation before it."""

    model_config = ConfigDict(extra="forbid")

    question: Question
    collection: CollectionName = "support"
    turns: list[Turn] = Field(default_factory=list, max_length=100)


class Citation(BaseModel):
    """A stretch of a source that stands in the answer. start, end: characters in the document's text."""

    number: int
    document: str
    title: str
    source: str
    heading: list[str]
    passage: str
    start: int
    end: int
    text: str


class Suggestion(BaseModel):
    """A document that is near the question without answering it for sure."""

    document: str
    title: str
    heading: list[str]
    passage: str
    start: int
    end: int


class Answer(BaseModel):
    """What the desk says, in the sources' own sentences, and how sure it is.

    action: `answer`: use it; `clarify`: ask which of `suggestions` is meant; `handoff`: a person must answer
    confidence: calibrated probability in [0, 1] that the knowledge base answers the question
    """

    answer: str
    action: Action
    confidence: float
    confidence_words: str
    citations: list[Citation]
    suggestions: list[Suggestion]
    collection: str


class SearchQuery(BaseModel):
    """A look into the knowledge base. where: a metadata filter."""

    model_config = ConfigDict(extra="forbid")

    query: Question
    collection: CollectionName = "support"
    k: int = Field(default=10, ge=1, le=100)
    where: dict[str, Any] | None = None
    turns: list[Turn] = Field(default_factory=list, max_length=100)


class SearchHit(BaseModel):
    """A passage that was found, with the evidence for it."""

    id: str
    score: float
    document: str
    title: str
    source: str
    heading: list[str]
    text: str
    start: int
    end: int
    metadata: dict[str, Any]
    similarity: float
    word_coverage: float


class SearchHits(BaseModel):
    """Hits, best first, with the confidence and the action that an answer to the same question would have."""

    confidence: float
    action: Action
    hits: list[SearchHit]
