"""The agents' desk on the wire: who waits, what is said, and what an agent does about it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from apps.customer_service.schemas.agents import AgentId
from apps.customer_service.schemas.asking import Action, Citation, Suggestion
from apps.customer_service.schemas.conversations import Kind, MaybeText, MessageText, Role, State
from apps.customer_service.schemas.queues import QueueName

MOST_IN_QUEUE = 100  # waiting chats that are listed; the number of all is told besides

Resolution = Literal["answered", "not_reproducible", "duplicate", "spam", "no_reply", "other"]


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid")

    agent: AgentId
    version: int | None = Field(default=None, description="the one that was read, where the step depends on it")


class TakeNext(BaseModel):
    """An agent takes whichever chat is next."""

    model_config = ConfigDict(extra="forbid")

    agent: AgentId


class Assign(_Step):
    """An agent takes this chat."""


class Release(_Step):
    """An agent gives a chat back to its queue."""


class Reopen(_Step):
    """An agent opens a resolved chat again."""


class Transfer(_Step):
    """An agent passes a chat on: to a queue or to a colleague."""

    queue: QueueName | None = None
    to: AgentId | None = None
    note: MaybeText = ""


class Resolve(_Step):
    """An agent closes a chat. note: for colleagues, never for the customer"""

    reason: Resolution
    note: MaybeText = ""


class Reply(BaseModel):
    """What an agent says to the customer.

    client_id: the sender's own id of it: the same sent twice is stored once;  draft_id: the draft it was made from
    """

    model_config = ConfigDict(extra="forbid")

    agent: AgentId
    text: MessageText
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    draft_id: str | None = None


class NewNote(BaseModel):
    """What an agent writes for colleagues; the customer never sees it."""

    model_config = ConfigDict(extra="forbid")

    agent: AgentId
    text: MessageText


class NewDraft(BaseModel):
    """An agent asks for a draft."""

    model_config = ConfigDict(extra="forbid")

    agent: AgentId


class Intent(BaseModel):
    """What a customer's message is about. intent: null for what is none of the desk's business"""

    model_config = ConfigDict(extra="forbid")

    agent: AgentId
    intent: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)] | None


class DeskEntry(BaseModel):
    """What happened in a chat, as agents see it: notes, too. author_name: the agent's;  intent: as it was marked"""

    number: int
    kind: Kind
    role: Role
    author: str | None
    author_name: str | None
    text: str
    data: dict[str, Any]
    created_at: datetime
    intent: str | None = None
    is_marked: bool = False


class DeskChat(BaseModel):
    """A conversation as the desk lists it.

    waiting_s: seconds that the customer has been waiting for a person; null for one who does not wait
    first_reply_s: seconds from the hand-over to the first answer of a person;  due_at: when that should be by
    last_words: the customer's newest message, shortened;  had_before: you were the agent before
    """

    id: str
    customer: str
    customer_name: str
    collection: str
    channel: str
    language: str
    state: State
    version: int
    last_number: int
    queue: str | None
    skills: list[str]
    priority: int
    agent: str | None
    agent_name: str | None
    preferred: str | None
    had_before: bool
    reason: str | None
    resolution: str | None
    created_at: datetime
    handed_over_at: datetime | None
    queued_at: datetime | None
    assigned_at: datetime | None
    first_reply_at: datetime | None
    resolved_at: datetime | None
    first_reply_s: float | None
    due_at: datetime | None
    is_late: bool
    waiting_s: float | None
    last_words: str


class MyQueue(BaseModel):
    """What needs an agent now. waiting: the first of `waiting_count` chats that this agent may take, in order"""

    waiting: list[DeskChat]
    waiting_count: int
    mine: list[DeskChat]
    most_chats: int


class Taken(BaseModel):
    """The chat that was taken; null when none waits for this agent."""

    chat: DeskChat | None


class Opened(BaseModel):
    """A chat with what was said in it. entries: those after the number that was asked for"""

    chat: DeskChat
    entries: list[DeskEntry]


class EarlierChats(BaseModel):
    """The same customer's other chats, the newest first."""

    items: list[DeskChat]


class Draft(BaseModel):
    """A proposed answer in the sources' own sentences.

    text: empty where nothing may be quoted;  number: of the message that it answers
    internal: documents that customers must not see; never quoted, for the agent to read
    """

    id: str
    conversation: str
    number: int
    question: str
    action: Action
    confidence: float
    confidence_words: str
    text: str
    citations: list[Citation]
    suggestions: list[Suggestion]
    internal: list[Suggestion]


class IntentCount(BaseModel):
    """An intent and how often it was marked."""

    intent: str
    count: int


class IntentCounts(BaseModel):
    """All intents that were marked, the most frequent first."""

    items: list[IntentCount]


class MarkedMessage(BaseModel):
    """A marked message, as a training reads it. label: null for out of scope"""

    text: str
    label: str | None
    conversation: str
    number: int
