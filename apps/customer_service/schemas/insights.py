"""The supervisor's figures on the wire, each with what it was taken from and the period before."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from apps.customer_service.schemas.asking import CollectionName
from apps.customer_service.schemas.proposals import EntryPlace

FigureName = Literal[
    "coverage", "containment", "autonomous_resolution", "handoff", "rated", "answered_by_a_person", "waiting"
]
Side = Literal["counted", "missed", "all"]

GapKind = Literal["clarify", "handoff", "thumb_down"]


class Period(BaseModel):
    """start: included;  end: not included"""

    start: datetime
    end: datetime


class Share(BaseModel):
    """numerator of denominator; share, low, high: null where the denominator is 0; low, high: 95 % interval (Wilson)"""

    numerator: int
    denominator: int
    share: float | None
    low: float | None
    high: float | None


class FigureOverTime(Share):
    """A figure now, and in the period before."""

    name: FigureName
    before: Share


class Ratings(BaseModel):
    """How content customers are. mean: from 1 to 5, null where nobody rated;  distribution: how many gave each score"""

    n: int
    denominator: int
    mean: float | None
    distribution: dict[int, int]


class FirstReplies(BaseModel):
    """Seconds from when a person was asked for to the first thing a person wrote, where one has written (n)."""

    n: int
    denominator: int
    median_s: float | None
    p90_s: float | None


class Reason(BaseModel):
    """Why a person was asked for. denominator: all chats with a person"""

    reason: str
    n: int
    denominator: int
    before: int


class Summary(BaseModel):
    """All figures over one cohort: conversations that began in the period with at least one question of a customer.

    chats: of the cohort;  settles_at: until then chats of the period may still be reopened, and figures may fall
    longest_wait_s: of a customer who waits for a person now
    """

    period: Period
    before: Period
    collection: CollectionName | None
    as_of: datetime
    settles_at: datetime
    reopened_within_days: float
    quiet_after_hours: float
    chats: int
    chats_before: int
    figures: list[FigureOverTime]
    ratings: Ratings
    ratings_before: Ratings
    first_replies: FirstReplies
    first_replies_before: FirstReplies
    longest_wait_s: float | None
    reasons: list[Reason]


class GapSummary(BaseModel):
    """A reply that did not help: asked back, did not know, or was called bad. number: of the reply's entry"""

    conversation: str
    number: int
    question: str
    kind: GapKind
    at: datetime


class GapCluster(BaseModel):
    """Questions that want the same. label: words of theirs;  size: gaps;  conversations: different ones

    kinds: how many gaps of each kind;  examples: different questions, the most typical first
    places: all gaps in the same order, as many as one proposal takes (500)
    """

    label: str
    size: int
    conversations: int
    kinds: dict[GapKind, int]
    collections: list[str]
    latest: datetime
    examples: list[GapSummary]
    places: list[EntryPlace]


class Gaps(BaseModel):
    """What could not be answered in the period, the largest group first.

    gaps: in all groups;  answered_since: left out, since a proposal about them was published
    more: whether older ones were left out, too many to group at once
    """

    period: Period
    gaps: int
    answered_since: int
    more: bool
    clusters: list[GapCluster]
