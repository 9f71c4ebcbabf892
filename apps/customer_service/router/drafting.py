"""Drafts for agents, and intents of messages, over HTTP."""

from fastapi import APIRouter, Depends

from apps.customer_service.pipeline import marking, proposing
from apps.customer_service.pipeline.assigning import Team
from apps.customer_service.schemas.desk import Draft, Intent, IntentCounts, MarkedMessage, NewDraft
from apps.customer_service.settings import SupportSettings
from apps.customer_service.store.drafts import Drafts
from apps.customer_service.store.intents import Intents
from core.app import Services
from core.auth.access import require
from core.idempotency.dependency import idempotent
from core.paging import Cursor, Page, PageSize


def add_routes(router: APIRouter, services: Services, settings: SupportSettings, team: Team) -> None:
    """Draft; mark, count and list intents."""
    agents = [Depends(require("support:agent"))]
    drafts, intents = Drafts(services.database, services.clock), Intents(services.database)

    @router.post("/conversations/{conversation}/draft", dependencies=[*agents, Depends(idempotent)], status_code=201)
    def make_draft(conversation: str, wish: NewDraft) -> Draft:
        """Draft an answer to the customer's last words, in the sources' own sentences."""
        return proposing.draft(
            conversation,
            wish.agent,
            conversations=team.conversations,
            drafts=drafts,
            collections=services.collections,
            settings=settings,
        )

    @router.put("/conversations/{conversation}/entries/{number}/intent", dependencies=agents)
    def mark_intent(conversation: str, number: int, mark: Intent) -> Intent:
        """Say what a customer's message is about; it is kept as an example to train on."""
        marking.mark_intent(team, conversation, number, mark.intent, mark.agent)
        return mark

    @router.get("/intents", dependencies=agents)
    def count_intents() -> IntentCounts:
        """List the intents that were marked, the most frequent first."""
        return marking.counts(intents)

    @router.get("/intents/messages", dependencies=agents)
    def list_marked(
        cursor: Cursor = None,
        limit: PageSize = 50,
    ) -> Page[MarkedMessage]:
        """List marked messages as a training reads them."""
        return marking.page(intents, cursor, limit)
