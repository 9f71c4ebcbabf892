"""The model in use over HTTP."""

from fastapi import APIRouter, Depends

from apps.finance_sentiment.pipeline.model_in_use import model_in_use
from apps.finance_sentiment.schemas.model import ModelInUse
from core.auth.access import require
from core.backend.registry import Registry


def add_routes(router: APIRouter, registry: Registry, name: str) -> None:
    """Describe it. name: of the setting `mood_model`"""

    @router.get("/model", dependencies=[Depends(require("finance:read"))])
    def show_model() -> ModelInUse:
        """Show the model that reads the moods: how good it is, whether its confidence holds, its versions."""
        return model_in_use(registry, name)
