"""Learn to tell labels apart: cross-entropy over label vectors, with what else pays. Reads no files."""

from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from core.training import adversarial
from core.training.backbone import padded
from core.training.network import Network
from core.training.recipe import Recipe


class Classify:
    """A lesson (see `core.training.loop`): token ids and the number of the label of each example.

    targets: from 0; -1 where a text is out of scope: all labels are then equally wrong for it
    """

    def __init__(self, network: Network, rows: Sequence[Sequence[int]], targets: Sequence[int], recipe: Recipe) -> None:
        self.size = len(rows)
        self._network = network
        self._rows = rows
        self._targets = torch.tensor(targets)
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
        if recipe.agreement:
            ids, mask, targets = torch.cat([ids, ids]), torch.cat([mask, mask]), torch.cat([targets, targets])
        vectors = self._network.encode(ids, mask)
        logits = self._network.logits(vectors)
        total = self._cross_entropy(logits, targets)
        if recipe.agreement:
            total = total + recipe.agreement * disagreement(*logits.chunk(2))
        if recipe.contrast:
            total = total + recipe.contrast * contrast(vectors, targets)
        if recipe.adversarial:
            share = recipe.adversarial_share
            total = (1 - share) * total + share * self._attacked(ids, mask, targets)
        return total

    def _attacked(self, ids: Tensor, mask: Tensor, targets: Tensor) -> Tensor:
        """The loss under attack: L(x + δ)."""
        recipe, words = self._recipe, self._network.word_vectors(ids).detach()

        def loss(words: Tensor) -> Tensor:
            return self._cross_entropy(self._network.logits(self._network.encode(ids, mask, words)), targets)

        if recipe.adversarial == "pgd":
            attack = adversarial.pgd(loss, words, recipe.adversarial_radius, recipe.adversarial_steps)
        else:
            attack = adversarial.fgm(loss, words, recipe.adversarial_radius)
        return loss(words + attack)

    def _cross_entropy(self, logits: Tensor, targets: Tensor) -> Tensor:
        inside = targets >= 0
        total = logits.sum() * 0
        if inside.any():
            total = total + functional.cross_entropy(
                logits[inside], targets[inside], weight=self._weights, label_smoothing=self._recipe.label_smoothing
            ) * (inside.sum() / len(targets))
        if not inside.all():
            flat = -functional.log_softmax(logits[~inside], dim=-1).mean(dim=-1)  # (b',), least where all are equal
            total = total + flat.sum() / len(targets)
        return total


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


def start_head(network: Network, vectors: Tensor, targets: Sequence[int]) -> None:
    """Begin with each label's mean vector: better than chance before the first step.

    vectors: (n, d);  targets: (n,), -1 is passed over
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
