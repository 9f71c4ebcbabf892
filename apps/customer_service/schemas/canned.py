"""Canned replies on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from apps.customer_service.schemas.agents import AgentId
from apps.customer_service.schemas.conversations import MessageText

CANNED_PATTERN = r"^[a-z0-9][a-z0-9_.-]{0,63}$"

CannedName = Annotated[str, StringConstraints(pattern=CANNED_PATTERN)]


class CannedEdit(BaseModel):
    """A text to insert, with `{{customer}}`, `{{agent}}`, `{{conversation}}` where those names belong.

    version: the one that was read, where the change depends on it
    """

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    text: MessageText
    version: int | None = None


class CannedReply(BaseModel):
    """A canned reply. variables: that stand in it"""

    name: str
    title: str
    text: str
    variables: list[str]
    updated_at: datetime
    version: int


class CannedReplyList(BaseModel):
    """Canned replies: by title, or the best first where words were looked for."""

    items: list[CannedReply]


class Fill(BaseModel):
    """Where a canned reply is to be used."""

    model_config = ConfigDict(extra="forbid")

    agent: AgentId
    conversation: str


class Filled(BaseModel):
    """A canned reply with its names put in. missing: variables that stay, since nothing is known for them"""

    text: str
    missing: list[str]
