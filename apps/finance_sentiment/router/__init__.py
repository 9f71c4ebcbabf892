"""`/v1/finance/…`: HTTP only; what an endpoint does is a step of the pipeline. Each file adds its own routes."""

from fastapi import APIRouter

from apps.finance_sentiment.pipeline.entities import open_live
from apps.finance_sentiment.pipeline.sources import shared_poller
from apps.finance_sentiment.router import documents, entities, sources
from apps.finance_sentiment.settings import FinanceSettings
from core.app import Services


def build_router(services: Services) -> APIRouter:
    """The monitor's endpoints."""
    router = APIRouter(tags=["Market mood"])
    settings = FinanceSettings.of(services.settings)
    entities.add_routes(router, services.once(open_live))
    documents.add_routes(router, services, settings)
    sources.add_routes(router, services, services.once(shared_poller))
    return router
