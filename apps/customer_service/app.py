"""The support desk's door. Imports nothing of what lies behind it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from apps.customer_service.settings import SupportSettings
from core.app import App, Services

if TYPE_CHECKING:
    from fastapi import APIRouter
    from typer import Typer

    from core.chat_door import ChatDoor


def _router(services: Services) -> APIRouter:
    from apps.customer_service.router import build_router

    return build_router(services)


def _commands() -> Typer:
    from apps.customer_service.commands import build_commands

    return build_commands()


def _chat(services: Services) -> ChatDoor:
    from apps.customer_service.pipeline.chat_door import open_door

    return open_door(services)


app = App(
    name="customer_service",
    title="Support desk",
    icon=":material/support_agent:",
    path="/v1/support",
    summary="Answers customers' questions from your own documents, or says that it does not know.",
    scopes={
        "support:read": "ask questions and read the knowledge base",
        "support:write": "change the knowledge base",
        "support:chat": "hold conversations for customers",
        "support:agent": "answer customers, and read all conversations and internal documents",
    },
    router=_router,
    commands=_commands,
    command_name="support",
    dashboard="apps.customer_service.dashboard:render",
    settings=SupportSettings,
    migrations=Path(__file__).parent / "store" / "versions",
    sample="apps.customer_service.sample",
    chat=_chat,
)
