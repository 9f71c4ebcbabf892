"""The people who answer, on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

AGENT_PATTERN = r"^[a-z0-9][a-z0-9_.@-]{0,79}$"

AgentId = Annotated[str, StringConstraints(pattern=AGENT_PATTERN)]
AgentName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Skill = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Skills = Annotated[list[Skill], Field(max_length=50)]
Status = Literal["online", "away", "offline"]


class AgentEdit(BaseModel):
    """What an agent says of himself.

    most_chats: at once;  status: only who is online takes chats
    version: the one that was read, where the change depends on it
    """

    model_config = ConfigDict(extra="forbid")

    name: AgentName
    skills: Skills = Field(default_factory=list)
    most_chats: Annotated[int, Field(ge=1, le=100)] = 4
    status: Status = "online"
    version: int | None = None


class Agent(BaseModel):
    """An agent. chats: at the moment;  is_there: signed in, and heard of lately"""

    id: str
    name: str
    skills: list[str]
    most_chats: int
    status: Status
    is_there: bool
    seen_at: datetime | None
    chats: int
    version: int


class AgentList(BaseModel):
    """All agents, by name."""

    items: list[Agent]
