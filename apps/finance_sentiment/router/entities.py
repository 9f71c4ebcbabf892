"""Companies over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from apps.finance_sentiment.pipeline import entities as pipeline
from apps.finance_sentiment.schemas.entities import ENTITY_PATTERN, Entity
from apps.finance_sentiment.store.entities import Entities
from core.app import Services
from core.auth.access import require

EntityPath = Annotated[str, Path(pattern=ENTITY_PATTERN)]


def add_routes(router: APIRouter, services: Services) -> None:
    """Show."""
    readers = [Depends(require("finance:read"))]
    entities = Entities(services.database, services.clock)

    @router.get("/entities/{entity}", dependencies=readers)
    def show_entity(entity: EntityPath) -> Entity:
        """Show one company."""
        return pipeline.shown(entities.get(entity))
