"""From a question to an answer with its sources, or to a plain "I don't know". Writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.customer_service.pipeline.confidence import Calibration, Evidence, calibration_of, in_words
from apps.customer_service.pipeline.drafting import Drafted, Drafter, draft, rewritten
from apps.customer_service.pipeline.leaning import leans
from apps.customer_service.pipeline.visibility import seen_by
from apps.customer_service.schemas.asking import (
    Action,
    Answer,
    AskQuery,
    Audience,
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
class Judgement:
    """All that an answer rests on. answered, right: probabilities, see `confidence.Calibration`"""

    evidence: Evidence
    answered: float
    right: float
    action: Action


def ask(
    query: AskQuery,
    collection: Collection,
    settings: SupportSettings,
    drafter: Drafter | None = None,
) -> Answer:
    """Answer when the calibrated confidence allows it: in a chat model's backed words, else in the sources' own.

    drafter: None where no chat model is set
    """
    return say(judge(query, collection, settings, drafter), query, collection, settings, drafter)


def judge(
    query: AskQuery, collection: Collection, settings: SupportSettings, drafter: Drafter | None = None
) -> Judgement:
    """Search, weigh and decide; what the test bench shows is this, and what is said follows from this."""
    text = rewritten(query.question, query.turns, drafter) if drafter else query.question
    return judged(weigh(collection, text, query.turns, query.audience), collection, settings)


def judged(evidence: Evidence, collection: Collection, settings: SupportSettings) -> Judgement:
    """Decide by what was found."""
    calibration = calibration_of(collection)
    return Judgement(
        evidence=evidence,
        answered=calibration.answered.probability(evidence),
        right=calibration.right.probability(evidence),
        action=decide(evidence, calibration, settings),
    )


def say(
    judgement: Judgement,
    query: AskQuery,
    collection: Collection,
    settings: SupportSettings,
    drafter: Drafter | None = None,
) -> Answer:
    """Put a judgement into words: a chat model's where it drafts what the sources say, else the sources' own."""
    drafted: Drafted | None = None
    if drafter and judgement.action == "answer":
        drafted = _drafted(query, judgement.evidence.hits, drafter)
    hits, confidence, action = judgement.evidence.hits, round(judgement.right, 4), judgement.action
    by_model = drafted is not None and drafted.failure is None
    citations = cite(hits[0], settings.most_sentences) if action == "answer" and not by_model else []
    if drafted and by_model:
        citations = list(drafted.citations)
    if action == "answer" and not citations:
        action = "handoff"  # all that the passage says is aimed at a model
    quoted = "\n".join(f"{citation.text} [{citation.number}]" for citation in citations)
    said = {
        "answer": drafted.answer if drafted and by_model else quoted,
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
        source="model" if by_model else "extractive",
        fallback=drafted.failure if drafted else None,
    )


def _drafted(query: AskQuery, hits: Sequence[Hit], drafter: Drafter) -> Drafted:
    return draft(
        query.question,
        query.turns,
        hits,
        drafter.chat_model,
        drafter.encoder,
        cleaned=drafter.cleaned,
        neutralised=drafter.neutralised,
    )


def find(
    collection: Collection,
    text: str,
    turns: Sequence[Turn],
    k: int,
    where: Mapping[str, Any] | None = None,
    audience: Audience = "public",
) -> list[Hit]:
    """Search with the conversation in mind, so that "and abroad?" finds what it is about.

    where: a further filter; it can narrow what this audience sees now, never widen it
    """
    return list(weigh(collection, text, turns, audience, k, where).hits[:k])


def weigh(
    collection: Collection,
    text: str,
    turns: Sequence[Turn],
    audience: Audience = "public",
    k: int = HITS,
    where: Mapping[str, Any] | None = None,
) -> Evidence:
    """Search for what answers, and for questions that are known to have no answer here.

    Where the message leans on the conversation, that is kept in mind. k: most hits;  where: as for `find`
    """
    seen = _seen(collection, audience)
    lists: list[tuple[int, Mapping[str, Any] | None]] = [
        (k, _all_of(ANSWERED, seen, *([where] if where else []))),
        (GAPS, _all_of({UNANSWERED: True}, seen)),
    ]
    said = [turn.text for turn in turns]
    [has_subjects] = collection.fields(SUBJECT)
    vector = collection.home.encoder.encode([text])[0] if has_subjects else None

    def searched(context: str = "") -> Evidence:
        hits, gaps = collection.search_lists(text, lists, context=context, turns=said)
        return Evidence(hits, gaps, vector)

    leaning = leans(text) if turns and not has_subjects else "no"  # subjects are heard in the turns
    if leaning != "yes":
        alone = searched()
        if leaning == "no" or calibration_of(collection).answers(alone):
            return alone
    return searched(context_of(turns))


def _seen(collection: Collection, audience: Audience) -> Mapping[str, Any]:
    """Every search of the desk goes through this: what the audience may see at this moment."""
    return seen_by(audience, collection.home.clock())


def _all_of(*conditions: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"operator": "AND", "conditions": list(conditions)}


def context_of(turns: Sequence[Turn]) -> str:
    """The end of a conversation, in few enough words to be read along with the question."""
    words = " ".join(turn.text for turn in turns[-CONTEXT_TURNS:]).split()
    return " ".join(words[-CONTEXT_WORDS:])


def verdict(evidence: Evidence, calibration: Calibration, settings: SupportSettings) -> tuple[float, Action]:
    """The calibrated probability, in [0, 1], that the base answers the question, and what `ask` would do."""
    return round(calibration.answered.probability(evidence), 4), decide(evidence, calibration, settings)


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
    evidence = weigh(collection, query.query, query.turns, query.audience, max(query.k, HITS), query.where)
    confidence, action = verdict(evidence, calibration_of(collection), settings)
    return SearchHits(
        confidence=confidence,
        action=action,
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
