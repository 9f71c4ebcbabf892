"""Health of the data on the wire."""

from datetime import date

from pydantic import BaseModel


class DayCount(BaseModel):
    """Events of one type on one day. day: in UTC"""

    day: date
    type: str
    events: int


class Days(BaseModel):
    """Events a day and type, the oldest day first; what did not happen on a day is left out."""

    items: list[DayCount]


class Coverage(BaseModel):
    """How much of the catalogue can be recommended, and from what. All are counts of items that somebody sent.

    described: with a description;  sorted: with a category;  priced: with a price
    encoded: whose text was read, so that they are recommended before anybody touched them
    warm: that an event names;  unavailable: hidden, or out of stock
    users, users_with_events: that were sent, and of them those of whom an event tells
    """

    items: int
    described: int
    sorted: int
    priced: int
    encoded: int
    warm: int
    unavailable: int
    users: int
    users_with_events: int
