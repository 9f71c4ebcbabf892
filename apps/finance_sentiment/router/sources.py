"""Sources over HTTP; a job of the leader looks at them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from apps.finance_sentiment.pipeline import sources as pipeline
from apps.finance_sentiment.pipeline.polling import LOOKS_EVERY_S, Poller
from apps.finance_sentiment.schemas.documents import SOURCE_PATTERN
from apps.finance_sentiment.schemas.sources import NewSource, Polled, Source, SourceChange, SourceQuery, Tested
from core.app import Services
from core.auth.access import Caller, require
from core.idempotency.dependency import idempotent
from core.paging import Cursor, Page, PageSize

SourcePath = Annotated[str, Path(pattern=SOURCE_PATTERN)]


def add_routes(router: APIRouter, services: Services, poller: Poller) -> None:
    """List, add, show, change, remove; look now; try without keeping."""
    writes = Depends(require("finance:write"))
    Reader = Annotated[Caller, Depends(require("finance:read"))]  # noqa: N806  a type
    services.scheduler.every("finance.poll", LOOKS_EVERY_S, poller.look)

    @router.get("/sources")
    def list_sources(caller: Reader, cursor: Cursor = None, limit: PageSize = 50) -> Page[Source]:
        """List sources by id, with how they fare."""
        return pipeline.page(poller.sources, cursor, limit, whole=caller.may("finance:write"))

    @router.post("/sources", dependencies=[writes, Depends(idempotent)], status_code=201)
    def add_source(new: NewSource) -> Source:
        """Add a source; it is looked at within seconds."""
        return pipeline.shown(pipeline.add(poller, new), whole=True)

    @router.post("/sources/test", dependencies=[writes])
    def try_source(query: SourceQuery) -> Tested:
        """Look what a source would bring, and keep nothing."""
        return pipeline.try_out(poller, query)

    @router.get("/sources/{source}")
    def show_source(source: SourcePath, caller: Reader) -> Source:
        """Show a source and how it fares; its whole address only with `finance:write`."""
        return pipeline.shown(poller.sources.get(source), whole=caller.may("finance:write"))

    @router.patch("/sources/{source}", dependencies=[writes])
    def change_source(source: SourcePath, change: SourceChange) -> Source:
        """Change a source; pause it, and switch it on again."""
        return pipeline.shown(pipeline.change(poller, source, change), whole=True)

    @router.delete("/sources/{source}", dependencies=[writes], status_code=204)
    def remove_source(source: SourcePath) -> None:
        """Remove a source; what it brought stays in the archive."""
        poller.sources.remove(source)

    @router.post("/sources/{source}/poll", dependencies=[writes])
    def poll_source(source: SourcePath) -> Polled:
        """Look at a source now, and tell how it went."""
        return poller.poll(source)
