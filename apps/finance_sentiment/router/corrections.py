"""Corrections over HTTP, and what is worth a person's look."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from apps.finance_sentiment.pipeline import reviewing
from apps.finance_sentiment.pipeline.archive_index import ArchiveIndex
from apps.finance_sentiment.pipeline.correcting import Correcting
from apps.finance_sentiment.pipeline.entities import LiveEntities
from apps.finance_sentiment.schemas.corrections import Correction, Doubtful, NewCorrection
from core.auth.access import Caller, require
from core.clock import Clock
from core.idempotency.dependency import idempotent
from core.paging import Cursor, Page, PageSize


def add_routes(
    router: APIRouter, correcting: Correcting, index: ArchiveIndex, live: LiveEntities, clock: Clock
) -> None:
    """Correct, list corrections, and the queue."""
    readers = [Depends(require("finance:read"))]

    @router.post("/corrections", dependencies=[Depends(idempotent)], status_code=201)
    def correct(new: NewCorrection, caller: Annotated[Caller, Depends(require("finance:write"))]) -> Correction:
        """Correct a mood, a link or a story; the curves follow at once, and what was known before is kept."""
        done = correcting.correct(new, caller.name)
        index.refresh([done.document])
        return done

    @router.get("/corrections", dependencies=readers)
    def list_corrections(
        kind: Annotated[Literal["mood", "entity", "story"] | None, Query(description="only of this kind")] = None,
        cursor: Cursor = None,
        limit: PageSize = 50,
    ) -> Page[Correction]:
        """List corrections, the newest first."""
        return reviewing.page(correcting.corrections, kind, cursor, limit)

    @router.get("/review", dependencies=readers)
    def review(limit: PageSize = 20) -> Page[Doubtful]:
        """List readings of the last 30 days that a person should look at, what is most worth it first."""
        return Page(items=reviewing.queue(correcting.corrections, live, clock, limit))
