"""Proposed entries of the knowledge base on the wire. Limits stand here; meaning stands in the pipeline."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from apps.customer_service.schemas.asking import CollectionName
from apps.customer_service.schemas.conversations import MaybeText, MessageText, readable

MOST_VARIANTS = 49  # with the question itself, as many as a document may have
MOST_GAPS = 500
MOST_WORDING_CHARACTERS = 300

ProposalState = Literal["draft", "published", "dismissed"]
Wording = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=MOST_WORDING_CHARACTERS),
    AfterValidator(readable),
]
Variants = Annotated[list[Wording], Field(max_length=MOST_VARIANTS)]


class EntryPlace(BaseModel):
    """An entry of a conversation."""

    model_config = ConfigDict(extra="forbid")

    conversation: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    number: Annotated[int, Field(ge=1, le=2**31 - 1)]


class NewProposal(BaseModel):
    """What a proposal is made from: a person's answer (`entry`), questions that were not answered (`gaps`), or both.

    question, variants, answer: instead of those that are found there; what is found is masked, what is sent is not
    collection: needed only where the sources lie in several, or there are none
    """

    model_config = ConfigDict(extra="forbid")

    entry: EntryPlace | None = None
    gaps: list[EntryPlace] = Field(default_factory=list, max_length=MOST_GAPS)
    collection: CollectionName | None = None
    question: Wording | None = None
    variants: Variants | None = None
    answer: MessageText | None = None

    @model_validator(mode="after")
    def _comes_from_somewhere(self) -> "NewProposal":
        if self.entry is None and not self.gaps and self.question is None:
            raise ValueError("needs an entry, gaps or a question")
        return self


class ProposalEdit(BaseModel):
    """What is to be changed; the rest stays. version: the one that was read;  answer: empty takes it away"""

    model_config = ConfigDict(extra="forbid")

    version: int
    question: Wording | None = None
    variants: Variants | None = None
    answer: MaybeText | None = None


class ReadVersion(BaseModel):
    """A decision about what was read. version: of that"""

    model_config = ConfigDict(extra="forbid")

    version: int


class Proposal(BaseModel):
    """A proposed entry. answer: empty until somebody writes one;  variants: other wordings of the question

    document: key of what is in the knowledge base, null where nothing is
    changed_since: whether it was edited after it was published, so that customers still get the older words
    """

    id: str
    collection: str
    state: ProposalState
    version: int
    question: str
    variants: list[str]
    answer: str
    sources: list[EntryPlace]
    document: str | None
    changed_since: bool
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
