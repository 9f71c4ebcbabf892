"""`/v1/support/…`: HTTP only; what an endpoint does is a step of the pipeline. Each file adds its own routes."""

from fastapi import APIRouter

from apps.customer_service.pipeline.assigning import open_team
from apps.customer_service.pipeline.conversing import open_desk
from apps.customer_service.pipeline.drafting import open_drafter
from apps.customer_service.router import (
    agents,
    asking,
    canned,
    conversations,
    desk,
    drafting,
    erasing,
    exporting,
    insights,
    knowledge,
    proposals,
    queues,
    sources,
    warnings,
    webhooks,
)
from apps.customer_service.settings import SupportSettings
from core.app import Services


def build_router(services: Services) -> APIRouter:
    """The desk's endpoints."""
    settings = SupportSettings.of(services.settings)
    router = APIRouter(tags=["Support desk"])
    asking.add_routes(router, services, settings, services.once(open_drafter))
    knowledge.add_routes(router, services)
    conversations.add_routes(router, services, settings, services.once(open_desk))
    sources.add_routes(router, services)
    warnings.add_routes(router, services)
    team = open_team(services.database, settings, services.clock)
    agents.add_routes(router, team)
    queues.add_routes(router, team)
    desk.add_routes(router, services, team)
    drafting.add_routes(router, services, settings, team)
    canned.add_routes(router, services, team)
    erasing.add_routes(router, services, settings)
    exporting.add_routes(router, services)
    webhooks.add_routes(router, services, settings, services.once(open_desk))
    insights.add_routes(router, services, settings)
    proposals.add_routes(router, services)
    return router
