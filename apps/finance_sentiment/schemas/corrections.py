"""What analysts correct, on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from apps.finance_sentiment.schemas.entities import EntityId
from apps.finance_sentiment.schemas.score import Label

Id = Annotated[int, Field(ge=1, lt=2**63)]


class NewCorrection(BaseModel):
    """One of three: the mood of a reading, whether a document is about a company, or which story it belongs to.

    label: of `reading`, or of a company that is linked by hand; there it is read by the model where it is left out
    story: the id of another story, or "new" for one of its own
    """

    model_config = ConfigDict(extra="forbid")

    reading: Id | None = None
    label: Label | None = None
    document: Id | None = None
    entity: EntityId | None = None
    linked: bool | None = None
    story: Id | Literal["new"] | None = None

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        given = {name for name in type(self).model_fields if getattr(self, name) is not None}
        allowed = (
            {"reading", "label"},
            {"document", "entity", "linked"},
            {"document", "entity", "linked", "label"},
            {"document", "story"},
        )
        if given not in allowed:
            raise ValueError("give reading and label, or document, entity and linked, or document and story")
        if self.linked is False and self.label is not None:
            raise ValueError("a company that a document is not about has no label there")
        return self


class Correction(BaseModel):
    """A correction as it is kept. by: the name of the key;  before, after: what changed"""

    id: int
    kind: Literal["mood", "entity", "story"]
    document: int
    entity: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    by: str
    at: datetime


class Doubtful(BaseModel):
    """A reading that a person should look at. documents: that tell the same story

    worth: how much a look is worth, in [0, 1]: unsure, relevant, told often
    """

    reading: int
    document: int
    title: str
    source: str
    url: str
    published_at: datetime
    entity: str
    name: str
    relevance: int
    label: Label
    enough: bool
    confidence: float
    probabilities: dict[Label, float]
    sentence: str
    documents: int
    worth: float
