"""Several data sets in one run: a lesson of lessons over one backbone, each with a head of its own. Reads no files."""

import random
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.backend.head import marked
from core.backend.tokens import Tokens
from core.training.backbone import cut, encode
from core.training.classify import STRANGE, Classify, start_head
from core.training.loop import Lesson
from core.training.network import Network
from core.training.pairs import Pairs
from core.training.recipe import Recipe
from core.training.retrieve import Retrieve, numbered
from core.training.transfer.further import Further

APART = 10_000  # tokens; longer than any text, so that batches hold one lesson's examples wherever that goes


class FurtherHead(nn.Module):
    """Other labels over another network's backbone. labels: (c, d), one vector a label"""

    def __init__(self, network: Network, labels: int) -> None:
        super().__init__()
        self.labels = nn.Parameter(torch.zeros(labels, network.dim, device=network.device))
        self._scale = network.scale
        self._of = (network,)  # not registered as a part, since it is the whole

    def encode(self, ids: Tensor, mask: Tensor, words: Tensor | None = None) -> Tensor:
        """As the network does."""
        return self._of[0].encode(ids, mask, words)

    def word_vectors(self, ids: Tensor) -> Tensor:
        """As the network does."""
        return self._of[0].word_vectors(ids)

    def logits(self, vectors: Tensor) -> Tensor:
        """vectors: (b, d), unit rows;  returns: (b, c)"""
        return self._scale * vectors @ functional.normalize(self.labels, dim=-1).T  # (b, d) @ (d, c) -> (b, c)


class Several:
    """A lesson (see `core.training.loop`): all examples of the main lesson and a share of each further one.

    A set of m examples beside n of the main lesson gives n · (m / n) ** (1 / T) of them to an epoch, other ones in
    each, with T the recipe's `sampling_temperature` (Raffel et al., 2020, "Exploring the Limits of Transfer
    Learning", 3.5.2).
    """

    def __init__(self, main: Lesson, further: Sequence[Lesson], recipe: Recipe) -> None:
        self._lessons = (main, *further)
        self._drawn = [main.size, *(drawn(main.size, lesson.size, recipe.sampling_temperature) for lesson in further)]
        self._ends = list(accumulate(self._drawn))
        self.size = self._ends[-1]
        self._orders = [list(range(lesson.size)) for lesson in self._lessons]
        for number, order in enumerate(self._orders):
            random.Random(f"{recipe.seed} lesson {number}").shuffle(order)  # noqa: S311  nothing secret
        self._epoch = 0

    def begin(self, epoch: int) -> None:
        """The epoch says whose turn it is."""
        self._epoch = epoch
        for lesson in self._lessons:
            lesson.begin(epoch)

    def length(self, example: int) -> int:
        which, at = self._place(example)
        return which * APART + self._lessons[which].length(at)

    def loss(self, batch: Sequence[int]) -> Tensor:
        """Mean over the examples, whichever lesson they belong to."""
        parts: dict[int, list[int]] = {}
        for example in batch:
            which, at = self._place(example)
            parts.setdefault(which, []).append(at)
        losses = [self._lessons[which].loss(part) * (len(part) / len(batch)) for which, part in parts.items()]
        return torch.stack(losses).sum()

    def weight(self, batch: Sequence[int]) -> float:
        """A mean over examples."""
        return len(batch)

    def _place(self, example: int) -> tuple[int, int]:
        """The lesson that an example of the whole belongs to, and its number there in this epoch."""
        which = bisect_right(self._ends, example)
        at = example - (self._ends[which] - self._drawn[which])
        order = self._orders[which]
        return which, order[(self._epoch * self._drawn[which] + at) % len(order)]


def drawn(main: int, further: int, temperature: float) -> int:
    """How many examples of a further set stand in an epoch.

    >>> [drawn(100, size, temperature=2.0) for size in (25, 100, 10_000)]
    [50, 100, 1000]
    """
    share: float = (further / main) ** (1 / temperature)
    return max(1, round(main * share))


def along(main: Lesson, network: Network, further: Sequence[Further], tokens: Tokens, recipe: Recipe) -> Lesson:
    """The main lesson with further ones beside it; their heads become parts of the network."""
    return Several(main, [_lesson(network, each, tokens, recipe) for each in further], recipe)


def _lesson(network: Network, further: Further, tokens: Tokens, recipe: Recipe) -> Lesson:
    if isinstance(further.data, Pairs):
        data = numbered(further.data.rows, tokens, recipe)
        return Retrieve(network, data, data.negatives, recipe)
    rows, labels = further.data.rows, further.data.labels
    number = {label: at for at, label in enumerate(labels)}
    ids = cut(marked(rows), tokens, recipe)
    targets = [STRANGE if row.label is None else number[row.label] for row in rows]
    head = FurtherHead(network, len(labels))
    start_head(head, encode(network, ids), targets)
    network.further.append(head)
    return Classify(head, ids, targets, recipe)
