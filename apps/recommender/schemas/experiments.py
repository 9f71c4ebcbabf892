"""Experiments on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from apps.recommender.schemas.words import Id, clean_text

EXPERIMENT_PATTERN = r"^exp_[0-9a-f]{16}$"
ArmName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Name = Annotated[str, BeforeValidator(clean_text), StringConstraints(min_length=1, max_length=120)]
Hypothesis = Annotated[str, BeforeValidator(clean_text), StringConstraints(max_length=2_000)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Metric = Literal["click_rate", "conversion", "revenue", "dislikes"]
State = Literal["draft", "running", "stopped"]


class ArmEdit(BaseModel):
    """One way to recommend. What is left out is as everywhere.

    share: of the experiment's visitors; those of all arms together are 1
    model: "text", "popular" or a version;  rules: ids of those that count, null for all
    diversity, novelty, explore, most_per_category: as a request may name them
    """

    model_config = ConfigDict(extra="forbid")

    name: ArmName
    share: Share
    model: Annotated[str | None, Field(max_length=160)] = None
    diversity: Annotated[float | None, Field(ge=0, le=1)] = None
    novelty: Annotated[float | None, Field(ge=0, le=5)] = None
    explore: Annotated[float | None, Field(ge=0, le=0.5)] = None
    most_per_category: Annotated[int | None, Field(ge=1)] = None
    rules: Annotated[list[str] | None, Field(max_length=500)] = None


class GuardrailEdit(BaseModel):
    """What no arm may make worse: one that surely does is stopped. may_change: of the control's rate, 0 … 1"""

    model_config = ConfigDict(extra="forbid")

    metric: Metric
    may_change: Share = 0.05


class ExperimentEdit(BaseModel):
    """An experiment. The first arm is the control.

    lane: experiments of the same lane never meet the same visitor;  traffic: share of the lane's visitors
    metric: that decides: click_rate (clicks by impressions of recommendations), conversion (share of visitors who
        buy), revenue (a visitor), dislikes (share of visitors who dislike something)
    window_hours: a visitor counts once this time has passed since the first exposure, with what happened in it
    alpha: chance of being told of a difference that is none, however often one looks
    """

    model_config = ConfigDict(extra="forbid")

    name: Name
    hypothesis: Hypothesis = ""
    lane: ArmName = "main"
    traffic: Annotated[float, Field(gt=0, le=1)] = 1.0
    arms: Annotated[list[ArmEdit], Field(min_length=2, max_length=10)]
    metric: Metric = "click_rate"
    window_hours: Annotated[float, Field(gt=0, le=8_760)] = 24.0
    guardrails: Annotated[list[GuardrailEdit], Field(max_length=4)] = []
    alpha: Annotated[float, Field(ge=0.001, le=0.2)] = 0.05

    @model_validator(mode="after")
    def _arms_fit(self) -> Self:
        if len({arm.name for arm in self.arms}) < len(self.arms):
            raise ValueError("arms need different names")
        if abs(sum(arm.share for arm in self.arms) - 1) > 1e-6:
            raise ValueError("the arms' shares must sum to 1")
        return self


class ExperimentPatch(BaseModel):
    """What is to change. shares: of all arms, by name;  arms: those to be stopped or run again
    guardrails: all that hold from now on;  version: that was read, if it matters
    """

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    hypothesis: Hypothesis | None = None
    state: Literal["running", "stopped"] | None = None
    shares: dict[ArmName, Share] | None = None
    arms: dict[ArmName, Literal["running", "stopped"]] | None = None
    guardrails: Annotated[list[GuardrailEdit] | None, Field(max_length=4)] = None
    version: int | None = None


class Arm(ArmEdit):
    """An arm, as it stands. stopped_because: in words; empty while it runs"""

    stopped_because: str = ""
    stopped_at: datetime | None = None


class Experiment(BaseModel):
    """An experiment. version: counts its changes"""

    id: str
    name: str
    hypothesis: str
    lane: str
    traffic: float
    arms: list[Arm]
    metric: Metric
    window_hours: float
    guardrails: list[GuardrailEdit]
    alpha: float
    state: State
    version: int
    created_at: datetime
    started_at: datetime | None
    stopped_at: datetime | None


class ExperimentChange(BaseModel):
    """A change. version: that came of it;  before, after: what changed, by name"""

    version: int
    at: datetime
    before: dict[str, Any]
    after: dict[str, Any]


class ExperimentChanges(BaseModel):
    """All changes of an experiment since it was made, the latest first."""

    items: list[ExperimentChange]


class ExperimentList(BaseModel):
    """All experiments, the latest first."""

    items: list[Experiment]


class ExposureEdit(BaseModel):
    """Somebody to whom an arm is shown: a user or an anonymous session."""

    model_config = ConfigDict(extra="forbid")

    user: Id | None = None
    session: Id | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.user is None and self.session is None:
            raise ValueError("name a user or a session")
        return self


class Assignment(BaseModel):
    """What somebody sees. arm: null for those whom the experiment leaves alone"""

    experiment: str
    arm: Arm | None


class RateShown(BaseModel):
    """A rate with the 95 % interval of this one look, in which a visitor counts once, whatever happened how often."""

    value: float
    low: float
    high: float
    visitors: int
    events: float


class DifferenceShown(BaseModel):
    """An arm against the control. low, high: hold at all looks together; null where they cannot be told yet
    relative: of the control's rate;  p_value: may be looked at any time
    """

    value: float
    low: float | None
    high: float | None
    relative: float | None
    p_value: float
    verdict: str


class ArmResult(BaseModel):
    """exposed: visitors who saw this arm, and no other;  waiting: of them, whose time is not over yet

    lists: that went out with it;  lists_without: that its visitors got as if there were no experiment, since it could
        not answer;  unable: why it cannot answer now, in words, else ""
    """

    arm: str
    exposed: int
    waiting: int
    lists: int = 0
    lists_without: int = 0
    unable: str = ""
    rates: dict[Metric, RateShown]
    against_control: dict[Metric, DifferenceShown]
    stopped_because: str


class Results(BaseModel):
    """What is known of an experiment now. It may be looked at any time.

    mixed: visitors who saw several arms, and are left out;  caution: a sentence where the arms' sizes are not as they
        should be, else ""
    """

    experiment: str
    metric: Metric
    verdict: str
    caution: str
    mixed: int
    arms: list[ArmResult]
    as_of: datetime
