"""Canned replies over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from apps.customer_service.pipeline import shelf
from apps.customer_service.pipeline.assigning import Team
from apps.customer_service.schemas.canned import (
    CANNED_PATTERN,
    CannedEdit,
    CannedReply,
    CannedReplyList,
    Fill,
    Filled,
)
from apps.customer_service.store.canned import CannedReplies
from core.app import Services
from core.auth.access import require

CannedPath = Annotated[str, Path(pattern=CANNED_PATTERN)]


def add_routes(router: APIRouter, services: Services, team: Team) -> None:
    """Find, show, make or change, remove, fill."""
    agents = [Depends(require("support:agent"))]
    replies = CannedReplies(services.database, services.clock)

    @router.get("/canned-replies", dependencies=agents)
    def list_canned(
        q: Annotated[str, Query(max_length=200, description="words to look for; a word may be half typed")] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> CannedReplyList:
        """List canned replies: by title, or the best first where words are given."""
        return shelf.search(replies, q, limit)

    @router.get("/canned-replies/{name}", dependencies=agents)
    def show_canned(name: CannedPath) -> CannedReply:
        """Show one canned reply."""
        return shelf.shown(replies.get(name))

    @router.put("/canned-replies/{name}", dependencies=agents)
    def put_canned(name: CannedPath, edit: CannedEdit) -> CannedReply:
        """Make a canned reply, or replace it."""
        return shelf.put(replies, name, edit)

    @router.delete("/canned-replies/{name}", dependencies=agents, status_code=204)
    def remove_canned(name: CannedPath) -> None:
        """Remove a canned reply."""
        replies.remove(name)

    @router.post("/canned-replies/{name}/fill", dependencies=agents)
    def fill_canned(name: CannedPath, place: Fill) -> Filled:
        """Put the names of this chat into a canned reply."""
        return shelf.fill(replies, name, team, place)
