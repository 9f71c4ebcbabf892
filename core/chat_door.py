"""A chat model that an app brings: core/server/chat.py speaks OpenAI's dialect for it. Knows no HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol


@dataclass(frozen=True)
class ChatTurn:
    """What was said. role: the customer is the user, whoever answered is the assistant"""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class ChatReply:
    """What is answered.

    pieces: the text in parts that make sense alone, as they are streamed; joined, they are the whole text
    details: what the app tells besides, such as sources; JSON, sent as the field `trivium`
    """

    pieces: Sequence[str]
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The whole answer.

        >>> ChatReply(["It costs £5. ", "[1]"]).text
        'It costs £5. [1]'
        """
        return "".join(self.pieces)


class ChatDoor(Protocol):
    """An app's chat models. scope: what a key must be allowed to do to use them"""

    @property
    def scope(self) -> str: ...

    def models(self) -> Sequence[str]:
        """Names of the models, the usual one first; no other app's model has one of them."""
        ...

    def serves(self, model: str) -> bool:
        """Whether this name belongs to this door, even where what it names does not exist (any more)."""
        ...

    def reply(self, model: str, turns: Sequence[ChatTurn]) -> ChatReply:
        """Answer the last turn, which is a user's.

        raises: a TriviumError where the question cannot be answered at all
        """
        ...
