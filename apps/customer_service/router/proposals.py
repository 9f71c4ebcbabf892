"""Proposed entries of the knowledge base over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from apps.customer_service.pipeline import proposals as pipeline
from apps.customer_service.pipeline.proposals import Proposing
from apps.customer_service.schemas.asking import CollectionName
from apps.customer_service.schemas.proposals import NewProposal, Proposal, ProposalEdit, ProposalState, ReadVersion
from apps.customer_service.store.conversations import Conversations
from apps.customer_service.store.proposals import Proposals
from core.app import Services
from core.auth.access import require
from core.idempotency.dependency import idempotent
from core.paging import Cursor, Page, PageSize

SETTLES_EVERY_S = 15.0

Id = Annotated[str, Path(max_length=40)]


def add_routes(router: APIRouter, services: Services) -> None:
    """Propose, list, edit, dismiss, publish, take back; a job finishes what dead processes began."""
    proposals = Proposals(services.database, services.clock)
    desk = Proposing(proposals, Conversations(services.database, services.clock), services.collections)
    services.scheduler.every("customer_service.settle-proposals", SETTLES_EVERY_S, desk.settle_left_behind)
    agents, writes = Depends(require("support:agent")), Depends(require("support:write"))

    @router.post("/proposals", dependencies=[agents, Depends(idempotent)], status_code=201)
    def propose(new: NewProposal) -> Proposal:
        """Draw up an entry of the knowledge base from a person's answer, from unanswered questions, or both.

        What customers and agents wrote is masked of personal data. The same person's answer is proposed once.
        """
        return pipeline.show(desk.propose(new))

    @router.get("/proposals", dependencies=[agents])
    def list_proposals(
        state: ProposalState | None = None,
        collection: CollectionName | None = None,
        cursor: Cursor = None,
        limit: PageSize = 50,
    ) -> Page[Proposal]:
        """List proposals, the newest first."""
        return pipeline.page(proposals, state=state, collection=collection, cursor=cursor, limit=limit)

    @router.get("/proposals/{proposal}", dependencies=[agents])
    def show_proposal(proposal: Id) -> Proposal:
        """Show a proposal."""
        return pipeline.show(proposals.get(proposal))

    @router.patch("/proposals/{proposal}", dependencies=[agents])
    def edit_proposal(proposal: Id, edit: ProposalEdit) -> Proposal:
        """Change a proposal's words; what is published already stays as it is until it is published again."""
        return pipeline.show(desk.edit(proposal, edit))

    @router.post("/proposals/{proposal}/dismiss", dependencies=[agents])
    def dismiss_proposal(proposal: Id, read: ReadVersion) -> Proposal:
        """Put a draft aside."""
        return pipeline.show(desk.dismiss(proposal, read.version))

    @router.post("/proposals/{proposal}/publish", dependencies=[agents, writes])
    def publish_proposal(proposal: Id, read: ReadVersion) -> Proposal:
        """Put it into the knowledge base: the next question finds it. Publishing twice is one document."""
        return pipeline.show(desk.publish(proposal, read.version))

    @router.post("/proposals/{proposal}/unpublish", dependencies=[agents, writes])
    def unpublish_proposal(proposal: Id, read: ReadVersion) -> Proposal:
        """Take it out of the knowledge base; it is a draft again."""
        return pipeline.show(desk.unpublish(proposal, read.version))
