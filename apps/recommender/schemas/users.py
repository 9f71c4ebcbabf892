"""Users and sessions on the wire and in files."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from apps.recommender.schemas.words import Attributes, Id, is_empty


def _consent(written: object) -> object:
    return None if is_empty(written) else written


class User(BaseModel):
    """A user, whole. Fields that are not listed here become attributes.

    consent: to recommendations from one's own events; null where nobody asked. After a no, events are not kept
    after_erasure: true lets somebody in again who was erased; without it, such a row is refused
    """

    model_config = ConfigDict(extra="forbid")

    id: Id
    attributes: Attributes = {}
    consent: Annotated[bool | None, BeforeValidator(_consent)] = None
    after_erasure: bool = False


class UserPatch(BaseModel):
    """What is to change of a user; what is left out stays. attributes: as a whole"""

    model_config = ConfigDict(extra="forbid")

    attributes: Attributes | None = None
    consent: bool | None = None


class UserShown(BaseModel):
    """A user. known: false for one whom only events have named so far

    sessions: those that were merged into the user;  events: how many, where one user is asked for
    """

    id: str
    known: bool
    attributes: dict[str, Any]
    consent: bool | None
    created_at: datetime
    updated_at: datetime
    sessions: list[str] | None = None
    events: int | None = None


class Merge(BaseModel):
    """Who signed in."""

    model_config = ConfigDict(extra="forbid")

    user: Id


class Merged(BaseModel):
    """What a sign-in moved. events: of the session that are the user's now; later ones go there by themselves"""

    session: str
    user: str
    events: int


class Erased(BaseModel):
    """What an erasure removed. answers: that were kept for an Idempotency-Key"""

    events: int
    sessions: int
    answers: int
