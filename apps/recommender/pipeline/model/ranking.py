"""The best items of many users, fast: what `Recommender.recommend` gives, without holding what each signal says.

What a network and texts say is a product of a user's vector and an item's, so its mean and spread over all items follow
from the items' mean and covariance, and it is made, cut and added piece by piece while a piece lies in the processor's
cache. What neighbours say is zero for most items, so only the rest is looked at. Items then fall into blocks: the k
best lie in the k blocks with the best items, and no other is sorted. Learns nothing, reads no files.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from apps.recommender.pipeline.model.blend import STEEPEST, leveled
from apps.recommender.pipeline.model.cooccurrence import faded
from apps.recommender.pipeline.model.histories import Floats, Histories, Ints
from apps.recommender.pipeline.model.parts import Near, Product, by_networks, by_text
from apps.recommender.pipeline.model.recommender import NEVER, Recommender, best, top
from apps.recommender.pipeline.model.signals import ByNeighbours, ByPopularity, BySequence, ByText, Signal

TOGETHER = 2_048
"""Users whose histories are read together: sorted by length, little of a batch is padding."""
HELD = 26_000_000
"""Scores that a thread holds: 104 MB."""
PIECE = 2_048
"""Items that are scored at a time: 256 users' scores for so many are 2 MB, which the cache of a core holds."""
FEW = 32
"""Users of whom what neighbours say is gathered at a time, for the same reason."""
UNSEEN = ""
"""What is added for items that nobody had, beside the signals' names."""
BLOCK = 64
"""Items of which only the best is looked at first."""


class Ranking:
    """Lists for many users. recommender: whose lists they are"""

    @torch.no_grad()
    def __init__(self, recommender: Recommender) -> None:
        self._blend, self._n = recommender.blend, recommender.item_count
        self._width = -(-self._n // BLOCK) * BLOCK
        self._products: dict[str, Product] = {}
        self._near: dict[str, Near] = {}
        self._others: dict[str, Signal] = {}
        same: dict[str, Floats] = {}
        for name, weight, slope in zip(self._blend.names, self._blend.weights, self._blend.slopes, strict=True):
            if not (weight or slope):
                continue
            match signal := recommender.signals[name]:
                case BySequence():
                    self._products[name] = by_networks(signal)
                case ByText():
                    self._products[name] = by_text(signal)
                case ByNeighbours():
                    self._near[name] = Near.of(signal)
                case ByPopularity():
                    same[name] = leveled(np.log1p(signal.amounts)[None].astype(np.float32))[0]
                case _:
                    self._others[name] = signal
        self._same = list(same)
        columns = list(same.values())
        if recommender.unseen is not None and self._blend.unseen:
            self._same.append(UNSEEN)
            columns.append(recommender.unseen.astype(np.float32) * np.float32(self._blend.unseen))
        self._columns = torch.from_numpy(np.stack(columns)) if columns else torch.empty(0, self._n)

    def recommend(
        self, histories: Histories, k: int, *, exclude_seen: bool = True, threads: int = 1
    ) -> Iterator[tuple[int, Ints]]:
        """The k best items of each user, best first, -1 where nothing is left; some users after the other.

        threads: that work at once, each on users of its own, so that no step of one holds up the other
        returns: the place of the first of some users, and their items (u, k)
        """
        together = max(1, min(TOGETHER, -(-len(histories) // threads)))
        at_once = max(8, min(256, HELD // self._width))
        buffers: SimpleQueue[Tensor] = SimpleQueue()
        for _ in range(threads):
            buffers.put(torch.empty(at_once, self._width))

        def work(start: int) -> tuple[int, Ints]:
            some = np.arange(start, min(start + together, len(histories)), dtype=np.int32)
            buffer = buffers.get()
            try:
                return start, self._lists(histories.of_users(some), k, buffer, exclude_seen=exclude_seen)
            finally:
                buffers.put(buffer)

        before = torch.get_num_threads()
        each = max(1, before // threads)
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(each,)) as pool:
            try:
                yield from ahead(pool, work, range(0, len(histories), together), 2 * threads)
            finally:
                torch.set_num_threads(before)

    @torch.inference_mode()
    def _lists(self, histories: Histories, k: int, buffer: Tensor, *, exclude_seen: bool) -> Ints:
        wishes = {name: product.level(histories) for name, product in self._products.items()}
        found = np.empty((len(histories), k), dtype=np.int32)
        for start in range(0, len(histories), len(buffer)):
            some = np.arange(start, min(start + len(buffer), len(histories)), dtype=np.int32)
            part = histories.of_users(some)
            weights = {**self._blend.weights_of(part), UNSEEN: np.ones((len(some), 1), dtype=np.float32)}
            scores = buffer[: len(some)]
            self._near_into(scores, part, weights)
            self._rest_onto(scores, {name: wish[start : start + len(some)] for name, wish in wishes.items()}, weights)
            for name, signal in self._others.items():
                scores[:, : self._n] += torch.from_numpy(weights[name] * leveled(signal.score(part)))
            scores[:, self._n :] = float(NEVER)
            if exclude_seen:
                scores[torch.from_numpy(part.user), torch.from_numpy(part.item)] = float(NEVER)
            found[some] = _best(scores, k)
        return found

    def _near_into(self, scores: Tensor, histories: Histories, weights: Mapping[str, Floats]) -> None:
        """Write what neighbours say over what stands in `scores`."""
        faded_by = {name: faded(histories, near.fade, 200) for name, near in self._near.items()}
        for start in range(0, len(histories), FEW):
            rows = scores[start : start + FEW].numpy()
            end = start + len(rows)
            said = [
                near.above_silence(faded_by[name][start:end], weights[name][start:end])
                for name, near in self._near.items()
            ]
            if not said:
                rows.fill(0)
                continue
            numbers = np.arange(len(rows), dtype=np.int32)
            row = np.concatenate([np.repeat(numbers, np.diff(part.indptr)) for part in said])
            column = np.concatenate([part.indices for part in said])
            data = np.concatenate([part.data for part in said])
            sparse.coo_matrix((data, (row, column)), shape=rows.shape).toarray(out=rows)

    def _rest_onto(self, scores: Tensor, wishes: Mapping[str, Tensor], weights: Mapping[str, Floats]) -> None:
        """Add what products say, and what is the same for everybody."""
        same = torch.from_numpy(np.hstack([weights[name] for name in self._same])) if self._same else None
        for start in range(0, self._n, PIECE):
            end = min(start + PIECE, self._n)
            piece = scores[:, start:end]
            for name, wish in wishes.items():
                said = (wish @ self._products[name].items[start:end].T).clamp_(-STEEPEST, STEEPEST)
                piece.addcmul_(said, torch.from_numpy(weights[name]))
            if same is not None:
                piece.addmm_(same, self._columns[:, start:end])


def _best(scores: Tensor, k: int) -> Ints:
    """The k best of each row, -1 where nothing is left. (u, blocks * BLOCK) -> (u, k)"""
    rows, width = scores.shape
    blocks = width // BLOCK
    if blocks <= 2 * k:
        return best(scores.numpy(), k)
    parts = scores.view(rows, blocks, BLOCK)
    # Where k blocks with better items come first, k better items do; of equal ones the lower number comes first.
    chosen = top(parts.amax(2), k).sort(1).values  # (u, k)
    inside = parts.gather(1, chosen[:, :, None].expand(-1, -1, BLOCK)).view(rows, k * BLOCK)
    found = best(inside.numpy(), k)
    numbers = (chosen[:, :, None] * BLOCK + torch.arange(BLOCK)).view(rows, k * BLOCK).numpy()
    return np.where(found >= 0, np.take_along_axis(numbers, np.maximum(found, 0), 1), -1).astype(np.int32)


T = TypeVar("T")


def ahead(pool: ThreadPoolExecutor, work: Callable[[int], T], tasks: Iterable[int], most: int) -> Iterator[T]:
    """What becomes of tasks, in their order, at most so many begun before they are asked for."""
    waiting: deque[Future[T]] = deque()
    for task in tasks:
        waiting.append(pool.submit(work, task))
        if len(waiting) >= most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
