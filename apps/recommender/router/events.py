"""Events over HTTP: sent one by one or many at a time, listed, deleted; and what there is, counted."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from apps.recommender.errors import NoSuchEvent
from apps.recommender.pipeline import showing
from apps.recommender.pipeline.ingesting.events import EventReader, digest_of_id
from apps.recommender.pipeline.ingesting.taking import take_events
from apps.recommender.router.bodies import PARTLY_TAKEN, Received, answered, described, opened
from apps.recommender.schemas.events import Counted, Event, EventShown
from apps.recommender.schemas.taking import TakenEvents
from apps.recommender.schemas.words import MOST_ID
from apps.recommender.settings import RecommenderSettings
from apps.recommender.store.counting import count
from apps.recommender.store.events import Events
from core.app import Services
from core.auth.access import require
from core.idempotency.dependency import idempotent
from core.paging import Cursor, Page, PageSize

Named = Annotated[str | None, Query(min_length=1, max_length=MOST_ID)]


def add_routes(router: APIRouter, services: Services, settings: RecommenderSettings) -> None:
    """Send, list, delete, count."""
    readers, writers = [Depends(require("recommend:read"))], [Depends(require("recommend:write")), Depends(idempotent)]
    events = Events(services.database, services.clock)
    most = services.settings.max_upload_bytes

    @router.post("/events", dependencies=writers, responses=PARTLY_TAKEN, openapi_extra=described(Event, "events"))
    def send_events(body: Received, response: Response) -> TakenEvents:
        """Send events: one, a list, JSON Lines, CSV or Parquet. Each is kept once; bad rows are told."""
        reader = EventReader(settings, services.clock, now_if_untimed=True)
        return answered(take_events(events, reader, opened(body, "events", most)), response)

    @router.post("/feedback", dependencies=writers, responses=PARTLY_TAKEN, openapi_extra=described(Event, "feedback"))
    def send_feedback(body: Received, response: Response) -> TakenEvents:
        """Send what became of recommendations: events with their `request`; a click unless `type` says more."""
        reader = EventReader(settings, services.clock, now_if_untimed=True, of_requests=True)
        return answered(take_events(events, reader, opened(body, "feedback", most)), response)

    @router.get("/events", dependencies=readers)
    def list_events(
        user: Named = None, session: Named = None, item: Named = None, cursor: Cursor = None, limit: PageSize = 50
    ) -> Page[EventShown]:
        """List events, the newest first: of a user, a session or an item, or all by arrival."""
        return showing.event_page(services.database, user, session, item, cursor, limit)

    @router.delete("/events/{event:path}", dependencies=[Depends(require("recommend:write"))], status_code=204)
    def delete_event(event: Annotated[str, Path(min_length=1, max_length=MOST_ID)]) -> None:
        """Delete an event by the id that it was sent with."""
        if not events.remove(digest_of_id(event)):
            raise NoSuchEvent(event)

    @router.get("/data", dependencies=readers)
    def count_data() -> Counted:
        """Count items, users, sessions and events, and what is still unknown of them."""
        return count(services.database)
