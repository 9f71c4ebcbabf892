"""Companies over HTTP: the list, the watchlist, and which of them a text names."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from apps.finance_sentiment.pipeline import entities as pipeline
from apps.finance_sentiment.pipeline.entities import LiveEntities
from apps.finance_sentiment.schemas.entities import (
    ENTITY_PATTERN,
    Entity,
    EntityEdit,
    LinkedTexts,
    LinkQuery,
    Watching,
)
from core.auth.access import require
from core.paging import Cursor, Page, PageSize

EntityPath = Annotated[str, Path(pattern=ENTITY_PATTERN)]


def add_routes(router: APIRouter, live: LiveEntities) -> None:
    """List, show, make or change, watch, remove; find in texts."""
    readers, writers = [Depends(require("finance:read"))], [Depends(require("finance:write"))]
    entities = live.entities

    @router.get("/entities", dependencies=readers)
    def list_entities(
        q: Annotated[str, Query(max_length=200, description="part of an id, name, alias or ticker")] = "",
        watched: Annotated[bool | None, Query(description="only those that are, or are not, watched")] = None,
        cursor: Cursor = None,
        limit: PageSize = 50,
    ) -> Page[Entity]:
        """List companies by id."""
        return pipeline.page(live, q, watched, cursor, limit)

    @router.get("/entities/{entity}", dependencies=readers)
    def show_entity(entity: EntityPath) -> Entity:
        """Show one company."""
        return pipeline.shown(entities.get(entity))

    @router.put("/entities/{entity}", dependencies=writers)
    def put_entity(entity: EntityPath, edit: EntityEdit) -> Entity:
        """Make a company, or replace it."""
        return pipeline.shown(entities.put(entity, edit))

    @router.put("/entities/{entity}/watched", dependencies=writers)
    def watch_entity(entity: EntityPath, wish: Watching) -> Entity:
        """Put a company on the watchlist, or take it off."""
        return pipeline.shown(entities.watch(entity, wish.watched))

    @router.delete("/entities/{entity}", dependencies=writers, status_code=204)
    def remove_entity(entity: EntityPath) -> None:
        """Remove a company from the list."""
        entities.remove(entity)

    @router.post("/mentions", dependencies=readers)
    def find_mentions(query: LinkQuery) -> LinkedTexts:
        """Find the companies that texts name."""
        return LinkedTexts(items=pipeline.link(live, query.texts))
