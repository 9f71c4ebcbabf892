"""Questions, answers and hits on the wire."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from core.generation.failures import Failure

MOST_QUESTION_CHARACTERS = 4_000

Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_QUESTION_CHARACTERS)]
CollectionName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Action = Literal["answer", "clarify", "handoff"]
Composer = Literal["extractive", "model"]
Audience = Literal["public", "internal"]
"""Whose eyes an answer is for: customers, or also the company's own people (scope `support:agent`)."""
Kind = Literal["question", "small_talk", "human", "wordless", "garbled"]


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
    audience: Audience = "public"


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


class AnsweredPart(BaseModel):
    """One of several questions in a message. citations: numbers of the answer's citations;  else as in `Answer`"""

    question: str
    answer: str
    action: Action
    confidence: float | None
    confidence_words: str
    citations: list[int]
    source: Composer = "extractive"
    fallback: Failure | None = None


class Answer(BaseModel):
    """What the desk says, and how sure it is.

    action: `answer`: use it; `clarify`: ask which of `suggestions` is meant; `handoff`: a person must answer
    confidence: calibrated probability in [0, 1] that the best document answers the question, so that of 100 answers at
        .9 some 90 are right; of several questions, the lowest; null where nothing was searched
    source: `extractive`: the sources' own sentences; `model`: a chat model's, each backed by what it cites; of several
        questions `model` if one of them is
    fallback: why the chat model's draft was not used, where one was asked for; of several questions, the first such
    kind: what the message is: a `question`; `small_talk`; the wish for a `human`; `wordless` or `garbled` text
    language: of the message, ISO 639-1 or "unknown"
    parts: where the message holds several questions, each with its own action; `action` is the most cautious of them
    """

    answer: str
    action: Action
    confidence: float | None
    confidence_words: str
    citations: list[Citation]
    suggestions: list[Suggestion]
    collection: str
    source: Composer = "extractive"
    fallback: Failure | None = None
    kind: Kind = "question"
    language: str = "unknown"
    parts: list[AnsweredPart] = Field(default_factory=list)


class SearchQuery(BaseModel):
    """A look into the knowledge base. where: a metadata filter."""

    model_config = ConfigDict(extra="forbid")

    query: Question
    collection: CollectionName = "support"
    k: int = Field(default=10, ge=1, le=100)
    where: dict[str, Any] | None = None
    turns: list[Turn] = Field(default_factory=list, max_length=100)
    audience: Audience = "public"


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
    """Hits, best first. action: what `ask` would do

    confidence: calibrated, in [0, 1], that the knowledge base answers at all; that of `ask` is of the best document
    """

    confidence: float
    action: Action
    hits: list[SearchHit]
