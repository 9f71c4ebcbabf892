"""The test bench: what a question finds, with all that the desk decides by. The live path itself, looked into."""

from collections.abc import Sequence

from apps.customer_service.pipeline.asking import judge, say
from apps.customer_service.pipeline.confidence import Calibration, calibration_of
from apps.customer_service.schemas.asking import AskQuery
from apps.customer_service.schemas.bench import Tried, TriedHit
from apps.customer_service.settings import SupportSettings
from core.retrieval.collections import Collection
from core.retrieval.documents import Hit


def try_question(
    query: AskQuery, collection: Collection, calibration: Calibration | None, settings: SupportSettings
) -> Tried:
    """Judge as `asking.ask` does and show everything; the answer is the one that a customer would get."""
    calibration = calibration or calibration_of(collection)
    judgement = judge(query, collection, calibration, settings)
    evidence = judgement.evidence
    return Tried(
        answer=say(judgement, collection, settings),
        answered=judgement.answered,
        right=judgement.right,
        refuse_below=settings.refuse_below or calibration.refuse_below,
        answer_above=settings.answer_above or calibration.answer_above,
        features=evidence.features() if evidence.hits else {},
        hits=_hits(evidence.hits),
        gaps=_hits(evidence.gaps),
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
