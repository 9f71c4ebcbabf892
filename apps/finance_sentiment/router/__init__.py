"""`/v1/finance/…`: HTTP only; what an endpoint does is a step of the pipeline. Each file adds its own routes."""

from fastapi import APIRouter

from apps.finance_sentiment.pipeline.alerting import EVALUATES_EVERY_S, open_watch
from apps.finance_sentiment.pipeline.archive_index import open_archive_index
from apps.finance_sentiment.pipeline.entities import open_live
from apps.finance_sentiment.pipeline.opening import open_correcting, open_reader, open_scorer
from apps.finance_sentiment.pipeline.rounds import Rounds
from apps.finance_sentiment.router import (
    alerts,
    archive,
    channels,
    corrections,
    documents,
    entities,
    model,
    rules,
    score,
    sources,
    timeline,
)
from apps.finance_sentiment.sample.serving import open_guarded_poller
from apps.finance_sentiment.settings import FinanceSettings
from core.app import Services

READS_EVERY_S = 1.0


def build_router(services: Services) -> APIRouter:
    """The monitor's endpoints."""
    router = APIRouter(tags=["Market mood"])
    settings = FinanceSettings.of(services.settings)
    live = services.once(open_live)
    entities.add_routes(router, live)
    score.add_routes(router, services.once(open_scorer))
    documents.add_routes(router, services, settings)
    index = services.once(open_archive_index)
    corrections.add_routes(router, services.once(open_correcting), index, live, services.clock)
    model.add_routes(router, services.registry, settings.mood_model)
    watch = services.once(open_watch)
    rounds = Rounds(services.once(open_reader), watch, services.clock, services.stopping)
    services.scheduler.every("finance.read", READS_EVERY_S, rounds.read)
    services.scheduler.every("finance.evaluate", EVALUATES_EVERY_S, rounds.watch)
    timeline.add_routes(router, services, live)
    alerts.add_routes(router, services, watch)
    rules.add_routes(router, services)
    channels.add_routes(router, services)

    sources.add_routes(router, services, services.once(open_guarded_poller))

    archive.add_routes(router, services, live)
    return router
