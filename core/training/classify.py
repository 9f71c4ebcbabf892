"""Learn to tell labels apart: cross-entropy over label vectors, with what else pays. Reads no files."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.backend.encoder import Floats
from core.training import adversarial
from core.training.backbone import padded
from core.training.recipe import Recipe

STRANGE = -1  # the target of a text that is out of scope
UNLABELLED = -2  # of one that only a teacher labels


class LabelNetwork(Protocol):
    """Texts to unit vectors and these to logits (see `core.training.network`). labels: (c, d)"""

    labels: nn.Parameter

    def encode(self, ids: Tensor, mask: Tensor, words: Tensor | None = None) -> Tensor: ...

    def word_vectors(self, ids: Tensor) -> Tensor: ...

    def logits(self, vectors: Tensor) -> Tensor: ...


class Classify:
    """A lesson (see `core.training.loop`): token ids and the number of the label of each example.

    targets: from 0; STRANGE where a text is out of scope: all labels are then equally wrong for it; UNLABELLED
    taught: (n, c), logarithms of a teacher's probabilities; None without one
    """

    def __init__(
        self,
        network: LabelNetwork,
        rows: Sequence[Sequence[int]],
        targets: Sequence[int],
        recipe: Recipe,
        taught: Floats | None = None,
    ) -> None:
        self.size = len(rows)
        self._network = network
        self._rows = rows
        self._targets = torch.tensor(targets)
        self._taught = None if taught is None else torch.from_numpy(taught)
        self._recipe = recipe
        self._weights = _class_weights(targets, len(network.labels)) if recipe.class_weights else None

    def begin(self, epoch: int) -> None:
        """Every epoch is alike."""

    def length(self, example: int) -> int:
        return len(self._rows[example])

    def loss(self, batch: Sequence[int]) -> Tensor:
        """Cross-entropy, and what the recipe adds to it."""
        recipe, device = self._recipe, self._network.labels.device
        ids, mask = padded([self._rows[example] for example in batch], device)
        targets = self._targets[list(batch)].to(device)
        taught = None if self._taught is None else self._taught[list(batch)].to(device)
        if recipe.agreement:
            ids, mask, targets = torch.cat([ids, ids]), torch.cat([mask, mask]), torch.cat([targets, targets])
            taught = None if taught is None else torch.cat([taught, taught])
        vectors = self._network.encode(ids, mask)
        logits = self._network.logits(vectors)
        total = self._wanted(logits, targets, taught)
        if recipe.agreement:
            total = total + recipe.agreement * disagreement(*logits.chunk(2))
        if recipe.contrast:
            total = total + recipe.contrast * contrast(vectors, targets)
        if recipe.adversarial:
            share = recipe.adversarial_share
            total = (1 - share) * total + share * self._attacked(ids, mask, targets, taught)
        return total

    def weight(self, batch: Sequence[int]) -> float:
        """A mean over examples. Of several processes, each sees its own share for class weights and `contrast`."""
        return len(batch)

    def _attacked(self, ids: Tensor, mask: Tensor, targets: Tensor, taught: Tensor | None) -> Tensor:
        """The loss under attack: L(x + δ)."""
        recipe, words = self._recipe, self._network.word_vectors(ids).detach()

        def loss(words: Tensor) -> Tensor:
            return self._wanted(self._network.logits(self._network.encode(ids, mask, words)), targets, taught)

        if recipe.adversarial == "pgd":
            attack = adversarial.pgd(loss, words, recipe.adversarial_radius, recipe.adversarial_steps)
        else:
            attack = adversarial.fgm(loss, words, recipe.adversarial_radius)
        return loss(words + attack)

    def _wanted(self, logits: Tensor, targets: Tensor, taught: Tensor | None) -> Tensor:
        own = self._cross_entropy(logits, targets)
        if taught is None:
            return own
        alpha, inside = self._recipe.distillation_alpha, targets != STRANGE  # a teacher has no label for strangers
        return alpha * own + (1 - alpha) * distillation(logits, taught, inside, self._recipe.distillation_temperature)

    def _cross_entropy(self, logits: Tensor, targets: Tensor) -> Tensor:
        inside, strange = targets >= 0, targets == STRANGE
        total = logits.sum() * 0
        if inside.any():
            total = total + functional.cross_entropy(
                logits[inside], targets[inside], weight=self._weights, label_smoothing=self._recipe.label_smoothing
            ) * (inside.sum() / len(targets))
        if strange.any():
            flat = -functional.log_softmax(logits[strange], dim=-1).mean(dim=-1)  # (b',), least where all are equal
            total = total + flat.sum() / len(targets)
        return total


def distillation(logits: Tensor, taught: Tensor, counted: Tensor, temperature: float) -> Tensor:
    """How far from a teacher's probabilities, softened (Hinton et al., 2015, "Distilling the Knowledge in a Network").

    logits: (b, c);  taught: (b, c), logarithms of probabilities;  counted: (b,), the rows that count
    returns: T² · KL(teacher ‖ student), the mean over the batch; T² keeps the gradients' size at any temperature
    """
    wanted = functional.log_softmax(taught / temperature, dim=-1)
    said = functional.log_softmax(logits / temperature, dim=-1)
    apart = functional.kl_div(said, wanted, log_target=True, reduction="none").sum(dim=-1)  # (b, c) -> (b,)
    return temperature**2 * (apart * counted).mean()


def disagreement(one: Tensor, other: Tensor) -> Tensor:
    """Symmetric Kullback-Leibler divergence of two passes (R-Drop: Liang et al., 2021). one, other: (b, c) logits"""
    p, q = functional.log_softmax(one, dim=-1), functional.log_softmax(other, dim=-1)
    both = functional.kl_div(p, q, log_target=True, reduction="batchmean") + functional.kl_div(
        q, p, log_target=True, reduction="batchmean"
    )
    return both / 2


def contrast(vectors: Tensor, targets: Tensor, temperature: float = 0.07) -> Tensor:
    """Texts of one label attract each other (Khosla et al., 2020, "Supervised Contrastive Learning").

    vectors: (b, d), unit rows;  targets: (b,);  returns: a scalar, 0 where no label occurs twice
    """
    alone = torch.eye(len(targets), dtype=torch.bool, device=targets.device)
    cosines = (vectors @ vectors.T / temperature).masked_fill(alone, -1e9)  # (b, b)
    alike = (targets[:, None] == targets[None]) & ~alone & (targets >= 0)[:, None]
    logs = cosines - cosines.logsumexp(dim=1, keepdim=True)
    some = alike.any(dim=1)
    if not some.any():
        return vectors.sum() * 0
    return -(torch.where(alike, logs, 0).sum(dim=1)[some] / alike.sum(dim=1)[some]).mean()


def start_head(network: LabelNetwork, vectors: Tensor, targets: Sequence[int]) -> None:
    """Begin with each label's mean vector: better than chance before the first step.

    vectors: (n, d);  targets: (n,), those below 0 are passed over
    """
    known = torch.tensor(targets)
    sums = torch.zeros(len(network.labels), vectors.shape[1])
    sums.index_add_(0, known[known >= 0], vectors[known >= 0])
    network.labels.data.copy_(functional.normalize(sums, dim=-1).to(network.labels.device))


def _class_weights(targets: Sequence[int], labels: int) -> Tensor:
    """Inverse frequency, mean 1 over the examples."""
    counts = Counter(target for target in targets if target >= 0)
    total = sum(counts.values())
    return torch.tensor([total / (len(counts) * counts[label]) if counts[label] else 1.0 for label in range(labels)])
