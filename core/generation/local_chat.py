"""Our local model as LangChain's chat model. The weights are opened at the first question, never before."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field, PrivateAttr

from core.errors import Invalid, TriviumError
from core.generation.conversation import Conversation, Message, Role
from core.settings import Settings, read_settings

if TYPE_CHECKING:
    from core.generation.local import LocalModel
    from core.generation.speaking import Speech

_BETWEEN = "\n\n"  # messages of one speaker in a row: chat templates want the speakers to take turns


class TookTooLong(TriviumError):
    """A reply that was not at its end in time."""

    status = 504

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the chat model did not finish in {seconds:g} s", remedy="allow more time or fewer tokens")


class LocalChatModel(BaseChatModel):
    """A causal language model on this machine: a directory, or NAME@VERSION of a trained one.

    Tokens are streamed as they are computed; the asynchronous methods do the same in threads. Greedy unless a
    temperature is set. It reads text only and knows no tools.

    settings: where the registry lies; None: those in force
    max_tokens: of a reply, if so many fit behind what is read;  timeout: seconds for a whole reply
    seed: for drawing by lot
    """

    model: str
    settings: Settings | None = Field(default=None, exclude=True, repr=False)
    temperature: float = Field(default=0.0, ge=0)
    max_tokens: int | None = Field(default=None, ge=1)
    stop: list[str] | None = None
    timeout: float | None = Field(default=None, gt=0)
    seed: int | None = None

    _opened: LocalModel | None = PrivateAttr(default=None)
    _opening: Any = PrivateAttr(default_factory=threading.Lock)

    @property
    def _llm_type(self) -> str:
        return "trivium-local"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model, "temperature": self.temperature, "max_tokens": self.max_tokens, "seed": self.seed}

    @property
    def opened(self) -> LocalModel:
        """The model behind it. raises: Invalid, WritesNothing, Misconfigured when there is none"""
        with self._opening:
            if self._opened is None:
                from core.generation.decoder import find_decoder
                from core.generation.local import open_local

                self._opened = open_local(find_decoder(self.model, self.settings or read_settings()))
            return self._opened

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        speech = self._speech(messages, stop, kwargs)
        message = AIMessage("".join(speech), usage_metadata=_usage(speech), response_metadata=self._about(speech))
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        speech = self._speech(messages, stop, kwargs)
        for piece in speech:
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=piece))
            if run_manager:
                run_manager.on_llm_new_token(piece, chunk=chunk)
            yield chunk
        last = AIMessageChunk(
            content="", usage_metadata=_usage(speech), response_metadata=self._about(speech), chunk_position="last"
        )
        yield ChatGenerationChunk(message=last)

    def _speech(self, messages: Sequence[BaseMessage], stop: Sequence[str] | None, asked: dict[str, Any]) -> Speech:
        """asked: what one call may choose otherwise: temperature, max_tokens, timeout, seed"""
        if asked.get("tools") or asked.get("model", self.model) != self.model:
            raise Invalid("a local chat model knows no tools and is one model", remedy="open another chat model")
        timeout: float | None = asked.get("timeout", self.timeout)
        return self.opened.speak(
            conversation_of(messages),
            asked.get("max_tokens", self.max_tokens),
            stop=[*(self.stop or []), *(stop or [])],
            temperature=asked.get("temperature", self.temperature),
            seed=asked.get("seed", self.seed),
            go_on=_until(timeout) if timeout else lambda: None,
        )

    def _about(self, speech: Speech) -> dict[str, Any]:
        return {"model_name": self.opened.ref, "finish_reason": speech.ended}


def conversation_of(messages: Sequence[BaseMessage]) -> Conversation:
    """LangChain's messages as turns; those of one speaker in a row become one, what the system says comes first.

    raises: Invalid for messages of tools, for what is no text, and where nothing is asked
    """
    system: list[str] = []
    turns: list[Message] = []
    for message in messages:
        text = _text(message)
        if isinstance(message, SystemMessage):
            system.append(text)
            continue
        role = _role(message)
        if turns and turns[-1]["role"] == role:
            text = turns.pop()["content"] + _BETWEEN + text
        turns.append({"role": role, "content": text})
    if not any(turn["role"] == "user" for turn in turns):
        raise Invalid("no message of the user was sent to the chat model", remedy="send one")
    told: list[Message] = [{"role": "system", "content": _BETWEEN.join(system)}] if system else []
    return (*told, *turns)


def _role(message: BaseMessage) -> Role:
    if isinstance(message, HumanMessage):
        return "user"
    if isinstance(message, AIMessage) and not message.tool_calls:
        return "assistant"
    raise Invalid(f"a local chat model reads no messages of the kind {message.type!r}", remedy="send text only")


def _text(message: BaseMessage) -> str:
    blocks = [message.content] if isinstance(message.content, str) else message.content
    texts: list[str] = []
    for block in blocks:
        if isinstance(block, str):
            texts.append(block)
        elif block.get("type") == "text":
            texts.append(str(block.get("text", "")))
        else:
            raise Invalid(
                f"a local chat model reads text only, not {str(block.get('type'))!r:.40}", remedy="send text only"
            )
    return "\n".join(texts)


def _usage(speech: Speech) -> UsageMetadata:
    return UsageMetadata(input_tokens=speech.read, output_tokens=speech.said, total_tokens=speech.read + speech.said)


def _until(seconds: float) -> Callable[[], None]:
    end = time.monotonic() + seconds

    def go_on() -> None:
        if time.monotonic() > end:
            raise TookTooLong(seconds)

    return go_on
