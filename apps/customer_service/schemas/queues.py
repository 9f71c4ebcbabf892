"""Queues on the wire."""

from datetime import datetime
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from apps.customer_service.schemas.agents import Skills
from apps.customer_service.schemas.asking import CollectionName

QUEUE_PATTERN = r"^[a-z0-9][a-z0-9_.-]{0,63}$"
MOST_SPANS = 8  # of a day

QueueName = Annotated[str, StringConstraints(pattern=QUEUE_PATTERN)]
Priority = Annotated[int, Field(ge=-1_000, le=1_000)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Begin = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
End = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


def _known_zone(name: str) -> str:
    """raises: ValueError"""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is no IANA time zone, such as Europe/Paris") from None
    return name


def _in_order(spans: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """raises: ValueError for spans that end before they begin, or overlap"""
    for begins, ends in spans:
        if begins >= ends:
            raise ValueError(f"{begins} to {ends} ends before it begins: write hours past midnight on two days")
    ordered = sorted(spans)
    for (_, ends), (begins, _) in pairwise(ordered):
        if begins < ends:
            raise ValueError(f"two spans overlap at {begins}")
    return ordered


Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]
Spans = Annotated[list[tuple[Begin, End]], Field(max_length=MOST_SPANS), AfterValidator(_in_order)]


class Takes(BaseModel):
    """Which chats go to a queue when they are handed over: each condition that is given must hold.

    collections, languages, skills: any one of them;  least_priority: of the chat's own
    """

    model_config = ConfigDict(extra="forbid")

    collections: list[CollectionName] = Field(default_factory=list, max_length=50)
    languages: list[Language] = Field(default_factory=list, max_length=50)
    skills: Skills = Field(default_factory=list)
    least_priority: Priority | None = None


class QueueEdit(BaseModel):
    """What a team lead says of a queue.

    skills: what an agent must know to take its chats;  priority: of its chats, unless they have their own
    hours: by weekday, pairs of begin and end in `zone`; none: always open
    first_reply_s: seconds within which a person should have answered
    version: the one that was read, where the change depends on it
    """

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    skills: Skills = Field(default_factory=list)
    priority: Priority = 0
    zone: Zone = "UTC"
    hours: dict[Weekday, Spans] = Field(default_factory=dict)
    first_reply_s: Annotated[float, Field(gt=0, le=30 * 86_400)] = 120
    takes: Takes = Field(default_factory=Takes)
    version: int | None = None


class Queue(BaseModel):
    """A queue. opens_at: when somebody works there again; null while somebody does;  waiting: chats at the moment"""

    name: str
    title: str
    skills: list[str]
    priority: int
    zone: str
    hours: dict[str, list[tuple[str, str]]]
    first_reply_s: float
    takes: Takes
    opens_at: datetime | None
    waiting: int
    version: int


class QueueList(BaseModel):
    """All queues, by name."""

    items: list[Queue]
