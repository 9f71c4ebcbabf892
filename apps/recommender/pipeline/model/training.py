"""Train a network on histories, on whatever processor there is. Chooses no knob, writes no file."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from apps.recommender.pipeline.model.blocks import Shape
from apps.recommender.pipeline.model.histories import Floats, Histories
from apps.recommender.pipeline.model.loss import sampled_loss, softmax_loss
from apps.recommender.pipeline.model.network import Network, gap_buckets
from apps.recommender.pipeline.model.optimizing import Average, optimizer_of, shape_of_rate
from apps.recommender.pipeline.model.recipe import Recipe
from apps.recommender.pipeline.model.resuming import Kept
from apps.recommender.pipeline.model.windows import Batch, Windows, last_windows


@dataclass(frozen=True)
class Progress:
    """Where a training stands. done: share of all steps;  loss: mean of the epoch that ended"""

    epoch: int
    epochs: int
    loss: float
    seconds: float


Told = Callable[[Progress, "Network"], None]


def build(histories: Histories, text: Floats | None, recipe: Recipe, *, seed: int, device: str = "cpu") -> Network:
    """A network with fresh weights that fits these histories. text: (n, any) or None"""
    torch.manual_seed(seed)
    text = text if recipe.text else None
    shape = Shape(
        items=histories.item_count,
        text=0 if text is None else text.shape[1],
        width=recipe.width,
        layers=recipe.layers,
        heads=recipe.heads,
        longest=recipe.longest,
        inner=recipe.inner,
        block=recipe.block,
        relative=recipe.relative,
        gaps=recipe.gaps,
        cosine=recipe.cosine,
    )
    vectors = None if text is None else torch.from_numpy(np.ascontiguousarray(text, dtype=np.float32))
    trust = torch.from_numpy(trust_of(histories, recipe.doubt))
    return Network(shape, vectors, trust, dropout=recipe.dropout).to(device)


def trust_of(histories: Histories, doubt: float) -> Floats:
    """(n,), how far the learned part of each item counts: c / (c + doubt) for c events; 0 without any."""
    counts = histories.counts().astype(np.float32)
    return np.where(counts > 0, counts / (counts + doubt + 1e-9), 0).astype(np.float32)


def train(
    histories: Histories,
    text: Floats | None,
    recipe: Recipe,
    *,
    seed: int,
    device: str = "cpu",
    told: Told = lambda progress, network: None,
    until: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    place: Kept | None = None,
) -> Network:
    """Learn to name each next event of each user.

    told: called after each epoch with the network as it would be kept
    until: what `clock` says when it ends early; the rate falls to 0 by then all the same
    place: where it stands on disk; what a killed process left there is gone on with, to the same result
    returns: the network in evaluation mode
    """
    network = build(histories, text, recipe, seed=seed, device=device)
    windows = Windows(
        histories, recipe.longest, recipe.tokens, new_only=recipe.new_only, recent=recipe.recent, ties=recipe.ties
    )
    steps = max(1, windows.steps() * recipe.epochs)
    optimizer = optimizer_of(network, recipe)
    average = Average(network, recipe.average) if recipe.average else None
    followed = None if average is None else average.network
    known = torch.from_numpy(np.flatnonzero(histories.counts() > 0)).to(device)
    draw = _Draw(histories, recipe.negatives, device) if recipe.negatives else None
    autocast = torch.autocast(torch.device(device).type, torch.bfloat16, enabled=halves(device))
    started, first, step = clock(), 0, 0
    if place is not None and place.load(network, optimizer, followed):
        first, step, started = place.epoch, place.step, started - place.seconds
        until = None if until is None else until - place.seconds  # the budget is of all processes together
        if average is not None:
            average.seen = step
    for epoch in range(first, recipe.epochs):
        network.train()
        losses: list[Tensor] = []
        for batch in windows.epoch(seed * 100_003 + epoch):
            done = step / steps
            if until is not None:
                passed = clock() - started
                done = max(done, passed / max(until - started, 1e-9))
            if done >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = recipe.rate * shape_of_rate(done, recipe.warm)
            with autocast:
                loss = _loss(network, batch, recipe, known, draw, device)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            if average is not None:
                average.follow(network)
            losses.append(loss.detach())
            step += 1
        if not losses:  # the time was up before this epoch began
            break
        network.eval()
        mean = float(torch.stack(losses).float().mean())
        told(Progress(epoch + 1, recipe.epochs, mean, clock() - started), followed or network)
        if place is not None:
            place.step, place.epoch, place.seconds = step, epoch + 1, clock() - started
            place.save(network, optimizer, followed)
        if until is not None and clock() >= until:
            break
    if place is not None:
        place.epoch = recipe.epochs
        place.save(network, optimizer, followed, done=True)
    return (followed or network).eval()


def halves(device: str) -> bool:
    """Whether matrices are multiplied in bfloat16: where the processor has units for it, and it is two to four times
    faster; elsewhere it would be slower."""
    if torch.device(device).type == "cpu":
        return bool(torch.cpu._is_amx_tile_supported())
    return True


@torch.no_grad()
def encode(network: Network, histories: Histories, *, size: int = 256, vectors: Tensor | None = None) -> Tensor:
    """What comes next for each user: (u, d), zeros for users without events. vectors: the items', if they are there"""
    network.eval()
    device = network.learned.device
    vectors = network.item_vectors() if vectors is None else vectors
    out = torch.zeros(len(histories), network.shape.width, device=device)
    for users, batch in last_windows(histories, network.shape.longest, size):
        hidden = network(vectors, *_inputs(network, batch, device))
        last = torch.from_numpy(batch.mask.argmax(1)).to(device)
        out[torch.from_numpy(users).to(device)] = hidden[torch.arange(len(users), device=device), last].float()
    return out


def _inputs(network: Network, batch: Batch, device: str | torch.device) -> tuple[Tensor, Tensor | None]:
    items = torch.from_numpy(batch.items).to(device, non_blocking=True)
    if not network.shape.gaps:
        return items, None
    return items, gap_buckets(torch.from_numpy(batch.pauses).to(device, non_blocking=True))


class _Draw:
    """Items drawn for a step: half by how often they occur, half evenly."""

    def __init__(self, histories: Histories, number: int, device: str) -> None:
        counts = torch.from_numpy(histories.counts().astype(np.float32)).to(device)
        known = (counts > 0).float()
        chance = 0.5 * counts / counts.sum() + 0.5 * known / known.sum()
        self.chance, self.number = chance, number
        self.log_share = torch.log(chance.clamp(min=1e-12) * number)

    def __call__(self) -> Tensor:
        return torch.multinomial(self.chance, self.number, replacement=True)


def _loss(network: Network, batch: Batch, recipe: Recipe, known: Tensor, draw: _Draw | None, device: str) -> Tensor:
    items, gaps = _inputs(network, batch, device)
    forget = torch.rand(network.shape.items, device=device) < recipe.forget if recipe.forget else None
    keep = (torch.rand(items.shape, device=device) >= recipe.hide).float() if recipe.hide else None
    vectors = network.item_vectors(forget)
    hidden = network(vectors, items, gaps, keep).flatten(0, 1)
    mask = torch.from_numpy(np.flatnonzero(batch.mask)).to(device, non_blocking=True)
    target = torch.from_numpy(batch.target[batch.mask]).to(device, non_blocking=True)
    weight = torch.from_numpy(batch.weight[batch.mask]).to(device, non_blocking=True)
    # `index_select`, not brackets: the gradient of brackets is added row by row on one core.
    hidden = hidden.index_select(0, mask)
    against, bias = network.targets(vectors, forget)
    if draw is not None:
        return sampled_loss(hidden, against, bias, target, weight, draw(), draw.log_share)
    if len(known) < len(against):  # items without an event are no wrong answers: they may not be pushed away
        place = torch.full((len(against),), -1, device=device, dtype=torch.long)
        place[known] = torch.arange(len(known), device=device)
        against, bias, target = against.index_select(0, known), bias.index_select(0, known), place[target]
    return softmax_loss(hidden, against, bias, target, weight, recipe.smooth)
