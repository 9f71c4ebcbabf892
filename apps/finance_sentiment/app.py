"""The market-mood monitor's door. Imports nothing of what lies behind it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from apps.finance_sentiment.settings import FinanceSettings
from core.app import App, Services

if TYPE_CHECKING:
    from fastapi import APIRouter
    from typer import Typer


def _router(services: Services) -> APIRouter:
    from apps.finance_sentiment.router import build_router

    return build_router(services)


def _commands() -> Typer:
    from apps.finance_sentiment.commands import build_commands

    return build_commands()


app = App(
    name="finance_sentiment",
    title="Market mood",
    icon=":material/monitoring:",
    path="/v1/finance",
    summary="Reads the mood towards each company in news and posts, and tells when it turns, and why.",
    scopes={
        "finance:read": "read companies and what was found about them",
        "finance:write": "change companies and the watchlist",
    },
    router=_router,
    commands=_commands,
    command_name="finance",
    dashboard="apps.finance_sentiment.dashboard:render",
    settings=FinanceSettings,
    migrations=Path(__file__).parent / "store" / "versions",
    sample="apps.finance_sentiment.sample",
)
