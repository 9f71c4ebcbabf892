"""Alerts on the wire: what changed, by how much, against what, and why."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from apps.finance_sentiment.schemas.entities import EntityId
from apps.finance_sentiment.schemas.rules import RULE_PATTERN, Severity

ALERT_PATTERN = r"^al_[0-9a-f]{16}$"
State = Literal["open", "acknowledged", "snoozed", "closed"]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
RuleId = Annotated[str, StringConstraints(pattern=RULE_PATTERN)]


class Change(BaseModel):
    """One figure that changed. value, baseline: in `unit`;  hours: over which it was measured

    baseline: None where there is none to compare with;  compared_with: what the baseline is, in words
    surprise: decades of chance, for what was not foreseen: 5 is one in 100,000
    """

    measure: Literal["mood", "volume"]
    value: float
    baseline: float | None
    unit: str
    hours: float
    compared_with: str
    surprise: float | None = None


class StoryTold(BaseModel):
    """A story that drives the change. document: its first one in the window;  mood: of the company in it

    echoes: documents that tell the same
    """

    story: int | None
    document: int
    title: str
    url: str
    source: str
    published_at: datetime
    echoes: int
    mood: float | None


class SentenceTold(BaseModel):
    """A sentence that decided a mood."""

    document: int
    text: str
    mood: float


class Facts(BaseModel):
    """What an alert knows. since, until: of the window that it tells of"""

    since: datetime
    until: datetime
    changes: list[Change]
    stories: list[StoryTold]
    sentences: list[SentenceTold]


class AlertStep(BaseModel):
    """One thing that became of an alert. by: whose key; empty: the monitor itself"""

    number: int
    at: datetime
    step: str
    by: str
    note: str


class Alert(BaseModel):
    """One event of one company. lasts: whether what began it still holds"""

    id: str
    kind: Literal["signal", "rule"]
    rule: str | None
    rule_name: str | None
    entity: str
    entity_name: str
    severity: Severity
    state: State
    headline: str
    facts: Facts
    lasts: bool
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    closed_because: str
    acknowledged_by: str | None
    snoozed_until: datetime | None
    reminders: int
    remind_at: datetime | None


class AlertDetail(Alert):
    """An alert with all that became of it, the oldest first."""

    history: list[AlertStep]


class Noted(BaseModel):
    """A word on what one does with an alert."""

    model_config = ConfigDict(extra="forbid")

    note: Note = ""


class Snooze(Noted):
    """For how long an alert is to be silent."""

    minutes: Annotated[int, Field(ge=5, le=30 * 24 * 60)] = 240


class MuteEdit(BaseModel):
    """Of whom or what nothing new is told: a company, a rule, or a rule for a company."""

    model_config = ConfigDict(extra="forbid")

    entity: EntityId | None = None
    rule: RuleId | None = None
    hours: Annotated[float, Field(gt=0, le=24 * 90, allow_inf_nan=False)] = 24.0
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class Mute(BaseModel):
    """A mute that is in force."""

    id: str
    entity: str | None
    rule: str | None
    until: datetime
    by: str
    reason: str
    created_at: datetime


class MuteList(BaseModel):
    """Mutes in force, those that end first at first."""

    items: list[Mute]
