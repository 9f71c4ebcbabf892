"""The test bench on the wire: a question with all that the desk decides by."""

from typing import Any

from pydantic import BaseModel

from apps.customer_service.schemas.asking import Answer


class TriedHit(BaseModel):
    """A passage that was found, with every signal.

    score: the fused one, comparable within one search only;  coverage: share of the question's words, by rarity
    passage, alias, sentences: cosines of the question to the passage, its closest other wording, each sentence
    """

    id: str
    document: str
    title: str
    source: str
    heading: list[str]
    text: str
    start: int
    end: int
    metadata: dict[str, Any]
    score: float
    passage: float
    alias: float | None
    sentences: list[float]
    bm25: float
    coverage: float


class Tried(BaseModel):
    """What `ask` answers, and why.

    answered, right: that the base answers this at all; that the best hit's document does. Below `refuse_below` the
    first hands over; from `answer_above` on the second answers; between the two the desk asks back. Null where nothing
    was searched, as for a greeting; of several questions, those of the one whose `right` is lowest.
    features: the evidence that both are computed from;  gaps: questions known to have no answer here that are near
    """

    answer: Answer
    answered: float | None
    right: float | None
    refuse_below: float
    answer_above: float
    features: dict[str, float]
    hits: list[TriedHit]
    gaps: list[TriedHit]
