"""Moods over HTTP."""

from fastapi import APIRouter, Depends

from apps.finance_sentiment.pipeline.scoring import Scorer
from apps.finance_sentiment.schemas.score import Asked, ScoreQuery, Scores
from core.auth.access import require


def add_routes(router: APIRouter, scorer: Scorer) -> None:
    """Read texts without keeping them."""

    @router.post("/score", dependencies=[Depends(require("finance:read"))], response_model_exclude_none=True)
    def score(query: ScoreQuery) -> Scores:
        """Read the mood of each text, or towards the entity that it is given with; nothing is kept."""
        return scorer.score([one if isinstance(one, Asked) else Asked(text=one) for one in query.texts])
