"""Warnings about the knowledge over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from apps.customer_service.pipeline.warnings import Watch
from apps.customer_service.schemas.asking import CollectionName
from apps.customer_service.schemas.warnings import Warning_, WarningId
from apps.customer_service.store.dismissals import Dismissals
from core.app import Services
from core.auth.access import Caller, require
from core.paging import Cursor, Page, PageSize


def add_routes(router: APIRouter, services: Services) -> None:
    """List warnings, put them aside, take that back. They quote internal documents, so agents alone see them."""
    watch, dismissals = Watch(), Dismissals(services.database, services.clock)
    agents = Depends(require("support:agent"))
    Writer = Annotated[Caller, Depends(require("support:write"))]  # noqa: N806  a type

    @router.get("/knowledge/warnings", dependencies=[agents])
    def list_warnings(
        collection: CollectionName = "support",
        dismissed: Annotated[bool, Query(description="those that were put aside, instead of the others")] = False,
        cursor: Cursor = None,
        limit: PageSize = 50,
    ) -> Page[Warning_]:
        """List what contradicts itself or says the same twice, contradictions first."""
        target = services.collections.get(collection)
        return watch.page(target, dismissals.of(collection), cursor, limit, aside=dismissed)

    @router.put("/knowledge/warnings/{warning}/dismissal", dependencies=[agents], status_code=204)
    def dismiss_warning(warning: WarningId, caller: Writer, collection: CollectionName = "support") -> None:
        """Put a warning aside until one of its two statements changes."""
        services.collections.get(collection)
        dismissals.add(collection, warning, caller.name)

    @router.delete("/knowledge/warnings/{warning}/dismissal", dependencies=[agents], status_code=204)
    def show_warning_again(warning: WarningId, _: Writer, collection: CollectionName = "support") -> None:
        """Take back that a warning was put aside."""
        dismissals.take_back(collection, warning)
