"""Who was recommended an item, on the wire."""

from datetime import datetime

from pydantic import BaseModel

FIRST = 10
"""Places that people look at."""


class Recipient(BaseModel):
    """Somebody in whose list the item stood. One of user and session is set

    place: which list it was;  position: of the item in it, from 1;  model: what ranked;  at: the last time
    """

    user: str | None
    session: str | None
    place: str
    position: int
    model: str
    at: datetime


class Recipients(BaseModel):
    """Who got an item, as far as kept answers tell, the latest first; each person once.

    lists: how many of the newest answers were looked at;  among_first: in how many the item was one of the first ten
    """

    lists: int
    among_first: int
    items: list[Recipient]
