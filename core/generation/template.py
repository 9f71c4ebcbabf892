"""Conversations as token ids, by a tokenizer's own chat template: what is read, and what the assistant says in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2.exceptions import TemplateError

from core.errors import Invalid, Misconfigured
from core.generation.conversation import Conversation, Message, shorter

UNSEEN = -100  # the target of what is read but not said; what torch's cross-entropy passes over

# Every tokenizer with an end-of-text token can write it: no token is added, so that an adapter need not learn any, and
# since nobody can type that token, no message can pretend to be another's.
DEFAULT_TEMPLATE = (
    "{{ eos_token }}{% for message in messages %}{{ message.role }}\n{{ message.content }}{{ eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}assistant\n{% endif %}"
)
_PROBE: Conversation = ({"role": "user", "content": "a"}, {"role": "assistant", "content": "b"})


@dataclass(frozen=True)
class Piece:
    """A stretch of text to learn from or to measure with.

    ids: all tokens;  targets: those that have to be said, in their places, UNSEEN elsewhere; of one length
    source: the number of the text or conversation that it is of;  size: bytes in UTF-8 of what has to be said
    """

    ids: list[int]
    targets: list[int]
    source: int
    size: int


class DoesNotFit(Invalid):
    """A conversation that the chat template refuses."""


class ChatTemplate:
    """A tokenizer's chat template, or DEFAULT_TEMPLATE, which is then given to the tokenizer and saved with it.

    end: the token that closes what the assistant says
    """

    def __init__(self, tokenizer: Any, name: str) -> None:
        """tokenizer: of transformers, the fast kind;  name: of the model, for messages

        raises: Misconfigured when conversations cannot be written with it
        """
        self._tokenizer = tokenizer
        self._name = name
        if tokenizer.chat_template is None:
            if tokenizer.eos_token is None:
                raise Misconfigured(
                    f"the tokenizer of {name} has neither a chat template nor an end-of-text token",
                    remedy="use a model that has one of them",
                )
            tokenizer.chat_template = DEFAULT_TEMPLATE
        self._special = {at: token.content for at, token in tokenizer.added_tokens_decoder.items() if token.special}
        [piece] = self.pieces(_PROBE, 0)
        self.end = next(target for target in reversed(piece.targets) if target != UNSEEN)

    def prompt(self, conversation: Sequence[Message]) -> list[int]:
        """returns: the ids of a conversation, up to where the assistant begins to speak"""
        ids: list[int] = self._tokenizer(self._render(conversation, prompt=True), add_special_tokens=False)["input_ids"]
        return ids

    def pieces(self, conversation: Conversation, source: int) -> list[Piece]:
        """One piece in which every reply of the assistant is a target, its closing token included and nothing after it.

        Some templates write an earlier reply otherwise than the last one (Qwen3's leaves out its thoughts). Then each
        reply gives a piece of its own, that ends with it: as it will be read when the model is used.

        raises: DoesNotFit; Misconfigured when the template hides where a reply begins or ends
        """
        replies = [at for at, message in enumerate(conversation) if message["role"] == "assistant"]
        whole = self._render(conversation)
        spans = [self._span(conversation, at) for at in replies]
        if all(whole.startswith(text) for text, _ in spans):
            return [self._piece(whole, [(begin, len(text)) for text, begin in spans], conversation, replies, source)]
        return [
            self._piece(text, [(begin, len(text))], conversation, [at], source)
            for at, (text, begin) in zip(replies, spans, strict=True)
        ]

    def fitting(self, conversation: Conversation, source: int, most: int) -> list[Piece]:
        """The same in at most `most` tokens: too long a conversation loses its oldest turns, never part of a turn.

        returns: nothing when even the last turn is too long
        """
        while conversation:
            pieces = self.pieces(conversation, source)
            if all(len(piece.ids) <= most for piece in pieces):
                return pieces
            conversation = shorter(conversation)
        return []

    def _span(self, conversation: Conversation, at: int) -> tuple[str, int]:
        """returns: the text up to the end of a reply, and the character at which the reply begins"""
        before, text = self._render(conversation[:at], prompt=True), self._render(conversation[: at + 1])
        if not text.startswith(before):
            raise Misconfigured(
                f"the chat template of {self._name} begins a reply otherwise than it asks for one",
                remedy="use a model whose template writes turn after turn",
            )
        return text, len(before)

    def _piece(
        self, text: str, spans: list[tuple[int, int]], conversation: Conversation, replies: list[int], source: int
    ) -> Piece:
        encoded = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ids: list[int] = encoded["input_ids"]
        targets = [UNSEEN] * len(ids)
        for begin, end in spans:
            inside = [at for at, (first, _) in enumerate(encoded["offset_mapping"]) if begin <= first < end]
            closing = next((at for at in inside if ids[at] in self._special), None)
            if closing is None:
                raise Misconfigured(
                    f"the chat template of {self._name} closes a reply with no token of its own",
                    remedy="use a model whose template does, since it would never stop speaking",
                )
            targets[inside[0] : closing + 1] = ids[inside[0] : closing + 1]
        return Piece(ids, targets, source, sum(len(conversation[at]["content"].encode()) for at in replies))

    def _render(self, conversation: Sequence[Message], *, prompt: bool = False) -> str:
        told = [{"role": message["role"], "content": self._harmless(message["content"])} for message in conversation]
        try:
            text: str = self._tokenizer.apply_chat_template(told, tokenize=False, add_generation_prompt=prompt)
        except (TemplateError, ValueError) as error:
            roles = ", ".join(message["role"] for message in conversation)
            raise DoesNotFit(
                f"the chat template of {self._name} refuses a conversation of {roles} ({error})",
                remedy="bring the turns into an order that it takes, or use another model",
            ) from error
        return text

    def _harmless(self, content: str) -> str:
        """Nobody may write tokens that begin and end turns: a space parts their first character from the rest."""
        for token in self._special.values():
            content = content.replace(token, f"{token[0]} {token[1:]}")
        return content
