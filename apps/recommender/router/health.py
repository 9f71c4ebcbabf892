"""Health of the data over HTTP: events a day, and what of the catalogue can be recommended."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from apps.recommender.schemas.health import Coverage, Days
from apps.recommender.store.health import DAY_S, count_days, cover
from core.app import Services
from core.auth.access import require


def add_routes(router: APIRouter, services: Services) -> None:
    """Count by day, count by what items have."""
    readers = [Depends(require("recommend:read"))]

    @router.get("/data/days", dependencies=readers)
    def count_events_by_day(days: Annotated[int, Query(ge=1, le=3_660)] = 30) -> Days:
        """Count events by day (UTC) and type, today among them."""
        today = services.clock().timestamp() // DAY_S
        return Days(items=count_days(services.database, (today - days + 1) * DAY_S))

    @router.get("/data/coverage", dependencies=readers)
    def count_coverage() -> Coverage:
        """Count which items have text, a price, events."""
        return cover(services.database)
