"""Rules on the wire: of whom and when a person wants to be told."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from apps.finance_sentiment.schemas.entities import EntityId, Line

RULE_PATTERN = r"^rule_[0-9a-f]{16}$"
Severity = Literal["low", "medium", "high"]
Score = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Minutes = Annotated[int, Field(ge=5, le=7 * 24 * 60, description="minutes that the window reaches back")]
Named = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]*$")
]
Keyword = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=80, pattern=r"\w")]
Keywords = Annotated[list[Keyword], Field(max_length=50)]
ChannelId = Annotated[str, StringConstraints(pattern=r"^ch_[0-9a-f]{16}$")]


class Who(BaseModel):
    """Of which companies a rule speaks. entities: by id, for kind "entities";  sector: for kind "sector" """

    model_config = ConfigDict(extra="forbid")

    kind: Literal["entities", "sector", "watchlist", "all"] = "watchlist"
    entities: Annotated[list[EntityId], Field(max_length=500)] = []
    sector: Line = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.kind == "entities") != bool(self.entities):
            raise ValueError('entities are named with kind "entities", and only then')
        if (self.kind == "sector") != bool(self.sector):
            raise ValueError('a sector is named with kind "sector", and only then')
        return self


class Texts(BaseModel):
    """Which documents count. any, all, none: words or phrases, whole words whatever their case"""

    model_config = ConfigDict(extra="forbid")

    any: Keywords = []
    all: Keywords = []
    none: Keywords = []

    @property
    def is_empty(self) -> bool:
        """Whether every document counts."""
        return not (self.any or self.all or self.none)


class _Window(BaseModel):
    """window_minutes: how far back is looked;  min_documents: fewer with a mood are too little evidence"""

    model_config = ConfigDict(extra="forbid")

    window_minutes: Minutes = 240
    min_documents: Annotated[int, Field(ge=1, le=1_000)] = 3
    keywords: Texts = Texts()


class MoodLevel(_Window):
    """The mood of the window lies below or above a score."""

    kind: Literal["mood"]
    below: Score | None = None
    above: Score | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.below is None) == (self.above is None):
            raise ValueError("name either `below` or `above`")
        return self


class MoodChange(_Window):
    """The mood of the window differs by so much. against: the window "before", or the "usual" of 28 days"""

    kind: Literal["mood_change"]
    by: Annotated[float, Field(gt=0, le=2, allow_inf_nan=False)]
    direction: Literal["fall", "rise", "either"] = "fall"
    against: Literal["before", "usual"] = "usual"


class VolumeLevel(_Window):
    """So many documents in the window, or so many times as many as in the same hours of the four weeks before.

    Echoes are not counted; documents without a mood are.
    """

    kind: Literal["volume"]
    at_least: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    times_usual: Annotated[float, Field(gt=1, le=1_000, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.at_least is None and self.times_usual is None:
            raise ValueError("name `at_least`, `times_usual` or both")
        return self


class Unforeseen(BaseModel):
    """Something that was not foreseen: where these alerts go and how severe they are. There is one for each event."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["signal"]


What = Annotated[MoodLevel | MoodChange | VolumeLevel | Unforeseen, Field(discriminator="kind")]


class RuleEdit(BaseModel):
    """A rule, as a person writes it. channels: who is told beside the inbox;  version: that was read, if it matters"""

    model_config = ConfigDict(extra="forbid")

    name: Named
    who: Who = Who()
    what: What
    severity: Severity = "medium"
    channels: Annotated[list[ChannelId], Field(max_length=20)] = []
    enabled: bool = True
    version: int | None = None


class Rule(BaseModel):
    """A rule. version: counts its changes"""

    id: str
    name: str
    who: Who
    what: What
    severity: Severity
    channels: list[str]
    enabled: bool
    version: int
    created_at: datetime
    updated_at: datetime


class RuleList(BaseModel):
    """All rules, by name."""

    items: list[Rule]


class PreviewQuery(BaseModel):
    """A rule that is not kept."""

    model_config = ConfigDict(extra="forbid")

    who: Who = Who()
    what: What
    days: Annotated[int, Field(ge=1, le=30)] = 30


class Firing(BaseModel):
    """An alert that would have been. until: None: it would still be open"""

    entity: str
    name: str
    opened_at: datetime
    closed_at: datetime | None
    headline: str


class Preview(BaseModel):
    """How often a rule would have told, had it looked every `step_minutes`, by what is known today.

    per_week: alerts, on average;  firings: the latest 50;  days: of archive that were there to look at
    """

    alerts: int
    per_week: float
    entities: int
    days: float
    step_minutes: int
    firings: list[Firing]
