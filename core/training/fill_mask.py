"""Learn the language of one's own texts: hidden words have to be filled in. Reads no files."""

import math
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.backend.checkpoint import Checkpoint
from core.evaluation.intervals import Figure, bootstrapped, drawn_counts
from core.training.backbone import PooledBackbone, best_device, padded
from core.training.encoders import TrainedEncoder
from core.training.loop import Lesson, Score
from core.training.masking import MEASURING, UNSEEN, Masked, Masking
from core.training.recipe import Recipe
from core.training.runs import Show, train_runs
from core.training.sources import Unusable
from core.training.texts import Texts, texts_apart

MEASURED_TOGETHER = 32  # pieces
RESAMPLES = 1_000


class MaskedNetwork(PooledBackbone):
    """The backbone under a head that says which word was hidden. The word vectors learn, and read the head's answer.

    The head is BERT's own (Devlin et al., 2019); it begins anew, since encoders come without it, and is not published.
    """

    def __init__(self, checkpoint: Checkpoint, recipe: Recipe) -> None:
        super().__init__(checkpoint, recipe, learn_words=True)
        dim, words = checkpoint.dim, self.backbone.get_input_embeddings().num_embeddings
        dense = nn.Linear(dim, dim)
        nn.init.normal_(dense.weight, std=0.02)
        nn.init.zeros_(dense.bias)
        self.transform = nn.Sequential(dense, nn.GELU(), nn.LayerNorm(dim))
        self.bias = nn.Parameter(torch.zeros(words))

    def losses(self, pieces: Sequence[Masked]) -> tuple[Tensor, Tensor]:
        """returns: of every hidden word its cross-entropy (h,) and the place of its piece (h,)"""
        ids, mask = padded([piece.ids for piece in pieces], self.device)
        targets = torch.full_like(ids, UNSEEN)
        for at, piece in enumerate(pieces):
            targets[at, : len(piece.targets)] = torch.tensor(piece.targets)
        places, columns = (targets != UNSEEN).nonzero(as_tuple=True)  # (h,), (h,)
        hidden = self.transform(self.states(ids, mask)[places, columns])  # (b, t, d) -> (h, d)
        logits = hidden @ self.backbone.get_input_embeddings().weight.T + self.bias  # (h, d) @ (d, w) -> (h, w)
        return functional.cross_entropy(logits, targets[places, columns], reduction="none"), places

    def take_head(self, other: "MaskedNetwork") -> None:
        """Begin with what another network's head has learned."""
        self.transform.load_state_dict(other.transform.state_dict())
        self.bias.data.copy_(other.bias.data)


class FillMask:
    """A lesson (see `core.training.loop`): other words are hidden in each epoch. pieces: token ids"""

    def __init__(self, network: MaskedNetwork, pieces: Sequence[Sequence[int]], masking: Masking, seed: int) -> None:
        self.size = len(pieces)
        self._network = network
        self._pieces = pieces
        self._masking = masking
        self._seed = seed
        self._epoch = 0

    def begin(self, epoch: int) -> None:
        """Hide other words than in the epoch before."""
        self._epoch = epoch

    def length(self, example: int) -> int:
        return len(self._pieces[example])

    def loss(self, batch: Sequence[int]) -> Tensor:
        """The mean over the hidden words."""
        masked = [self._masking.mask(self._pieces[at], seed=self._seed, epoch=self._epoch, example=at) for at in batch]
        losses, _ = self._network.losses(masked)
        return losses.mean()

    def weight(self, batch: Sequence[int]) -> float:
        """How many words are hidden."""
        return sum(self._masking.count(self._pieces[at]) for at in batch)


def fit_masked(
    texts: Texts,
    valid: Texts | None,
    checkpoint: Checkpoint,
    recipe: Recipe,
    folder: Path,
    show: Show = lambda _, __: None,
) -> TrainedEncoder:
    """Train on all texts but some, and measure with these. Shapes of arguments as `fit_classifier`.

    First the head learns alone, for one epoch: a head that knows nothing would pull the backbone apart (Kumar et al.,
    2022, "Fine-Tuning can Distort Pretrained Features"), and what it then reads from the backbone is what the training
    is measured against.

    raises: Unusable when nothing is left to learn from, Misconfigured when the backbone's tokenizer knows no mask
    """
    began = time.monotonic()
    learned, measured = texts_apart(texts, valid, recipe.seed)
    masking = Masking(checkpoint, recipe.max_tokens, recipe.masked)
    pieces = masking.pieces(learned)
    held = [
        masking.mask(piece, seed=recipe.seed, epoch=MEASURING, example=at)
        for at, piece in enumerate(masking.pieces(measured))
    ]
    if not pieces or not held:
        raise Unusable("the texts hold no words", remedy="give texts in the language of the backbone")
    alone = recipe.model_copy(update={"method": "head", "epochs": 1, "patience": 0, "runs": 1})

    def begin_head(seed: int) -> tuple[MaskedNetwork, Lesson, Score | None]:
        network = MaskedNetwork(checkpoint, alone).to(best_device())
        return network, FillMask(network, pieces, masking, seed), None

    head = train_runs(begin_head, alone, folder / "head", "Warming up the head", show)

    def begin(seed: int) -> tuple[MaskedNetwork, Lesson, Score | None]:
        network = MaskedNetwork(checkpoint, recipe).to(best_device())
        network.take_head(head)
        lesson = FillMask(network, pieces, masking, seed)
        return network, lesson, lambda: 1 / measure(network, held)["perplexity"].value

    network = train_runs(begin, recipe, folder, "Training", show)
    notes = (
        f"Measured on hidden words of {len(measured)} texts that were not trained on. The figures of the backbone are "
        "those of a head that learned on it for one epoch, as this training begins. Holds no labels: it is an encoder. "
        "Train retrieval or labels on it next, since it does not compare texts well by itself."
    )
    return TrainedEncoder(network, measure(network, held), measure(head, held), notes, time.monotonic() - began)


@torch.no_grad()
def measure(network: MaskedNetwork, held: Sequence[Masked]) -> dict[str, Figure]:
    """Mean cross-entropy of the hidden words in nats, and its exponential; intervals by the bootstrap over pieces."""
    was_training = network.training
    network.eval()
    sums, counts = np.zeros(len(held)), np.zeros(len(held))
    for begin in range(0, len(held), MEASURED_TOGETHER):
        losses, places = network.losses(held[begin : begin + MEASURED_TOGETHER])
        np.add.at(sums, begin + places.cpu().numpy(), losses.cpu().numpy())
        np.add.at(counts, begin + places.cpu().numpy(), 1)
    network.train(was_training)
    ones = np.ones(len(held), dtype=np.int64)
    resampled = np.concatenate([(d @ sums) / (d @ counts) for d in drawn_counts(ones, RESAMPLES, seed=7)])
    loss = bootstrapped(float(sums.sum() / counts.sum()), resampled, len(held))
    perplexity = Figure(math.exp(loss.value), math.exp(loss.low), math.exp(loss.high), loss.n)
    return {"perplexity": perplexity, "loss": loss}
