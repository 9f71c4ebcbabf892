"""Is it alive, is it ready, what has it done: for orchestrators and Prometheus. Open to all, so it names no secret.

`/metrics` counts by route template only, yet a public site keeps it, like `/health`, behind its proxy.
"""

import logging
import os
from collections.abc import Callable, Sequence
from typing import Literal

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from pydantic import BaseModel, Field
from sqlalchemy import text

from core.app import App, BrokenApp, Services
from core.auth.access import public
from core.errors import TriviumError
from core.migrations import pending
from core.telemetry import HttpMetrics

_log = logging.getLogger(__name__)


class Liveness(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """Whether requests may be sent here."""

    status: Literal["ready", "not ready"]
    checks: dict[str, str] = Field(description="'ok', or what is wrong, for each part")
    apps: list[str] = Field(description="apps that answer")
    broken: list[str] = Field(description="installed apps that could not be opened; /v1/apps says why")


class Readings:
    """What readiness looks at. What was once well and cannot change in a running process is not asked again."""

    def __init__(self, services: Services, apps: Sequence[App]) -> None:
        self._services = services
        self._apps = tuple(apps)
        self._encoded = False
        self._migrated = False

    def take(self) -> dict[str, str]:
        """returns: part → "ok" or what is wrong"""
        checks = {"database": self._database, "encoder": self._encoder, "migrations": self._migrations}
        return {name: _said(check) for name, check in checks.items()}

    def _database(self) -> str:
        with self._services.database.session() as session:
            session.execute(text("SELECT 1"))
        return "ok"

    def _encoder(self) -> str:
        if not self._encoded:
            self._services.encoder.encode(["ready"])
            self._encoded = True
        return "ok"

    def _migrations(self) -> str:
        if not self._migrated:
            lacking = pending(self._services.database, self._apps)
            if lacking:
                return f"{len(lacking)} pending: run `trivium db upgrade`"
            self._migrated = True
        return "ok"


def _said(check: Callable[[], str]) -> str:
    try:
        return check()
    except TriviumError as error:
        return str(error)
    except Exception:  # noqa: BLE001  whatever it is, the answer is "not ready"
        _log.exception("a readiness check failed")
        return "failed, see the log"


def build_router(
    services: Services, apps: Sequence[App], broken: Sequence[BrokenApp], metrics: HttpMetrics
) -> APIRouter:
    """Liveness, readiness and metrics."""
    router = APIRouter(tags=["Operations"], dependencies=[Depends(public)])
    readings = Readings(services, apps)

    @router.get("/health/live")
    async def live() -> Liveness:
        """Say that the process answers; asks nothing of its parts."""
        return Liveness()

    @router.get("/health/ready", responses={503: {"model": Readiness, "description": "Not ready"}})
    def ready(response: Response) -> Readiness:
        """Say whether database, encoder and tables are in order."""
        checks = readings.take()
        well = all(said == "ok" for said in checks.values())
        response.status_code = 200 if well else 503
        return Readiness(
            status="ready" if well else "not ready",
            checks=checks,
            apps=[app.name for app in apps],
            broken=[app.name for app in broken],
        )

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    def read_metrics() -> Response:
        """Give all counters in Prometheus' text format."""
        metrics.sample_queue()
        return Response(_exposition(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _exposition(registry: CollectorRegistry) -> bytes:
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # then every process's counters lie in files there
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
    return generate_latest(registry) + generate_latest(REGISTRY)  # ours, then the process's and the libraries'
