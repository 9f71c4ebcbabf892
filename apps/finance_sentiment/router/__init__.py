"""`/v1/finance/…`: HTTP only; what an endpoint does is a step of the pipeline. Each file adds its own routes."""

from fastapi import APIRouter

from apps.finance_sentiment.pipeline.entities import open_live
from apps.finance_sentiment.router import archive, entities, timeline
from core.app import Services


def build_router(services: Services) -> APIRouter:
    """The monitor's endpoints."""
    router = APIRouter(tags=["Market mood"])
    live = services.once(open_live)
    entities.add_routes(router, live)
    timeline.add_routes(router, services, live)
    archive.add_routes(router, services, live)
    return router
