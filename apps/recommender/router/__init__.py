"""`/v1/recommend/…`: HTTP only; what an endpoint does is a step of the pipeline. Each file adds its own routes."""

from fastapi import APIRouter

from apps.recommender.pipeline.ingesting.moods import READS_EVERY_S, open_comments
from apps.recommender.pipeline.recommending.answering import open_answering
from apps.recommender.pipeline.retraining import LOOKS_EVERY_S, Retraining
from apps.recommender.router import events, experiments, health, items, recommend, rules, users, versions
from apps.recommender.settings import RecommenderSettings
from core.app import Services


def build_router(services: Services) -> APIRouter:
    """The recommender's endpoints."""
    router = APIRouter(tags=["Recommender"])
    settings = RecommenderSettings.of(services.settings)
    services.scheduler.every("recommender.read-comments", READS_EVERY_S, open_comments(services).read_some)
    events.add_routes(router, services, settings)
    health.add_routes(router, services)
    retraining = Retraining(services, settings)
    services.scheduler.every("recommender.retrain", LOOKS_EVERY_S, retraining.look)
    versions.add_routes(router, services.registry, settings.served_model, retraining)
    users.add_routes(router, services)
    rules.add_routes(router, services)
    house = services.once(open_answering)
    house.schedule()
    recommend.add_routes(router, house)
    items.add_routes(router, services)
    experiments.add_routes(router, services)
    return router
