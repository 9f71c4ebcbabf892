"""Learn to find: a query shall lie near the passage that answers it and far from all others. Reads no files."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from core.backend.checkpoint import Checkpoint
from core.backend.tokens import Tokens
from core.evaluation.intervals import Figure
from core.evaluation.ranking import RANKED_TOGETHER, measure_ranking, nearest
from core.training.backbone import PooledBackbone, best_device, cut, encode, padded
from core.training.encoders import TrainedEncoder
from core.training.loop import Lesson, Score
from core.training.pairs import Pair, Pairs, apart, distinct
from core.training.recipe import Recipe
from core.training.runs import Show, train_runs

FIGURES = {"hit@1": "hit_at_1", "recall@10": "recall_at_10", "mrr": "mrr", "ndcg@10": "ndcg_at_10"}


@dataclass(frozen=True)
class Numbered:
    """Pairs as numbers: each text is read once, however often it stands there.

    queries, passages: token ids;  pairs: (query, passage);  negatives: passages, a pair a line
    good: passages that answer, a query a line
    """

    queries: list[list[int]]
    passages: list[list[int]]
    pairs: list[tuple[int, int]]
    negatives: list[list[int]]
    good: list[frozenset[int]]


def numbered(rows: Sequence[Pair], tokens: Tokens, recipe: Recipe, others: Sequence[str] = ()) -> Numbered:
    """others: more passages, that answer no query of these rows"""
    texts = distinct(rows, others)
    return Numbered(
        queries=cut(texts.queries, tokens, recipe),
        passages=cut(texts.passages, tokens, recipe),
        pairs=texts.pairs,
        negatives=texts.negatives,
        good=texts.good,
    )


class Retrieve:
    """A lesson (see `core.training.loop`): InfoNCE over the passages of a batch, in both directions.

    Van den Oord et al., 2018, "Representation Learning with Contrastive Predictive Coding"; what is known to answer a
    query is never taken for wrong.

    negatives: passages, a pair a line
    """

    def __init__(
        self, network: PooledBackbone, data: Numbered, negatives: Sequence[Sequence[int]], recipe: Recipe
    ) -> None:
        self.size = len(data.pairs)
        self._network = network
        self._data = data
        self._negatives = negatives
        self._scale = recipe.scale

    def begin(self, epoch: int) -> None:
        """Every epoch is alike."""

    def length(self, example: int) -> int:
        return len(self._data.passages[self._data.pairs[example][1]])

    def loss(self, batch: Sequence[int]) -> Tensor:
        """Each query against all passages of the batch, each pair's passage against all queries of the batch."""
        data = self._data
        queries = [data.pairs[example][0] for example in batch]
        right = [data.pairs[example][1] for example in batch]
        known = set(right)
        hard = dict.fromkeys(at for example in batch for at in self._negatives[example] if at not in known)
        asked = self._encode([data.queries[at] for at in queries])  # (b, d)
        found = self._encode([data.passages[at] for at in (*right, *hard)])  # (b + h, d)
        cosines = asked @ found.T  # (b, d) @ (d, b + h) -> (b, b + h)
        logits = (self._scale * cosines).masked_fill(self._also_right(queries, [*right, *hard]), float("-inf"))
        own = torch.arange(len(batch), device=logits.device)
        forth = functional.cross_entropy(logits, own)
        back = functional.cross_entropy(logits[:, : len(batch)].T, own)
        return (forth + back) / 2

    def weight(self, batch: Sequence[int]) -> float:
        """A mean over pairs. Of several processes, each tells its passages apart from those of its own share only."""
        return len(batch)

    def _also_right(self, queries: Sequence[int], passages: Sequence[int]) -> Tensor:
        """returns: (b, b + h), true where a passage answers the query but is not the pair's own"""
        good = [self._data.good[query] for query in queries]
        other = [[passage in good[i] and i != j for j, passage in enumerate(passages)] for i in range(len(queries))]
        return torch.tensor(other, device=self._network.device)

    def _encode(self, rows: Sequence[Sequence[int]]) -> Tensor:
        return self._network.encode(*padded(rows, self._network.device))


def mine(network: PooledBackbone, data: Numbered, wanted: int, margin: float) -> list[list[int]]:
    """Passages that the network takes for an answer though nobody said so: what it has to learn to tell apart.

    The nearest ones are often answers that nobody wrote down, so that only those count whose cosine lies `margin` below
    that of the right one (Moreira et al., 2024, "NV-Retriever", who found this best of six ways).

    returns: those given, then up to `wanted` that were found, nearest first; a pair a line
    """
    asked, found = encode(network, data.queries), encode(network, data.passages)
    mined: list[list[int]] = []
    for begin in range(0, len(data.pairs), RANKED_TOGETHER):
        part = range(begin, min(begin + RANKED_TOGETHER, len(data.pairs)))
        cosines = asked[[data.pairs[at][0] for at in part]] @ found.T  # (r, d) @ (d, p) -> (r, p)
        for row, at in zip(cosines, part, strict=True):
            query, right = data.pairs[at]
            usable = row <= row[right] - margin
            usable[list(data.good[query])] = False
            usable[data.negatives[at]] = False
            near = row.masked_fill(~usable, -2.0).topk(min(wanted, len(row)))
            new = [
                place for value, place in zip(near.values.tolist(), near.indices.tolist(), strict=True) if value > -2
            ]
            mined.append([*data.negatives[at], *new])
    return mined


def fit_retriever(
    pairs: Pairs,
    valid: Pairs | None,
    checkpoint: Checkpoint,
    recipe: Recipe,
    folder: Path,
    show: Show = lambda _, __: None,
) -> TrainedEncoder:
    """Train on all queries but some, and measure with these, before and after. Shapes of arguments as `fit_classifier`.

    raises: Unusable when nothing is left to learn from
    """
    began = time.monotonic()
    learned, measured = apart(pairs, valid, recipe.seed)
    tokens = Tokens(checkpoint)
    data = numbered(learned, tokens, recipe)
    held = numbered(measured, tokens, recipe, [text for row in learned for text in (row.passage, *row.negatives)])
    torch.manual_seed(recipe.seed)
    backbone = PooledBackbone(checkpoint, recipe).to(best_device()).eval()
    before = measure(backbone, held)
    negatives = mine(backbone, data, recipe.mined, recipe.margin) if recipe.mined else data.negatives

    def begin(_: int) -> tuple[PooledBackbone, Lesson, Score | None]:
        network = PooledBackbone(checkpoint, recipe).to(best_device())
        return network, Retrieve(network, data, negatives, recipe), lambda: measure(network, held)["mrr"].value

    network = train_runs(begin, recipe, folder, "Training", show)
    notes = (
        f"Measured with {len(held.queries)} queries that were not trained on, among {len(held.passages)} passages; "
        "the same figures of the backbone stand beside. Holds no labels: it is an encoder."
    )
    return TrainedEncoder(network, measure(network, held), before, notes, time.monotonic() - began)


def measure(network: PooledBackbone, data: Numbered) -> dict[str, Figure]:
    """How well the right passage is found among all."""
    figures = measure_ranking(rank(network, data), [{str(at) for at in good} for good in data.good], ks=(1, 10))
    return {title: figures[name] for name, title in FIGURES.items()}


def rank(network: PooledBackbone, data: Numbered) -> list[list[str]]:
    """returns: the numbers of the nearest passages, nearest first, a query a line"""
    ranked = nearest(encode(network, data.queries).numpy(), encode(network, data.passages).numpy())
    return [[str(at) for at in row] for row in ranked]
