"""What became of what was sent."""

from pydantic import BaseModel, Field

MOST_TOLD = 20  # rows that are told one by one; the others are counted


class RowFault(BaseModel):
    """A row that was left out. line: of the file or the body, or the place in a list, from 1"""

    line: int
    problem: str


class TakenItems(BaseModel):
    """What became of items.

    added: new ones;  completed: that events had named before;  changed, unchanged: that were in the catalogue
    rejected: rows that cannot be used; the first of them stand in `faults`
    """

    received: int = 0
    added: int = 0
    completed: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    faults: list[RowFault] = Field(default=[], description=f"the first {MOST_TOLD}")


class TakenUsers(TakenItems):
    """What became of users. Those who were erased are among the rejected."""


class TakenEvents(BaseModel):
    """What became of events.

    added: kept just now, and for good;  known: kept before
    erased: left out because whose they are was erased after them;  without_consent: because the user said no
    new_users, new_sessions, new_items: heard of for the first time, by these events
    rejected: rows that cannot be used; the first of them stand in `faults`
    ignored_fields: names of columns that events don't have
    """

    received: int = 0
    added: int = 0
    known: int = 0
    erased: int = 0
    without_consent: int = 0
    new_users: int = 0
    new_sessions: int = 0
    new_items: int = 0
    rejected: int = 0
    faults: list[RowFault] = Field(default=[], description=f"the first {MOST_TOLD}")
    ignored_fields: list[str] = []
