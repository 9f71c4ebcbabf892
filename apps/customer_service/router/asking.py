"""Questions over HTTP."""

from fastapi import APIRouter, Depends, Response

from apps.customer_service.pipeline import asking
from apps.customer_service.schemas.asking import Answer, AskQuery, SearchHits, SearchQuery
from apps.customer_service.settings import SupportSettings
from core.app import Services
from core.auth.access import require
from core.server.written import written


def add_routes(router: APIRouter, services: Services, settings: SupportSettings) -> None:
    """Ask and search."""
    reads = Depends(require("support:read"))

    @router.post("/ask", response_model=Answer, dependencies=[reads])
    def ask(query: AskQuery) -> Response:
        """Answer a question from the knowledge base, or say that it does not know."""
        return written(asking.ask(query, services.collections.get(query.collection), None, settings))

    @router.post("/search", dependencies=[reads])
    def search(query: SearchQuery) -> SearchHits:
        """Search the knowledge base and show the evidence."""
        return asking.search(query, services.collections.get(query.collection), settings)
