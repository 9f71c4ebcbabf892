"""Hide words that have to be filled in: which ones, and what stands in their place. Chance comes from numbers alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from core.backend.checkpoint import Checkpoint
from core.errors import Misconfigured

MASKS = ("[MASK]", "<mask>")
SHOWN_AS_MASK, SHOWN_AS_OTHER = 0.8, 0.1  # the rest stays as it is (Devlin et al., 2019, "BERT")
UNSEEN = -100  # the target of a word that was not hidden; what torch's cross-entropy passes over
MEASURING = -1  # in place of the number of an epoch


@dataclass(frozen=True)
class Masked:
    """ids: as shown to the network;  targets: the hidden ids in their places, UNSEEN elsewhere; of one length"""

    ids: list[int]
    targets: list[int]


class Masking:
    """Texts to pieces of token ids, and pieces to masked ones, by the tokenizer of a checkpoint."""

    def __init__(self, checkpoint: Checkpoint, max_tokens: int, share: float) -> None:
        """raises: Misconfigured when the tokenizer knows no mask"""
        self._tokenizer = Tokenizer.from_file(str(checkpoint.tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        mask = next((found for name in MASKS if (found := self._tokenizer.token_to_id(name)) is not None), None)
        if mask is None:
            raise Misconfigured(
                f"the tokenizer of {checkpoint.name} has no mask token",
                remedy="use a backbone that was trained with one",
            )
        self._mask = mask
        around = self._tokenizer.encode("").ids  # e.g. [CLS] and [SEP]
        self._before, self._after = around[: len(around) // 2], around[len(around) // 2 :]
        self._most = min(max_tokens, checkpoint.max_tokens) - len(around)
        self._share = share
        special = set(self._tokenizer.get_added_tokens_decoder())
        self._words = np.array([at for at in range(self._tokenizer.get_vocab_size()) if at not in special])

    def pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids with those that open and close; a text that is too long gives several, so that nothing is lost."""
        made: list[list[int]] = []
        for encoding in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False):
            ids = encoding.ids
            parts = [ids[at : at + self._most] for at in range(0, len(ids), self._most)]
            made += [[*self._before, *part, *self._after] for part in parts]
        return made

    def count(self, piece: Sequence[int]) -> int:
        """How many words of a piece are hidden."""
        return max(1, round(self._share * (len(piece) - len(self._before) - len(self._after))))

    def mask(self, piece: Sequence[int], *, seed: int, epoch: int, example: int) -> Masked:
        """Hide a share of the words, at least one; the same numbers hide the same.

        piece: from `pieces`;  epoch: from 0, or MEASURING
        """
        chance = np.random.default_rng([seed, epoch + 1, example])
        first, last = len(self._before), len(piece) - len(self._after)
        hidden = first + chance.permutation(last - first)[: self.count(piece)]
        ids, targets = np.array(piece), np.full(len(piece), UNSEEN)
        targets[hidden] = ids[hidden]
        drawn, others = chance.random(len(hidden)), chance.choice(self._words, len(hidden))
        ids[hidden] = np.where(
            drawn < SHOWN_AS_MASK, self._mask, np.where(drawn < SHOWN_AS_MASK + SHOWN_AS_OTHER, others, ids[hidden])
        )
        return Masked(ids.tolist(), targets.tolist())
