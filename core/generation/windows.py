"""Texts as stretches that a causal language model can read, each of their tokens to be said exactly once."""

from collections.abc import Sequence
from typing import Any

from core.errors import Misconfigured
from core.generation.template import UNSEEN, Piece


def windows(texts: Sequence[str], tokenizer: Any, most: int, name: str) -> list[Piece]:
    """Every text between an opening and a closing token; one that is longer than `most` tokens gives several stretches.

    Each further stretch begins with the last token of the one before, which is read and not said again.

    tokenizer: of transformers;  name: of the model, for messages
    raises: Misconfigured when the tokenizer has no end-of-text token
    """
    first, last = opening(tokenizer, name), closing(tokenizer, name)
    pieces: list[Piece] = []
    rows = tokenizer(list(texts), add_special_tokens=False, split_special_tokens=True)["input_ids"] if texts else []
    for source, (text, row) in enumerate(zip(texts, rows, strict=True)):
        ids = [first, *row, last]
        for begin in range(0, len(ids) - 1, most - 1):
            part = ids[begin : begin + most]
            size = 0 if begin else len(text.encode())  # of the whole text, counted once
            pieces.append(Piece(part, [UNSEEN, *part[1:]], source, size))
    return pieces


def opening(tokenizer: Any, name: str) -> int:
    """The token before a text: the tokenizer's own, else the one that ends texts (as in GPT-2)."""
    return closing(tokenizer, name) if tokenizer.bos_token_id is None else int(tokenizer.bos_token_id)


def closing(tokenizer: Any, name: str) -> int:
    """The token after a text. raises: Misconfigured when there is none"""
    if tokenizer.eos_token_id is None:
        raise Misconfigured(
            f"the tokenizer of {name} has no end-of-text token", remedy="use a model whose tokenizer has one"
        )
    return int(tokenizer.eos_token_id)
