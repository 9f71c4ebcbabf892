"""Events on the wire and in files."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from apps.recommender.schemas.moments import Seconds
from apps.recommender.schemas.words import Id

MOST_COMMENT = 20_000
MOST_REQUEST = 64


Kept = r"^[^\x00]*$"  # no database keeps the others
Value = Annotated[float, Field(allow_inf_nan=False)]
Comment = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_COMMENT, pattern=Kept)]
Request = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_REQUEST, pattern=Kept)]
EventTypeName = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=32)]


class Event(BaseModel):
    """Something that a user or an anonymous session did with an item.

    id: the shop's own; the same id is kept once. Without one, the same event is kept once: same user, item, type,
        time, value and text
    user, session: who; with both, the event is the user's
    timestamp: ISO 8601 or seconds (or milliseconds) since 1970; over HTTP the present, where it is left out
    value: a rating, an amount of money;  text: of a comment;  request: of the recommendations it came of
    """

    model_config = ConfigDict(extra="ignore")

    id: Id | None = None
    user: Id | None = None
    session: Id | None = None
    item: Id
    type: EventTypeName
    timestamp: Seconds = None
    value: Value | None = None
    text: Comment | None = None
    request: Request | None = None


class EventShown(BaseModel):
    """An event as it is kept. id: its number here;  title: of the item, empty where nobody sent it yet

    value: of a comment its mood in [-1, 1], null until it is read
    """

    id: int
    user: str | None
    session: str | None
    item: str
    title: str
    type: str
    timestamp: datetime
    value: float | None
    text: str | None
    request: str | None


class Counted(BaseModel):
    """What there is.

    unknown_items, unknown_users: named by events only, until somebody sends them
    waiting_comments: whose mood is not read yet;  erased: people and sessions that were erased
    revisions: counters that grow with each change of items, of events, and with each merge or erasure
    """

    items: int
    unknown_items: int
    hidden_items: int
    users: int
    unknown_users: int
    sessions: int
    merged_sessions: int
    events: int
    by_type: dict[str, int]
    first_event: datetime | None
    last_event: datetime | None
    waiting_comments: int
    erased: int
    revisions: dict[str, int]
