"""A reply while it is being written: token by token, held back where a stop sequence may begin. Opens no files."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import torch
from tokenizers.decoders import DecodeStream
from torch import Tensor

Ended = Literal["stop", "length"]


class Speech:
    """Iterate over it for the text, in pieces of at least a character; leave off anywhere and no more is computed.

    read: tokens of the prompt;  said: tokens written so far, the closing one among them
    ended: why there is no more: the model closed its reply or met a stop sequence, or said as much as it may
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        prompt: Sequence[int],
        end: int,
        *,
        most: int,
        stop: Sequence[str] = (),
        temperature: float = 0.0,
        seed: int | None = None,
        go_on: Callable[[], None] = lambda: None,
    ) -> None:
        """model, tokenizer: of transformers, the fast kind;  end: the token that closes a reply;  most: tokens said

        temperature: 0 says the likeliest; otherwise words are drawn by lot, the same ones for the same seed
        go_on: called before each token, may raise
        """
        self.read, self.said = len(prompt), 0
        self.ended: Ended | None = None
        self._model, self._tokenizer, self._prompt, self._end = model, tokenizer, list(prompt), end
        self._most, self._stop, self._temperature, self._go_on = most, [s for s in stop if s], temperature, go_on
        self._chance = torch.Generator().manual_seed(seed) if seed is not None else None

    def __iter__(self) -> Iterator[str]:
        """Pieces without white space around the whole."""
        begun, held = False, ""
        for piece in self._texts():
            held += piece
            if not begun:
                held = held.lstrip()
            if (cut := _first_stop(held, self._stop)) is not None:
                self.ended, held = "stop", held[:cut]
                break
            safe = len(held) - _unsure(held, self._stop)
            safe = len(held[:safe].rstrip())
            if safe:
                begun = True
                yield held[:safe]
                held = held[safe:]
        if held := held.rstrip():
            yield held
        self.ended = self.ended or "length"

    def _texts(self) -> Iterator[str]:
        """What each token adds; nothing while it is only part of a character."""
        decoding = DecodeStream(skip_special_tokens=True)
        for token in self._tokens():
            if piece := decoding.step(self._tokenizer.backend_tokenizer, token):
                yield piece

    @torch.inference_mode()
    def _tokens(self) -> Iterator[int]:
        device = self._model.get_input_embeddings().weight.device
        ids, past = torch.tensor([self._prompt], device=device), None
        while self.said < self._most:
            self._go_on()
            told = self._model(input_ids=ids, past_key_values=past, use_cache=True)
            token = self._chosen(told.logits[0, -1])
            self.said += 1
            if token == self._end:
                self.ended = "stop"
                return
            yield token
            ids, past = torch.tensor([[token]], device=device), told.past_key_values

    def _chosen(self, logits: Tensor) -> int:
        """logits: (w,)"""
        if self._temperature <= 0:
            return int(logits.argmax())
        likely = torch.softmax(logits.float().cpu() / self._temperature, dim=-1)
        return int(torch.multinomial(likely, 1, generator=self._chance))


def _first_stop(text: str, stop: Sequence[str]) -> int | None:
    return min((at for sequence in stop if (at := text.find(sequence)) >= 0), default=None)


def _unsure(text: str, stop: Sequence[str]) -> int:
    """How many of the last characters may be the beginning of a stop sequence."""
    lengths = (size for sequence in stop for size in range(1, len(sequence)) if text.endswith(sequence[:size]))
    return max(lengths, default=0)
