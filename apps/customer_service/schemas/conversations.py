"""Conversations on the wire: what customers and agents send and see. Limits stand here; meaning in the pipeline."""

import unicodedata
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from apps.customer_service.schemas.asking import CollectionName

MOST_MESSAGE_CHARACTERS = 20_000
MOST_COMMENT_CHARACTERS = 2_000
MOST_METADATA = 50

State = Literal["bot", "queued", "assigned", "resolved", "reopened"]
Kind = Literal["message", "note", "state"]
Role = Literal["customer", "bot", "agent", "system"]
_LAYOUT = "\t\n\r"


def readable(text: str) -> str:
    """Text that a person can read.

    raises: ValueError, which quotes nothing of it

    >>> readable("héllo 👋\\n")
    'héllo 👋\\n'
    """
    if len(text) > MOST_MESSAGE_CHARACTERS:
        raise ValueError(
            f"has {len(text):,} characters, more than the {MOST_MESSAGE_CHARACTERS:,} of one message: send it in parts"
        )
    if any(unicodedata.category(character) == "Cc" and character not in _LAYOUT for character in text):
        raise ValueError("holds control characters, as binary data does: send plain text")
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise ValueError("has nothing in it that can be read: write something")
    return text


def readable_or_empty(text: str) -> str:
    """raises: ValueError, as `readable`, for what is there"""
    return readable(text) if text else text


MessageText = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(readable)]
MaybeText = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(readable_or_empty)]
Comment = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_COMMENT_CHARACTERS)]
ClientId = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,80}$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class NewMessage(BaseModel):
    """What a customer writes.

    client_id: the sender's own id of it: the same sent twice is stored once and answered once
    choice: key of a document that the desk's last question offered; the text may then be left out
    """

    model_config = ConfigDict(extra="forbid")

    text: MessageText | None = None
    choice: Annotated[str, StringConstraints(min_length=1, max_length=1_000)] | None = None
    client_id: ClientId | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "NewMessage":
        if self.text is None and self.choice is None:
            raise ValueError("needs a text or a choice")
        return self


class NewConversation(BaseModel):
    """A conversation begins. customer: the company's own name for the customer, none for a visitor"""

    model_config = ConfigDict(extra="forbid")

    customer: Name | None = None
    collection: CollectionName = "support"
    channel: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")] = "web"
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")] = "en"
    metadata: dict[str, Any] = Field(default_factory=dict, max_length=MOST_METADATA)
    message: NewMessage | None = None


class Conversation(BaseModel):
    """A conversation as its customer may see it.

    state: `bot`: the desk itself answers; `queued`, `reopened`: a person is waited for; `assigned`: a person answers
    pending: whether the desk itself still has to answer;  last_number: of the newest entry
    """

    id: str
    customer: str
    collection: str
    channel: str
    language: str
    state: State
    pending: bool
    last_number: int
    created_at: datetime
    updated_at: datetime
    rating: int | None


class ConversationDetail(Conversation):
    """A conversation as agents see it. version: rises with every change"""

    version: int
    queue: str | None
    skills: list[str]
    priority: int
    agent: str | None
    preferred: str | None
    reason: str | None
    resolution: str | None
    handed_over_at: datetime | None
    queued_at: datetime | None
    assigned_at: datetime | None
    first_reply_at: datetime | None
    customer_at: datetime | None
    agent_at: datetime | None
    resolved_at: datetime | None
    reopened_at: datetime | None
    rating_comment: str | None
    metadata: dict[str, Any]


class Entry(BaseModel):
    """What happened in a conversation. number: 1, 2, 3, …; notes of agents have numbers that customers never see

    data: of the desk's reply: its `action`, its `citations`, `suggestions` to choose from, `replies_to`; of a change of
        state: `before` and `after`; agents see more
    """

    number: int
    kind: Kind
    role: Role
    author: str | None
    text: str
    data: dict[str, Any]
    client_id: str | None
    created_at: datetime


class Entries(BaseModel):
    """Entries in order, and how the conversation stands. more: whether later ones follow"""

    items: list[Entry]
    state: State
    pending: bool
    last_number: int
    more: bool


class Exchange(BaseModel):
    """A customer's message as it was stored, and what the desk itself said to it.

    reply: null where a person answers, where the desk is still at it (`pending`), or where a later message is answered
        together with this one
    """

    message: Entry
    reply: Entry | None
    state: State
    pending: bool


class Piece(BaseModel):
    """A part of a reply as it is streamed; all parts together are its text."""

    text: str


class Silence(BaseModel):
    """Streamed where the desk itself does not reply (yet: `pending`)."""

    state: State
    pending: bool


class Begun(BaseModel):
    """A new conversation, with the first message's exchange if there was one."""

    conversation: Conversation
    exchange: Exchange | None


class Nothing(BaseModel):
    """The body of a request whose address says it all."""


class NewFeedback(BaseModel):
    """What a customer thinks of one answer."""

    model_config = ConfigDict(extra="forbid")

    thumb: Literal["up", "down"]
    comment: Comment | None = None


class NewRating(BaseModel):
    """How content a customer is with the whole conversation: 1 (not at all) to 5 (very)."""

    model_config = ConfigDict(extra="forbid")

    score: Annotated[int, Field(ge=1, le=5)]
    comment: Comment | None = None
