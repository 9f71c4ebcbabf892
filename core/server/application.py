"""Put the API together: middleware from the outside in, core's routes, each app's routes, one way to answer errors."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from core.app import App, BrokenApp, Services
from core.auth.limits import Limits
from core.auth.middleware import Authentication
from core.auth.verify import KeyRing
from core.chat_door import ChatDoor
from core.errors import TriviumError
from core.idempotency.answers import Answers
from core.idempotency.dependency import Replayed
from core.idempotency.middleware import KeepAnswers
from core.server import chat, classify, directory, docs, health, openai, regress
from core.server.bodies import CleanBodies
from core.server.problems import (
    MEDIA_TYPE,
    Problem,
    answer_error,
    answer_http_error,
    answer_invalid,
    answer_replay,
)
from core.server.requests import RequestContext
from core.server.stopping import noting_signals
from core.telemetry import HttpMetrics

_log = logging.getLogger(__name__)


class Api(FastAPI):
    """FastAPI, with problems described as what they are: application/problem+json."""

    def openapi(self) -> dict[str, Any]:
        """The description of the API; summaries are the first sentences of the endpoints' docstrings."""
        if self.openapi_schema is None:
            schema = super().openapi()
            for path in schema["paths"].values():
                for operation in path.values():
                    _describe(operation)
        return super().openapi()


def create_api(
    apps: Sequence[App],
    services: Services,
    broken: Sequence[BrokenApp] = (),
    *,
    on_shutdown: Callable[[], None] | None = None,
) -> FastAPI:
    """The API of these apps. An app whose router cannot be built is reported as broken, and the others run.

    broken: apps that could not even be imported, from `installed_apps`
    on_shutdown: called last when the server stops, e.g. to close the services
    raises: Misconfigured when limits cannot be counted where the settings say
    """
    settings = services.settings
    limits = Limits(settings.limits_storage, lambda: services.clock().timestamp())
    ring = KeyRing(services.database, limits, services.clock)
    answers = Answers(services.database, services.clock)
    metrics = HttpMetrics(CollectorRegistry())
    templates: dict[object, str] = {}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        services.scheduler.start()
        try:
            with noting_signals(services.stopping):
                yield
        finally:
            services.stopping.set()
            await ring.close()
            services.scheduler.stop()
            if on_shutdown is not None:
                on_shutdown()

    api = Api(
        title="Trivium",
        summary="One small Transformer for support, market mood and recommendations.",
        version=_version(),
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        responses={"default": {"model": Problem, "description": "What went wrong, and what to do about it"}},
        middleware=[
            Middleware(RequestContext, metrics=metrics, route=templates.get),
            Middleware(
                Authentication,
                ring=ring,
                limits=limits,
                requests_per_minute=settings.requests_per_minute,
                tokens_per_minute=settings.tokens_per_minute,
            ),
            Middleware(CleanBodies, most_bytes=settings.max_upload_bytes),
            Middleware(KeepAnswers, answers=answers),
        ],
        exception_handlers={
            TriviumError: answer_error,
            RequestValidationError: answer_invalid,
            HTTPException: answer_http_error,
            Replayed: answer_replay,
        },
        # Its logs would quote the input of a failed validation; what its spans tell, core.telemetry counts for less.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    api.state.answers = answers
    running, failed, doors = _include(api, apps, services)
    unavailable = (*broken, *failed)
    api.include_router(directory.build_router(running, unavailable))
    api.include_router(openai.build_router(services, doors))
    api.include_router(chat.build_router(services, doors))
    api.include_router(classify.build_router(services))
    api.include_router(regress.build_router(services))
    api.include_router(health.build_router(services, running, unavailable, metrics))
    api.include_router(docs.build_router())
    if (depth := getattr(services.encoder, "depth", None)) is not None:  # an encoder without a queue has none
        metrics.watch_queue(depth)
    templates.update((found.endpoint, found.path_format or "") for found in iter_route_contexts(api.routes))
    return api


def _include(
    api: FastAPI, apps: Sequence[App], services: Services
) -> tuple[list[App], list[BrokenApp], list[ChatDoor]]:
    running: list[App] = []
    broken: list[BrokenApp] = []
    doors: list[ChatDoor] = []
    for app in apps:
        try:
            door = app.chat(services) if app.chat is not None else None
            api.include_router(app.router(services), prefix=app.path, tags=[app.title])
        except Exception as error:  # noqa: BLE001  a stranger's router may fail in any way; the house must stand
            _log.exception("an app could not be opened", extra={"app": app.name})
            broken.append(BrokenApp(app.name, f"its router: {type(error).__name__}: {error}"))
        else:
            running.append(app)
            doors += [door] if door is not None else []
    return running, broken, doors


def _describe(operation: dict[str, Any]) -> None:
    if description := operation.get("description"):
        operation["summary"] = description.split("\n\n")[0].replace("\n", " ").rstrip(".")
    for response in operation["responses"].values():
        content = response.get("content", {})
        if content.get("application/json", {}).get("schema") == {"$ref": "#/components/schemas/Problem"}:
            content[MEDIA_TYPE] = content.pop("application/json")


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("trivium")
    except PackageNotFoundError:
        return "0"  # run from a source tree that is not installed
