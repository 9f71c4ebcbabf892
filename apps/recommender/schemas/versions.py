"""Versions of the model that answers, on the wire."""

from datetime import datetime

from pydantic import BaseModel

FOUND, NEAR, BY_POPULARITY = "hit@10", "ndcg@10", "hit@10 of popularity alone"
"""Figures of a version's card: whether what was wanted stands among the first ten, how near the top, and what a list
that is the same for everybody would reach on the same people."""


class Figure(BaseModel):
    """A figure of a version's card, with its interval. n: on how many it was measured"""

    value: float
    low: float
    high: float
    n: int


class VersionShown(BaseModel):
    """A trained version. active: whether it answers now;  seconds: its training took;  data: in words

    fingerprint: of the events that it learned from and was measured on
    """

    ref: str
    version: int
    active: bool
    trained_at: datetime
    seconds: float
    data: str
    fingerprint: str = ""
    figures: dict[str, Figure]
    notes: str


class Versions(BaseModel):
    """All versions, the newest first; none: texts and popularity answer, without any training.

    before: the version to which rolling back would go, none where nothing was active before
    """

    name: str
    before: str | None = None
    items: list[VersionShown]


class Training(BaseModel):
    """A training that runs, or the last one. line: what it is at;  outcome: what came of it, in a sentence

    version: what was published, such as "recommender@3";  failed: whether nothing was
    """

    running: bool
    started_at: datetime
    line: str = ""
    ended_at: datetime | None = None
    outcome: str = ""
    version: str | None = None
    failed: bool = False


class Trainings(BaseModel):
    """The training that runs or ran last; none: there was none. every_hours: how often the server trains, 0: never"""

    last: Training | None
    every_hours: float
    promote: str
