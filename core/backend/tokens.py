"""Texts to token ids, by the `tokenizers` library alone. Pads nothing: the queue knows best what goes together."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from core.backend.checkpoint import Checkpoint

Ints = NDArray[np.int64]


class Tokens:
    """The tokenizer of a checkpoint, cutting at its limit."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._tokenizer = Tokenizer.from_file(str(checkpoint.tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(checkpoint.max_tokens)

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        """returns: the ids of each text, special tokens included"""
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def placed(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """returns: ids and, for each, begin and end in the text; equal for special tokens"""
        encoding = self._tokenizer.encode(text)
        return encoding.ids, encoding.offsets

    def id_of(self, token: str) -> int:
        """The id of a token such as "[PAD]". raises: KeyError"""
        if (found := self._tokenizer.token_to_id(token)) is None:
            raise KeyError(token)
        return int(found)

    def common_words(self) -> frozenset[str]:
        """Whole words of the vocabulary: what the model has seen often enough to know."""
        return frozenset(word for word in self._tokenizer.get_vocab(with_added_tokens=False) if word.isalpha())


def padded(rows: Sequence[Sequence[int]], to_multiple_of: int = 1) -> tuple[Ints, Ints]:
    """returns: ids and mask, both (rows, longest rounded up)"""
    longest = -(-max(map(len, rows)) // to_multiple_of) * to_multiple_of
    ids = np.zeros((len(rows), longest), dtype=np.int64)
    mask = np.zeros((len(rows), longest), dtype=np.int64)
    for at, row in enumerate(rows):
        ids[at, : len(row)] = row
        mask[at, : len(row)] = 1
    return ids, mask
