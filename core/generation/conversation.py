"""What was said in turns, and how a row of a file says it. Knows no tokenizer and no model."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

Role = Literal["system", "user", "assistant"]
ROLES: tuple[Role, ...] = ("system", "user", "assistant")


class Message(TypedDict):
    """One turn, as chat templates and the OpenAI dialect have it."""

    role: Role
    content: str


Conversation = tuple[Message, ...]


class Unclear(ValueError):
    """A row that holds no conversation; says why, to be put after 'line 7 of rows.jsonl'."""


def conversation_of(fields: Mapping[str, Any]) -> Conversation:
    """Rows `{"messages": [{"role", "content"}, …]}` or `{"text", "reply"?}`; white space around a turn is cut off.

    raises: Unclear

    >>> [message["role"] for message in conversation_of({"text": "Where is it?", "reply": "Here."})]
    ['user', 'assistant']
    """
    messages = fields.get("messages")
    if messages is None:
        turns = [("user", fields.get("text"), "text")]
        if fields.get("reply") is not None:
            turns.append(("assistant", fields["reply"], "reply"))
        return tuple(_message(role, content, f'has no "{name}"') for role, content, name in turns)
    if not isinstance(messages, list) or not messages or not all(isinstance(turn, dict) for turn in messages):
        raise Unclear('has "messages" that are no list of {"role", "content"}')
    read = tuple(
        _message(turn.get("role"), turn.get("content"), f'has no "content" in message {number}')
        for number, turn in enumerate(messages, start=1)
    )
    if any(message["role"] == "system" for message in read[1:]):
        raise Unclear("has a message of the system that is not the first")
    if all(message["role"] == "system" for message in read):
        raise Unclear("has no message of the user")
    return read


def asked(conversation: Conversation) -> Conversation:
    """What is to be replied to: all up to the user's last message.

    >>> asked(conversation_of({"text": "Where is it?", "reply": "Here."}))
    ({'role': 'user', 'content': 'Where is it?'},)
    """
    last = max((at for at, message in enumerate(conversation) if message["role"] == "user"), default=-1)
    return conversation[: last + 1]


def shorter(conversation: Sequence[Message]) -> Conversation:
    """The same without its oldest turn: what the user said first, and all until the user speaks again.

    returns: nothing when the user speaks only once; what the system said stays
    """
    users = [at for at, message in enumerate(conversation) if message["role"] == "user"]
    if len(users) < 2:
        return ()
    system = [message for message in conversation[:1] if message["role"] == "system"]
    return (*system, *conversation[users[1] :])


def _message(role: object, content: object, missing: str) -> Message:
    known: Role | None = next((name for name in ROLES if name == role), None)
    if known is None:
        raise Unclear(f"has the role {role!r:.40}; known are {', '.join(ROLES)}")
    if not isinstance(content, str) or not content.strip():
        raise Unclear(missing)
    return {"role": known, "content": content.strip()}
