"""`/v1/support/…`: HTTP only; what an endpoint does is a step of the pipeline. Each file adds its own routes."""

from fastapi import APIRouter

from apps.customer_service.pipeline.drafting import open_drafter
from apps.customer_service.router import asking, conversations, knowledge, sources, warnings
from apps.customer_service.settings import SupportSettings
from core.app import Services


def build_router(services: Services) -> APIRouter:
    """The desk's endpoints."""
    settings = SupportSettings(**services.settings.apps.get("customer_service", {}))
    router = APIRouter(tags=["Support desk"])
    drafter = open_drafter(  # one for all: it remembers when the model fails
        services.chat_model, services.encoder, services.settings, rewrites=settings.rewrite_follow_ups
    )
    asking.add_routes(router, services, settings, drafter)
    knowledge.add_routes(router, services)
    conversations.add_routes(router, services, settings, drafter)
    sources.add_routes(router, services)
    warnings.add_routes(router, services)
    return router
