"""Users and sessions over HTTP: sent, listed, shown, changed, merged, erased."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from apps.recommender.pipeline import showing
from apps.recommender.pipeline.erasing import Eraser
from apps.recommender.pipeline.ingesting.taking import take_users
from apps.recommender.router.bodies import PARTLY_TAKEN, Received, answered, described, opened
from apps.recommender.schemas.taking import TakenUsers
from apps.recommender.schemas.users import Erased, Merge, Merged, User, UserPatch, UserShown
from apps.recommender.schemas.words import MOST_ID
from apps.recommender.store.erased import Erasures
from apps.recommender.store.visitors import Visitors
from core.app import Services
from core.auth.access import require
from core.idempotency.answers import Answers
from core.idempotency.dependency import idempotent
from core.paging import Cursor, Page, PageSize

VisitorPath = Annotated[str, Path(min_length=1, max_length=MOST_ID)]


def add_routes(router: APIRouter, services: Services) -> None:
    """Send, list, show, change, merge, erase. `GET /users/{user}` itself recommends; who it is stands in `/profile`."""
    readers, writers = [Depends(require("recommend:read"))], [Depends(require("recommend:write")), Depends(idempotent)]
    visitors = Visitors(services.database, services.clock)
    eraser = Eraser(Erasures(services.database, services.clock), Answers(services.database, services.clock))
    most = services.settings.max_upload_bytes

    @router.post("/users", dependencies=writers, responses=PARTLY_TAKEN, openapi_extra=described(User, "users"))
    def send_users(body: Received, response: Response) -> TakenUsers:
        """Make users or replace them: one, a list, JSON Lines, CSV or Parquet. Good rows are kept, bad ones told."""
        return answered(take_users(visitors, opened(body, "users", most)), response)

    @router.get("/users", dependencies=readers)
    def list_users(cursor: Cursor = None, limit: PageSize = 50) -> Page[UserShown]:
        """List users by id."""
        return showing.user_page(visitors, cursor, limit)

    @router.get("/users/{user:path}/profile", dependencies=readers)
    def show_user(user: VisitorPath) -> UserShown:
        """Show what is known of a user, and how many events there are."""
        return showing.known_user(visitors.get(user))

    @router.patch("/users/{user:path}", dependencies=writers)
    def change_user(user: VisitorPath, patch: UserPatch) -> UserShown:
        """Change a user's attributes or consent."""
        return showing.patched_user(visitors, user, patch)

    @router.delete("/users/{user:path}", dependencies=[Depends(require("recommend:write"))])
    def erase_user(user: VisitorPath) -> Erased:
        """Erase all that is kept of a user, for good: attributes, events, sessions. Old bulks do not bring it back."""
        return eraser.erase_user(user)

    @router.post("/sessions/{session:path}/merge", dependencies=writers)
    def merge_session(session: VisitorPath, merge: Merge) -> Merged:
        """Give an anonymous session to the user who signed in: its events, and those that are still to come."""
        moved = visitors.merge(session, merge.user)
        return Merged(session=session, user=merge.user, events=moved)

    @router.delete("/sessions/{session:path}", dependencies=[Depends(require("recommend:write"))])
    def erase_session(session: VisitorPath) -> Erased:
        """Erase all that is kept of an anonymous session, for good."""
        return eraser.erase_session(session)
