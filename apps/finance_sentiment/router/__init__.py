"""`/v1/finance/…`: HTTP only; what an endpoint does is a step of the pipeline. Each file adds its own routes."""

from fastapi import APIRouter

from apps.finance_sentiment.pipeline.entities import open_live
from apps.finance_sentiment.pipeline.fetching import Fetcher
from apps.finance_sentiment.pipeline.sources import shared_poller
from apps.finance_sentiment.router import documents, entities, sources
from apps.finance_sentiment.sample.serving import sample_guard
from apps.finance_sentiment.settings import FinanceSettings
from core.app import Services


def build_router(services: Services) -> APIRouter:
    """The monitor's endpoints."""
    router = APIRouter(tags=["Market mood"])
    settings = FinanceSettings.of(services.settings)
    entities.add_routes(router, services.once(open_live))
    documents.add_routes(router, services, settings)
    poller = services.once(shared_poller)
    poller.fetcher = Fetcher(settings, services.clock, guard=sample_guard(services))  # the demo's feeds are here
    sources.add_routes(router, services, poller)
    return router
