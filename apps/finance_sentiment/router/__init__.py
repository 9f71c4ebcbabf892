"""`/v1/finance/…`: HTTP only; what an endpoint does is a step of the pipeline. Each file adds its own routes."""

from fastapi import APIRouter

from apps.finance_sentiment.pipeline.alerting import open_watch
from apps.finance_sentiment.pipeline.entities import open_live
from apps.finance_sentiment.router import alerts, channels, entities, rules
from core.app import Services


def build_router(services: Services) -> APIRouter:
    """The monitor's endpoints."""
    router = APIRouter(tags=["Market mood"])
    entities.add_routes(router, services.once(open_live))
    alerts.add_routes(router, services, services.once(open_watch))
    rules.add_routes(router, services)
    channels.add_routes(router, services)
    return router
