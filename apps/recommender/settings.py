"""What an operator of the recommender may choose: section `apps.recommender` of trivium.toml."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from core.settings import Settings

TypeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
CLICK, RATING, COMMENT, DISLIKE, IMPRESSION = "click", "rating", "comment", "dislike", "impression"
"""Types with a meaning of their own; they may be weighed anew, but not renamed."""


class EventType(BaseModel):
    """How a type of event counts. weight: of a fresh one, below 0 for dislike;  half_life_days: then half of it"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(ge=-10, le=10)
    half_life_days: float = Field(gt=0, le=36_500)


EVENT_TYPES: dict[str, EventType] = {
    name: EventType(weight=weight, half_life_days=days)
    for name, weight, days in (
        (IMPRESSION, 0.0, 1.0),
        ("view", 0.3, 14.0),
        (CLICK, 0.5, 14.0),
        ("cart", 0.8, 30.0),
        ("purchase", 1.0, 180.0),
        (RATING, 1.0, 365.0),
        ("like", 1.0, 365.0),
        (DISLIKE, -1.0, 365.0),
        (COMMENT, 0.8, 180.0),
        ("interaction", 1.0, 180.0),
    )
}
"""What an event counts where nobody says otherwise; "interaction" is one of which no more is known."""


class RecommenderSettings(BaseModel):
    """Which events there are and what they count, and what is taken in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    event_types: dict[TypeName, EventType] = Field(
        default=EVENT_TYPES, description="further types of events, or other weights; the others stay as they are"
    )
    rating_from: float = Field(default=0.5, description="the lowest rating there is")
    rating_to: float = Field(default=5.0, description="the highest rating there is")
    future_minutes: float = Field(
        default=10, ge=0, le=1_440, description="how far an event's time may lie in the future before it is refused"
    )
    comment_model: str = Field(
        default="market-mood",
        min_length=1,
        description="the trained model that reads comments: negative, neutral or positive; its active version is used",
    )

    served_model: str = Field(
        default="recommender", min_length=1, description="the trained model that answers; its active version is used"
    )
    seen_types: list[TypeName] = Field(
        default=["click", "cart", "purchase", "rating", "like", "dislike", "comment", "interaction", "view"],
        description="events after which an item is not recommended again; a dislike always is one",
    )
    basket_types: list[TypeName] = Field(
        default=["purchase", "cart"], description="events that say what is bought together"
    )
    basket_minutes: float = Field(default=60, gt=0, description="how far apart they may lie in one basket")
    aim: Literal["next", "later"] = Field(
        default="next",
        description="what a version is trained to foresee: what somebody wants `next`, or what is new to them `later`, "
        "in the weeks to come",
    )
    forget_in_training: bool = Field(
        default=False,
        description="whether half-lives count in training too, beside weights: what is forgotten sooner than a "
        "person's longest-lived events then says less to a trained model",
    )
    history_events: int = Field(default=200, ge=1, le=2_000, description="a user's newest events that count")
    popular_half_life_days: float = Field(
        default=30, gt=0, description="after which an event counts half as popularity"
    )
    trending_half_life_days: float = Field(default=2, gt=0, description="after which an event counts half as a trend")
    popularity_every_s: float = Field(
        default=2,
        ge=0,
        description="how often a process looks for new events to count, 0: each request waits until all are counted; "
        "users' own are always read",
    )
    explore_share: float = Field(
        default=0, ge=0, le=0.5, description="share of places that go to an item by chance, to learn from"
    )
    answers_kept_days: int = Field(
        default=90, ge=0, description="how long answers are kept for off-policy estimates; 0: they are not"
    )

    retrain_every_hours: float = Field(
        default=0, ge=0, le=8_760, description="how often the server trains a new version by itself; 0: never"
    )
    retrain_least_events: int = Field(
        default=1_000, ge=1, description="new events without which the server does not train by itself"
    )
    retrain_budget_minutes: float = Field(
        default=20, ge=0, le=10_000, description="after so long a training that the server begins is cut short"
    )
    promote: Literal["never", "if_not_worse"] = Field(
        default="if_not_worse",
        description="whether a version that the server trained answers at once: never, or if it does no worse than the "
        "one that answers on the newest events",
    )

    @field_validator("event_types", mode="after")
    @classmethod
    def _beside_ours(cls, given: dict[str, EventType]) -> dict[str, EventType]:
        return {**EVENT_TYPES, **given}

    @model_validator(mode="after")
    def _scale(self) -> Self:
        if self.rating_from >= self.rating_to:
            raise ValueError("rating_from must lie below rating_to")
        return self

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The recommender's section of the house's settings."""
        return cls(**settings.apps.get("recommender", {}))
