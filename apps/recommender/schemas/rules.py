"""Rules: what a shop pins, boosts or bans, and when."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from apps.recommender.schemas.moments import Moment
from apps.recommender.schemas.recommend import Place, Written
from apps.recommender.schemas.words import Category, Id


class Rule(BaseModel):
    """A rule. Items, categories and attributes say what it is about: any of the items, or all that pass both filters.

    pin: the items stand from `position` on (counted from 1), if they pass the list's own filters
    boost: `strength` is added to the score, in standard deviations; below 0 it pushes down
    ban: they never stand in the list
    lists: in which lists it counts; empty: in all;  starts_at, ends_at: open where left out
    """

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    kind: Literal["pin", "boost", "ban"]
    items: list[Id] = Field(default=[], max_length=1_000)
    categories: list[Category] = Field(default=[], max_length=50)
    attributes: list[Written] = Field(default=[], max_length=50)
    lists: list[Place] = Field(default=[], max_length=20)
    position: int | None = Field(default=None, ge=1, le=100)
    strength: float | None = Field(default=None, ge=-10, le=10)
    starts_at: Moment = None
    ends_at: Moment = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not (self.items or self.categories or self.attributes):
            raise ValueError("a rule needs items, categories or attributes that it is about")
        if self.kind == "pin" and not self.items:
            raise ValueError("a pin needs the items that it pins")
        if (self.kind == "pin") != (self.position is not None):
            raise ValueError("a pin needs a position, and nothing else has one")
        if (self.kind == "boost") != (self.strength is not None):
            raise ValueError("a boost needs a strength, and nothing else has one")
        if self.starts_at and self.ends_at and self.starts_at >= self.ends_at:
            raise ValueError("starts_at must lie before ends_at")
        return self


class RuleShown(Rule):
    """A rule as it is kept. active: whether it counts now"""

    id: int
    active: bool
    created_at: datetime
    updated_at: datetime
