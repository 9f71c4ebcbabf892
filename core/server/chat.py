"""`/v1/chat/completions` in OpenAI's dialect, answered by the chat models that apps bring. Knows no model itself."""

import secrets
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field
from pydantic_core import to_json

from core.app import Services
from core.auth.access import Caller, MissingScope, require
from core.backend.encoder import Encoder
from core.chat_door import ChatDoor, ChatReply
from core.errors import NotFound
from core.server.chat_query import ChatQuery
from core.server.events import MEDIA_TYPE, streamed
from core.server.openai import Usage
from core.server.problems import CHAT_PATH


class NoSuchChatModel(NotFound):
    """No app brings a chat model of this name. usual: one that is here, if any"""

    param = "model"

    def __init__(self, usual: str | None) -> None:
        remedy = f"use {usual!r}" if usual else "install an app that brings one"
        super().__init__("there is no chat model of that name here", remedy=remedy)


class ChatUsage(Usage):
    """How much text was read and written, in the backbone's tokens."""

    completion_tokens: int


class AssistantMessage(BaseModel):
    """What the model says."""

    role: Literal["assistant"] = "assistant"
    content: str


class ChatChoice(BaseModel):
    """The one answer. finish_reason: `length` where `max_tokens` left sentences out"""

    index: Literal[0] = 0
    message: AssistantMessage
    finish_reason: Literal["stop", "length"]


class ChatCompletion(BaseModel):
    """An answer. trivium: what the app tells besides; of the support desk, action, confidence and citations"""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[ChatChoice]
    usage: ChatUsage
    trivium: dict[str, Any] = Field(description="of the support desk: what /v1/support/ask answers")


def build_router(services: Services, doors: Sequence[ChatDoor]) -> APIRouter:
    """`/v1/chat/completions`. doors: the apps' chat models"""
    router = APIRouter(tags=["OpenAI dialect"])
    events = {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}

    @router.post(CHAT_PATH, response_model=ChatCompletion, responses={200: events})
    def create_chat_completion(query: ChatQuery, caller: Annotated[Caller, Depends(require())]) -> Response:
        """Answer a conversation that the client keeps; with `stream`, sentence by sentence."""
        door = _door(doors, query.model)
        if not caller.may(door.scope):
            raise MissingScope(door.scope)
        turns = query.turns()
        prompt = sum(services.encoder.count_tokens([turn.text for turn in turns]))
        caller.spend_tokens(prompt)
        reply = door.reply(query.model, turns)
        pieces, finish = _cut(reply, query.most_tokens(), services.encoder)
        written = sum(services.encoder.count_tokens(pieces)) if pieces else 0
        head = {
            "id": f"chatcmpl-{secrets.token_hex(12)}",
            "created": int(services.clock().timestamp()),
            "model": query.model,
        }
        usage = {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written}
        details = dict(reply.details)
        if query.stream:
            wants_usage = query.stream_options is not None and query.stream_options.include_usage
            return streamed(_chunks(head, pieces, finish, details, usage if wants_usage else None))
        message = {"role": "assistant", "content": "".join(pieces)}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
        body = {"object": "chat.completion", **head, "choices": [choice], "usage": usage, "trivium": details}
        return Response(to_json(body), media_type="application/json")

    return router


def _door(doors: Sequence[ChatDoor], model: str) -> ChatDoor:
    for door in doors:
        if door.serves(model):
            return door
    raise NoSuchChatModel(next((name for door in doors for name in door.models()), None))


def _cut(reply: ChatReply, most_tokens: int | None, encoder: Encoder) -> tuple[list[str], Literal["stop", "length"]]:
    """Whole pieces only: half a sentence may say the opposite of the whole one."""
    pieces = list(reply.pieces)
    if most_tokens is None:
        return pieces, "stop"
    left = most_tokens
    for at, cost in enumerate(encoder.count_tokens(pieces) if pieces else []):
        left -= cost
        if left < 0:
            return pieces[:at], "length"
    return pieces, "stop"


def _chunks(
    head: dict[str, Any], pieces: Sequence[str], finish: str, details: dict[str, Any], usage: dict[str, int] | None
) -> Iterator[bytes]:
    """usage: sent in a last chunk without choices, where it was asked for"""
    common = {"object": "chat.completion.chunk", **head} | ({"usage": None} if usage is not None else {})

    def chunk(delta: dict[str, str], finish_reason: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return _data({**common, "choices": [choice], **more})

    yield chunk({"role": "assistant", "content": ""})
    for piece in pieces:
        yield chunk({"content": piece})
    yield chunk({}, finish, trivium=details)
    if usage is not None:
        yield _data({**common, "choices": [], "usage": usage})
    yield b"data: [DONE]\n\n"


def _data(body: dict[str, Any]) -> bytes:
    return b"data: " + to_json(body) + b"\n\n"
