"""From a question to an answer with its sources, or to a plain "I don't know". Writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.customer_service.pipeline.confidence import Calibration, Evidence, calibration_of, in_words
from apps.customer_service.schemas.asking import (
    Action,
    Answer,
    AskQuery,
    Citation,
    SearchHit,
    SearchHits,
    SearchQuery,
    Suggestion,
    Turn,
)
from apps.customer_service.settings import SupportSettings
from core.generation.extractive import compose
from core.retrieval.collections import Collection
from core.retrieval.documents import UNANSWERED, Hit
from core.retrieval.subjects import FIELD as SUBJECT

CONTEXT_TURNS = 4
CONTEXT_WORDS = 80  # the encoder reads 256 word pieces, and the question itself must fit
HITS = 8
GAPS = 8
ANSWERED = {"field": UNANSWERED, "operator": "!=", "value": True}
DONT_KNOW = "I don't know: the knowledge base does not answer this. Please hand over to a person."
WHICH = "I am not sure what is meant. Is it about one of these?"


@dataclass(frozen=True)
class Verdict:
    """What a search amounts to. confidence: calibrated probability in [0, 1] that the base answers the question"""

    action: Action
    confidence: float


def ask(query: AskQuery, collection: Collection, calibration: Calibration | None, settings: SupportSettings) -> Answer:
    """Answer in the sources' own sentences when the calibrated confidence allows it.

    calibration: None for the collection's own
    """
    evidence = weigh(collection, query.question, query.turns)
    verdict = judge(evidence, calibration or calibration_of(collection), settings)
    hits, action, confidence = evidence.hits, verdict.action, verdict.confidence
    citations = cite(hits[0], settings.most_sentences) if action == "answer" else []
    said = {
        "answer": "\n".join(f"{citation.text} [{citation.number}]" for citation in citations),
        "clarify": WHICH,
        "handoff": DONT_KNOW,
    }
    return Answer(
        answer=said[action],
        action=action,
        confidence=confidence,
        confidence_words=in_words(confidence),
        citations=citations,
        suggestions=[] if action == "answer" else suggest(hits),
        collection=collection.name,
    )


def weigh(
    collection: Collection, text: str, turns: Sequence[Turn], k: int = HITS, where: Mapping[str, Any] | None = None
) -> Evidence:
    """Search for what answers, and for questions that are known to have no answer here.

    The conversation is kept in mind, so that "and abroad?" finds what it is about.
    k: hits that are wanted; the evidence looks at HITS of them at least;  where: a metadata filter
    """
    condition = {"operator": "AND", "conditions": [ANSWERED, where]} if where else ANSWERED
    lists: list[tuple[int, Mapping[str, Any] | None]] = [(max(k, HITS), condition), (GAPS, {UNANSWERED: True})]
    said = [turn.text for turn in turns]
    hits, gaps = collection.search_lists(text, lists, context=context_of(turns), turns=said)
    [has_subjects] = collection.fields(SUBJECT)
    return Evidence(hits, gaps, collection.home.encoder.encode([text])[0] if has_subjects else None)


def context_of(turns: Sequence[Turn]) -> str:
    """The end of a conversation, in few enough words to be read along with the question."""
    words = " ".join(turn.text for turn in turns[-CONTEXT_TURNS:]).split()
    return " ".join(words[-CONTEXT_WORDS:])


def judge(evidence: Evidence, calibration: Calibration, settings: SupportSettings) -> Verdict:
    """What `ask` does and `search` shows: one action, one confidence."""
    return Verdict(decide(evidence, calibration, settings), round(calibration.answered.probability(evidence), 4))


def decide(evidence: Evidence, calibration: Calibration, settings: SupportSettings) -> Action:
    """Three explicit actions. Not answered here: a person. Answered, but which document? Ask. Else: answer."""
    if calibration.answered.probability(evidence) < (settings.refuse_below or calibration.refuse_below):
        return "handoff"
    if calibration.right.probability(evidence) >= (settings.answer_above or calibration.answer_above):
        return "answer"
    return "clarify"


def cite(hit: Hit, most_sentences: int) -> list[Citation]:
    """The best hit's quotes, numbered."""
    return [
        Citation(
            number=number,
            document=hit.document,
            title=hit.title,
            source=hit.source,
            heading=list(hit.passage.heading),
            passage=hit.passage.key,
            start=quote.start,
            end=quote.end,
            text=quote.text,
        )
        for number, quote in enumerate(compose(hit, most_sentences), start=1)
    ]


def suggest(hits: Sequence[Hit], most: int = 3) -> list[Suggestion]:
    """The nearest documents, each once."""
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.document, hit)
    return [
        Suggestion(
            document=hit.document,
            title=hit.title,
            heading=list(hit.passage.heading),
            passage=hit.passage.key,
            start=hit.passage.start,
            end=hit.passage.end,
        )
        for hit in list(first.values())[:most]
    ]


def search(query: SearchQuery, collection: Collection, settings: SupportSettings) -> SearchHits:
    """Hits with the evidence for them, and what `ask` would do, for a person who wants to see why."""
    evidence = weigh(collection, query.query, query.turns, query.k, query.where)
    verdict = judge(evidence, calibration_of(collection), settings)
    return SearchHits(
        confidence=verdict.confidence,
        action=verdict.action,
        hits=[
            SearchHit(
                id=hit.id,
                score=round(hit.score, 4),
                document=hit.document,
                title=hit.title,
                source=hit.source,
                heading=list(hit.passage.heading),
                text=hit.passage.text,
                start=hit.passage.start,
                end=hit.passage.end,
                metadata=dict(hit.metadata),
                similarity=round(hit.signals.closest, 4),
                word_coverage=round(hit.signals.coverage, 4),
            )
            for hit in evidence.hits[: query.k]
        ],
    )
