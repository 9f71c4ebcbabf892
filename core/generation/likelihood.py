"""How likely a causal language model takes what was said to be: the loss of training and the figure of measuring."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.generation.template import UNSEEN, Piece

MEASURED_TOGETHER = 4_096  # tokens, since each has as many logits as there are words

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Likelihood:
    """nats, tokens, bytes: sums of each text or conversation, (n,)"""

    nats: Floats
    tokens: Floats
    bytes: Floats


def losses(model: Any, pieces: Sequence[Piece]) -> tuple[Tensor, Tensor]:
    """model: of transformers;  returns: of every target its cross-entropy in nats (h,) and the place of its piece (h,)

    What fills up a row stands behind it, where a causal model's words do not look: no mask is needed.
    """
    device = model.get_input_embeddings().weight.device
    longest = -(-max(len(piece.ids) for piece in pieces) // 4) * 4  # fewer shapes
    ids = torch.zeros(len(pieces), longest, dtype=torch.long)
    targets = torch.full((len(pieces), longest), UNSEEN)
    for at, piece in enumerate(pieces):
        ids[at, : len(piece.ids)] = torch.tensor(piece.ids)
        targets[at, : len(piece.ids)] = torch.tensor(piece.targets)
    logits = model(input_ids=ids.to(device), use_cache=False).logits  # (b, t, w)
    places, columns = (targets[:, 1:] != UNSEEN).nonzero(as_tuple=True)  # (h,), (h,): each is said one place earlier
    chosen = targets[places, columns + 1].to(device)
    told = logits[places.to(device), columns.to(device)].float()  # (h, w)
    return functional.cross_entropy(told, chosen, reduction="none"), places


@torch.no_grad()
def likelihood(model: Any, pieces: Sequence[Piece]) -> Likelihood:
    """Sums over the pieces of each source, without dropout, in the weights' own precision."""
    was_training = model.training
    model.eval()
    numbers = {source: at for at, source in enumerate(dict.fromkeys(piece.source for piece in pieces))}
    nats, tokens, sizes = (np.zeros(len(numbers)) for _ in range(3))
    for part in _batches(pieces):
        values, places = losses(model, part)
        rows = np.array([numbers[piece.source] for piece in part])
        np.add.at(nats, rows[places.numpy()], values.double().cpu().numpy())
        np.add.at(tokens, rows[places.numpy()], 1)
        np.add.at(sizes, rows, [piece.size for piece in part])
    model.train(was_training)
    return Likelihood(nats, tokens, sizes)


def _batches(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces of like length together, shortest first."""
    part: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: len(piece.ids)):
        if part and (len(part) + 1) * len(piece.ids) > MEASURED_TOGETHER:
            yield part
            part = []
        part.append(piece)
    if part:
        yield part
