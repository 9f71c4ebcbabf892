"""Integrated gradients over the word vectors: the reference that cheaper explanations are compared with.

Sundararajan, Taly and Yan, 2017, "Axiomatic Attribution for Deep Networks". Serves nothing: needs torch.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from core.backend.checkpoint import Checkpoint
from core.backend.classifier import backbone_of, head_of
from core.backend.explain import Reason, weighed, word_spans
from core.backend.head import written, written_place
from core.backend.registry import Version
from core.backend.tokens import Tokens
from core.evaluation.intervals import Figure, Floats, bootstrapped
from core.outcomes import Labelled
from core.training.network import Network
from core.training.recipe import Recipe

STEPS = 32
FEWEST_WORDS = 3  # of a text, for its words to have an order worth comparing
RESAMPLES = 1_000

Baseline = Literal["[PAD]", "[MASK]"]


@dataclass(frozen=True)
class Reference:
    """A trained version as a network of torch. Open with `open_reference`."""

    network: Network
    tokens: Tokens

    def explain(
        self, rows: Sequence[Labelled], *, steps: int = STEPS, baseline: Baseline = "[PAD]"
    ) -> list[tuple[Reason, ...]]:
        """The same words as `core.backend.explain.explain` gives, weighed by integrated gradients."""
        return [self._explain(row, steps, baseline) for row in rows]

    def attributions(self, ids: Sequence[int], steps: int, baseline: Baseline) -> tuple[Floats, float]:
        """What each token adds to the logit of the most probable label, on the straight way from the baseline.

        ids: (t,), of which the first and the last, the marks around every text, stay what they are
        returns: (t,), and how much the logit rises on the whole way: their sum, but for the error of the steps
        """
        device = self.network.labels.device
        row = torch.tensor([list(ids)], device=device)  # (1, t)
        words = self.network.word_vectors(row).detach()  # (1, t, d)
        blank = self.network.word_vectors(torch.tensor([[self.tokens.id_of(baseline)]], device=device)).detach()
        start = words.clone()
        start[:, 1:-1] = blank
        with torch.no_grad():
            ends = self._logits(row, torch.cat([start, words]))  # (2, c)
        label = int(ends[1].argmax())
        shares = (torch.arange(steps, device=device) + 0.5) / steps  # the middle of each step
        way = (start + shares[:, None, None] * (words - start)).requires_grad_(True)  # (s, t, d)
        [slopes] = torch.autograd.grad(self._logits(row, way)[:, label].sum(), way)  # (s, t, d)
        found = ((words - start)[0] * slopes.mean(dim=0)).sum(dim=-1)  # (t, d) -> (t,)
        return found.double().cpu().numpy(), float(ends[1, label] - ends[0, label])

    def _logits(self, row: Tensor, words: Tensor) -> Tensor:
        ids = row.expand(len(words), -1)  # (s, t)
        return self.network.logits(self.network.encode(ids, torch.ones_like(ids), words))

    def _explain(self, row: Labelled, steps: int, baseline: Baseline) -> tuple[Reason, ...]:
        ids, places = self.tokens.placed(written(row))
        found, _ = self.attributions(ids, steps, baseline)
        spans = word_spans(row, len(ids))
        effects = []
        for start, end in spans:
            begin = written_place(row, start)
            inside = [begin <= at < begin + end - start and at < stop for at, stop in places]
            effects.append(float(found[inside].sum()))
        return weighed(row.text, spans, effects)


def open_reference(version: Version, base: Checkpoint, home: Path) -> Reference:
    """base: the backbone in use

    raises: WrongBackbone, GivesNoLabels, Misconfigured
    """
    head, checkpoint = head_of(version), backbone_of(version, base, home)
    network = Network(checkpoint, Recipe(method="head", scale=head.about.scale), len(head.about.labels))
    network.labels.data.copy_(torch.from_numpy(head.labels))
    return Reference(network.to("cuda" if torch.cuda.is_available() else "cpu").eval(), Tokens(checkpoint))


@dataclass(frozen=True)
class Agreement:
    """How alike two ways to weigh words are, over texts of at least three words.

    order: Spearman's rank correlation of a text's weights, mean over texts, in [-1, 1]
    top: share of the `k` weightiest words that both name, mean over texts, in [0, 1];  by_chance: what `top` would be
        if one of them drew its words by lot
    """

    order: Figure
    top: Figure
    by_chance: float
    k: int


def agreement(
    one: Sequence[Sequence[Reason]], other: Sequence[Sequence[Reason]], k: int = 3, seed: int = 7
) -> Agreement | None:
    """Compare two explanations of the same texts, the same words in the same order.

    returns: None when no text can be compared: in each, words are too few, or all weigh the same
    """
    orders, tops, chances = [], [], []
    for ours, theirs in zip(one, other, strict=True):
        pair = np.array([[r.weight for r in ours], [r.weight for r in theirs]])  # (2, w)
        if pair.shape[1] < FEWEST_WORDS or (np.ptp(pair, axis=1) == 0).any():
            continue
        most = min(k, pair.shape[1] - 1)
        best = [set(np.argsort(-weights, kind="stable")[:most].tolist()) for weights in pair]
        orders.append(spearman(pair[0], pair[1]))
        tops.append(len(best[0] & best[1]) / most)
        chances.append(most / pair.shape[1])
    if not orders:
        return None
    return Agreement(_mean(orders, seed), _mean(tops, seed), float(np.mean(chances)), k)


def spearman(one: Floats, other: Floats) -> float:
    """Spearman's rank correlation, equal values sharing their mean rank. one, other: (n,), neither all equal

    >>> spearman(np.array([1.0, 2.0, 3.0]), np.array([10.0, 30.0, 20.0]))
    0.5
    """
    from scipy.stats import rankdata

    ranks = np.stack([rankdata(one), rankdata(other)])  # (2, n)
    ranks -= ranks.mean(axis=1, keepdims=True)
    return float((ranks[0] @ ranks[1]) / math.sqrt((ranks[0] @ ranks[0]) * (ranks[1] @ ranks[1])))


def _mean(values: Sequence[float], seed: int) -> Figure:
    held = np.array(values)
    drawn = np.random.default_rng(seed).integers(len(held), size=(RESAMPLES, len(held)))
    return bootstrapped(float(held.mean()), held[drawn].mean(axis=1), len(held))
