"""Curves over HTTP: a company's, a sector's, the watchlist's, and all companies at a glance."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from apps.finance_sentiment.pipeline.buckets import parse_bucket, parse_half_life, parse_zone
from apps.finance_sentiment.pipeline.entities import LiveEntities
from apps.finance_sentiment.pipeline.overview import overview_page
from apps.finance_sentiment.pipeline.timeline import COLUMNS, Span, check_sector, timeline
from apps.finance_sentiment.router.entities import EntityPath
from apps.finance_sentiment.router.files import FILES, Format, downloaded
from apps.finance_sentiment.schemas.timeline import FORMULA, OverviewRow, Timeline
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.timeline import Scope
from core.app import Services
from core.auth.access import require
from core.paging import Cursor, Page
from core.server.written import written

DAYS = 30  # shown where no beginning is named

Sector = Annotated[str | None, Query(max_length=80, description="only companies of this sector")]
Watched = Annotated[bool | None, Query(description="only companies that are, or are not, on the watchlist")]
HalfLife = Annotated[
    str | None, Query(max_length=20, description="of the mood index: hours, or 90m, 24h, 3d; see below")
]
Rows = Annotated[int, Field(ge=1, le=1_000, description="most companies in one answer")]


def _span(clock: Callable[[], datetime], settings: FinanceSettings) -> Callable[..., Span]:
    def asked(
        begin: Annotated[datetime | None, Query(alias="from", description=f"default: {DAYS} days before `to`")] = None,
        end: Annotated[datetime | None, Query(alias="to", description="default and latest: now")] = None,
        bucket: Annotated[str, Query(max_length=20, description="a number and m, h, d or w")] = "1d",
        half_life: HalfLife = None,
        as_of: Annotated[datetime | None, Query(description="the curve as it was known then; default: now")] = None,
        zone: Annotated[str, Query(max_length=60, description="IANA name; whose hours, days and weeks")] = "UTC",
    ) -> Span:
        last = end if end is not None else as_of if as_of is not None else clock()
        hours = parse_half_life(half_life) if half_life is not None else settings.half_life_hours
        first = begin if begin is not None else last - timedelta(days=DAYS)
        return Span(first, last, parse_bucket(bucket), hours, parse_zone(zone), as_of)

    return asked


def add_routes(router: APIRouter, services: Services, live: LiveEntities) -> None:
    """A curve of one company, one of many together, and an overview."""
    readers = [Depends(require("finance:read"))]
    settings = FinanceSettings.of(services.settings)
    asked = Depends(_span(services.clock, settings))

    def answered(scope: Scope, span: Span, kind: Format) -> Response:
        found = timeline(services.database, scope, span, services.clock())
        if kind == "json":
            return written(found)
        name = f"timeline-{scope.entity or scope.sector or ('watchlist' if scope.watched else 'all')}"
        return downloaded(found.points, COLUMNS, name, kind)

    @router.get(
        "/entities/{entity}/timeline",
        dependencies=readers,
        response_model=Timeline,
        responses=FILES,
        description=f"Draw the curve of one company. {FORMULA}",
    )
    def entity_timeline(entity: EntityPath, span: Annotated[Span, asked], format: Format = "json") -> Response:  # noqa: A002
        """Draw the curve of one company."""
        live.entities.get(entity)
        return answered(Scope(entity=entity), span, format)

    @router.get(
        "/timeline",
        dependencies=readers,
        response_model=Timeline,
        responses=FILES,
        description=f"Draw the curve of many companies together; of all where nothing is said. {FORMULA}",
    )
    def many_timeline(
        span: Annotated[Span, asked],
        sector: Sector = None,
        watched: Watched = None,
        format: Format = "json",  # noqa: A002
    ) -> Response:
        """Draw the curve of many companies together; of all where nothing is said."""
        check_sector(sector, live.now().rows.values())
        return answered(Scope(sector=sector, watched=watched), span, format)

    @router.get("/overview", dependencies=readers, response_model=Page[OverviewRow])
    def show_overview(
        sector: Sector = None,
        watched: Watched = None,
        half_life: HalfLife = None,
        cursor: Cursor = None,
        limit: Rows = 500,
    ) -> Response:
        """Show companies at a glance, by id: mood now and before, volume against the usual, the newest story."""
        hours = parse_half_life(half_life) if half_life is not None else settings.half_life_hours
        check_sector(sector, live.now().rows.values())
        wanted = Scope(sector=sector, watched=watched)
        return written(overview_page(services.database, live, wanted, cursor, limit, services.clock(), hours))
