"""The test bench: what a question finds, with all that the desk decides by. The live path itself, looked into."""

from collections.abc import Sequence

from apps.customer_service.pipeline.answering import reply
from apps.customer_service.pipeline.asking import Judgement, judge, say
from apps.customer_service.pipeline.confidence import calibration_of
from apps.customer_service.pipeline.drafting import Drafter
from apps.customer_service.schemas.asking import Answer, AskQuery
from apps.customer_service.schemas.bench import Tried, TriedHit
from apps.customer_service.settings import SupportSettings
from core.retrieval.collections import Collection
from core.retrieval.documents import Hit


def try_question(
    query: AskQuery, collection: Collection, settings: SupportSettings, drafter: Drafter | None = None
) -> Tried:
    """Answer as `/ask` does and show what decided; of several questions, what decided on the least sure one."""
    judgements: list[Judgement] = []

    def answer_one(one: AskQuery) -> Answer:
        judgements.append(judge(one, collection, settings, drafter))
        return say(judgements[-1], one, collection, settings, drafter)

    answer = reply(query, answer_one)
    calibration = calibration_of(collection)
    judgement = min(judgements, key=lambda one: one.right, default=None)
    hits, gaps = (judgement.evidence.hits, judgement.evidence.gaps) if judgement else ((), ())
    return Tried(
        answer=answer,
        answered=judgement.answered if judgement else None,
        right=judgement.right if judgement else None,
        refuse_below=settings.refuse_below or calibration.refuse_below,
        answer_above=settings.answer_above or calibration.answer_above,
        features=judgement.evidence.features() if judgement and hits else {},
        hits=_hits(hits),
        gaps=_hits(gaps),
    )


def _hits(hits: Sequence[Hit]) -> list[TriedHit]:
    return [
        TriedHit(
            id=hit.id,
            document=hit.document,
            title=hit.title,
            source=hit.source,
            heading=list(hit.passage.heading),
            text=hit.passage.text,
            start=hit.passage.start,
            end=hit.passage.end,
            metadata=dict(hit.metadata),
            score=hit.score,
            passage=hit.signals.passage,
            alias=hit.signals.alias if hit.signals.alias > -1 else None,
            sentences=list(hit.signals.sentences),
            bm25=hit.signals.bm25,
            coverage=hit.signals.coverage,
        )
        for hit in hits
    ]
