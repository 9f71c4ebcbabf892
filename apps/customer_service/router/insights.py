"""The supervisor's figures over HTTP, the conversations behind them, and what could not be answered."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from apps.customer_service.pipeline import gaps, insights
from apps.customer_service.schemas.asking import CollectionName
from apps.customer_service.schemas.conversations import ConversationDetail
from apps.customer_service.schemas.insights import FigureName, Gaps, Side, Summary
from apps.customer_service.settings import SupportSettings
from apps.customer_service.store.conversations import Conversations
from apps.customer_service.store.insights import Cohort
from apps.customer_service.store.proposals import Proposals
from core.app import Services
from core.auth.access import require
from core.backend.intents import lent_intent_reader
from core.paging import Cursor, Page, PageSize

AGENT = "support:agent"


@dataclass(frozen=True)
class Asked:
    """Which conversations are asked about, as it stands in the address."""

    start: Annotated[AwareDatetime | None, Query(alias="from", description="28 days before `to` unless given")] = None
    end: Annotated[AwareDatetime | None, Query(alias="to", description="not included; now unless given")] = None
    collection: Annotated[CollectionName | None, Query(description="of one knowledge base only")] = None
    previews: Annotated[bool, Query(description="count the chats that the desk's own page makes, too")] = False


def add_routes(router: APIRouter, services: Services, settings: SupportSettings) -> None:
    """Figures, the chats behind them, and groups of what could not be answered."""
    conversations = Conversations(services.database, services.clock)
    proposals = Proposals(services.database, services.clock)
    agents = Depends(require(AGENT))

    def cohort(asked: Asked) -> Cohort:
        return insights.cohort_of(
            services.clock(),
            settings,
            start=asked.start,
            end=asked.end,
            collection=asked.collection,
            previews=asked.previews,
        )

    @router.get("/insights/summary", dependencies=[agents])
    def show_summary(asked: Annotated[Asked, Depends()]) -> Summary:
        """Show how the desk does, over conversations that began in a period with at least one question."""
        return insights.summary(conversations, cohort(asked))

    @router.get("/insights/chats", dependencies=[agents])
    def list_chats_behind(
        figure: FigureName,
        asked: Annotated[Asked, Depends()],
        side: Annotated[Side, Query(description="those that count, those that do not, or both")] = "counted",
        reason: Annotated[str | None, Query(max_length=40, description="with `handoff`")] = None,
        score: Annotated[int | None, Query(ge=1, le=5, description="with `rated`")] = None,
        cursor: Cursor = None,
        limit: PageSize = 50,
    ) -> Page[ConversationDetail]:
        """List the very conversations behind a figure, the newest first."""
        return insights.chats(
            conversations, cohort(asked), figure, side, reason=reason, score=score, cursor=cursor, limit=limit
        )

    @router.get("/insights/gaps", dependencies=[agents])
    def list_gaps(
        asked: Annotated[Asked, Depends()],
        answered: Annotated[bool, Query(description="also those about which an answer was published since")] = False,
        examples: Annotated[int, Query(ge=1, le=50, description="most examples of each group")] = 5,
    ) -> Gaps:
        """Group the questions of a period that the desk could not answer, the largest group first."""
        left_out = set() if answered else proposals.answered()
        with lent_intent_reader(services.registry, services.classifiers, services.encoder) as reader:
            return gaps.grouped(services.database, cohort(asked), left_out, reader, examples)
