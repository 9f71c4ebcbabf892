"""`/v1/support/…`: HTTP only; what an endpoint does is a step of the pipeline. Each file adds its own routes."""

from fastapi import APIRouter

from apps.customer_service.router import asking, conversations, insights, knowledge, proposals
from apps.customer_service.settings import SupportSettings
from core.app import Services


def build_router(services: Services) -> APIRouter:
    """The desk's endpoints."""
    settings = SupportSettings(**services.settings.apps.get("customer_service", {}))
    router = APIRouter(tags=["Support desk"])
    asking.add_routes(router, services, settings)
    knowledge.add_routes(router, services)
    conversations.add_routes(router, services, settings)
    insights.add_routes(router, services, settings)
    proposals.add_routes(router, services)
    return router
