"""What OpenAI's clients send to `/v1/chat/completions`: what is read, what is ignored, and what is refused, and why."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from core.chat_door import ChatTurn
from core.errors import Invalid

MOST_MESSAGES = 1_000
MOST_CHARACTERS = 100_000  # of one message

_REFUSED = {
    "tools": "the models here call no tools",
    "functions": "the models here call no functions",
    "logprobs": "the models here give no log probabilities",
    "top_logprobs": "the models here give no log probabilities",
    "audio": "the models here do not speak",
    "web_search_options": "the models here do not search the web",
}


class UnsupportedParameter(Invalid):
    """Something that would change the answer, and that is not to be had here."""

    status = 400  # what OpenAI's own API answers, and its clients expect

    def __init__(self, param: str, fact: str, remedy: str = "") -> None:
        super().__init__(fact, remedy=remedy or f"leave `{param}` out")
        self.param = param


class UnsupportedContent(UnsupportedParameter):
    """A part of a message that is no text."""

    def __init__(self, at: int) -> None:
        super().__init__(f"messages.{at}.content", "the models here read text only", "send texts, no images or files")


class EndsWithoutQuestion(UnsupportedParameter):
    """The last message is not a user's."""

    def __init__(self) -> None:
        super().__init__("messages", "the last message is not a user's", "let it be the question")


class ContentPart(BaseModel):
    """A part of a message; only texts are read."""

    type: str = Field(max_length=40)
    text: str | None = Field(default=None, max_length=MOST_CHARACTERS)


def _parts(value: object) -> object:
    """A text is one part."""
    return [{"type": "text", "text": value}] if isinstance(value, str) else value


class ChatMessage(BaseModel):
    """A message. Those of `system` and `developer` are passed over: what the models here do is fixed."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[
        list[ContentPart] | None,
        BeforeValidator(_parts, json_schema_input_type=str | list[ContentPart] | None),
        Field(max_length=100),
    ] = None
    tool_calls: list[Any] | None = None
    function_call: Any = None


class StreamOptions(BaseModel):
    """include_usage: whether a last chunk tells how much was read and written"""

    include_usage: bool = False


class ChatQuery(BaseModel):
    """What OpenAI's clients send.

    Ignored, as the answer is quoted and not drawn by lot: temperature, top_p, seed, stop, penalties, logit_bias, user,
    store, metadata, service_tier, and whatever is not named here. Refused: `n` above 1, tools, functions, log
    probabilities, formats other than text, images, sound and files.
    """

    model: str = Field(max_length=200, description="an id from /v1/models")
    messages: list[ChatMessage] = Field(min_length=1, max_length=MOST_MESSAGES)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1, description="whole sentences up to so many tokens")
    max_completion_tokens: int | None = Field(default=None, ge=1, description="the same, by its newer name")
    n: int | None = 1
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    logprobs: bool | None = False
    top_logprobs: int | None = None
    audio: dict[str, Any] | None = None
    web_search_options: dict[str, Any] | None = None
    response_format: dict[str, Any] | None = None
    modalities: list[str] | None = None

    def most_tokens(self) -> int | None:
        """How many tokens the answer may have."""
        return self.max_tokens if self.max_completion_tokens is None else self.max_completion_tokens

    def turns(self) -> list[ChatTurn]:
        """What was said, the question last.

        raises: UnsupportedParameter, UnsupportedContent, EndsWithoutQuestion
        """
        self._refuse()
        turns = []
        for at, message in enumerate(self.messages):
            if message.role in ("tool", "function") or message.tool_calls or message.function_call:
                raise UnsupportedParameter(f"messages.{at}", _REFUSED["tools"], "leave calls and their results out")
            parts = message.content or []
            if any(part.type not in ("text", "refusal") for part in parts):
                raise UnsupportedContent(at)
            text = "\n".join(part.text or "" for part in parts)
            if message.role == "user":
                turns.append(ChatTurn("user", text))
            elif message.role == "assistant":
                turns.append(ChatTurn("assistant", text))
        if not turns or turns[-1].role != "user":
            raise EndsWithoutQuestion
        return turns

    def _refuse(self) -> None:
        if self.n is not None and self.n != 1:
            raise UnsupportedParameter("n", "the models here give one answer", "leave `n` out, or send 1")
        for param, fact in _REFUSED.items():
            if getattr(self, param):
                raise UnsupportedParameter(param, fact)
        if self.response_format is not None and self.response_format.get("type") != "text":
            raise UnsupportedParameter("response_format", "the models here answer in plain text")
        if self.modalities is not None and self.modalities != ["text"]:
            raise UnsupportedParameter("modalities", "the models here answer in plain text")
