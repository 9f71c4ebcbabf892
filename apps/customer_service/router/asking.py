"""Questions over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from apps.customer_service.pipeline import answering, asking, bench
from apps.customer_service.pipeline.drafting import Drafter
from apps.customer_service.schemas.asking import Answer, AskQuery, Audience, SearchHits, SearchQuery
from apps.customer_service.schemas.bench import Tried
from apps.customer_service.settings import SupportSettings
from core.app import Services
from core.auth.access import Caller, MissingScope, require
from core.server.written import written


def add_routes(router: APIRouter, services: Services, settings: SupportSettings, drafter: Drafter | None) -> None:
    """Ask and search. drafter: None where no chat model is set"""
    Reader = Annotated[Caller, Depends(require("support:read"))]  # noqa: N806  a type

    @router.post("/ask", response_model=Answer)
    def ask(query: AskQuery, caller: Reader) -> Response:
        """Answer a message from the knowledge base, or say that it does not know; small talk is not searched."""
        check_audience(caller, query.audience)
        target = services.collections.get(query.collection)
        answer = answering.reply(query, lambda one: asking.ask(one, target, settings, drafter))
        return written(answer)

    @router.post("/search")
    def search(query: SearchQuery, caller: Reader) -> SearchHits:
        """Search the knowledge base and show the evidence."""
        check_audience(caller, query.audience)
        return asking.search(query, services.collections.get(query.collection), settings)

    @router.post("/knowledge/try")
    def try_question(query: AskQuery, caller: Reader) -> Tried:
        """Ask as a customer would and see everything that the desk decided by."""
        check_audience(caller, query.audience)
        return bench.try_question(query, services.collections.get(query.collection), settings, drafter)


def check_audience(caller: Caller, audience: Audience) -> None:
    """raises: MissingScope when the key may not see what is internal"""
    if audience == "internal" and not caller.may("support:agent"):
        raise MissingScope("support:agent")
