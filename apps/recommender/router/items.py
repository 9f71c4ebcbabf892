"""Items over HTTP: sent one by one or many at a time, listed, shown, changed, removed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from apps.recommender.pipeline import showing
from apps.recommender.pipeline.ingesting.taking import take_items
from apps.recommender.router.bodies import PARTLY_TAKEN, Received, answered, described, opened
from apps.recommender.schemas.items import Item, ItemPatch, ItemShown
from apps.recommender.schemas.recipients import Recipients
from apps.recommender.schemas.taking import TakenItems
from apps.recommender.schemas.words import MOST_ID
from apps.recommender.store.items import Items
from apps.recommender.store.recipients import recommended_to
from core.app import Services
from core.auth.access import require
from core.idempotency.dependency import idempotent
from core.paging import Cursor, Page, PageSize

ItemPath = Annotated[str, Path(min_length=1, max_length=MOST_ID)]


def add_routes(router: APIRouter, services: Services) -> None:
    """Send, list, show, change, remove. Whoever adds routes below `/items/{item}/` adds them before these."""
    readers, writers = [Depends(require("recommend:read"))], [Depends(require("recommend:write")), Depends(idempotent)]
    items = Items(services.database, services.clock)
    most = services.settings.max_upload_bytes

    @router.post("/items", dependencies=writers, responses=PARTLY_TAKEN, openapi_extra=described(Item, "items"))
    def send_items(body: Received, response: Response) -> TakenItems:
        """Make items or replace them: one, a list, JSON Lines, CSV or Parquet. Good rows are kept, bad ones told."""
        return answered(take_items(items, opened(body, "items", most)), response)

    @router.get("/items", dependencies=readers)
    def list_items(
        known: Annotated[bool | None, Query(description="false: only ids that nobody has sent yet")] = None,
        cursor: Cursor = None,
        limit: PageSize = 50,
    ) -> Page[ItemShown]:
        """List the catalogue by id."""
        return showing.item_page(items, known, cursor, limit)

    @router.get("/items/{item:path}/recommended-to", dependencies=readers)
    def list_recipients(item: ItemPath, limit: PageSize = 12) -> Recipients:
        """Who was recommended an item, as far as the newest answers that are kept tell."""
        return recommended_to(services.database, item, limit)

    @router.get("/items/{item:path}", dependencies=readers)
    def show_item(item: ItemPath) -> ItemShown:
        """Show one item, and how many events name it."""
        return showing.item_with_events(*items.get(item))

    @router.patch("/items/{item:path}", dependencies=writers)
    def change_item(item: ItemPath, patch: ItemPatch) -> ItemShown:
        """Change some of an item, such as its price and stock."""
        return showing.patched(items, item, patch)

    @router.delete("/items/{item:path}", dependencies=writers, status_code=204)
    def remove_item(item: ItemPath) -> None:
        """Take an item out of the catalogue; its events stay, and count again if it comes back."""
        items.remove(item)
