"""The recommender's door. Imports nothing of what lies behind it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from apps.recommender.settings import RecommenderSettings
from core.app import App, Services

if TYPE_CHECKING:
    from fastapi import APIRouter
    from typer import Typer


def _router(services: Services) -> APIRouter:
    from apps.recommender.router import build_router

    return build_router(services)


def _commands() -> Typer:
    from apps.recommender.commands import build_commands

    return build_commands()


app = App(
    name="recommender",
    title="Recommender",
    icon=":material/recommend:",
    path="/v1/recommend",
    summary="Recommends items that reflect the last click, with reasons and within your rules.",
    scopes={
        "recommend:read": "ask for recommendations, and read items, users and events",
        "recommend:write": "send items, users and events, change and erase them",
    },
    router=_router,
    commands=_commands,
    command_name="recommend",
    dashboard="apps.recommender.dashboard:render",
    settings=RecommenderSettings,
    migrations=Path(__file__).parent / "store" / "versions",
    sample="apps.recommender.sample",
)
