"""Versions of the model that answers, on the wire."""

from datetime import datetime

from pydantic import BaseModel


class Figure(BaseModel):
    """A figure of a version's card, with its interval. n: on how many it was measured"""

    value: float
    low: float
    high: float
    n: int


class VersionShown(BaseModel):
    """A trained version. active: whether it answers now;  seconds: its training took;  data: in words"""

    ref: str
    version: int
    active: bool
    trained_at: datetime
    seconds: float
    data: str
    figures: dict[str, Figure]
    notes: str


class Versions(BaseModel):
    """All versions, the newest first; none: texts and popularity answer, without any training."""

    name: str
    items: list[VersionShown]
