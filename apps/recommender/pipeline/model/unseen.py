"""Items that nobody has had yet: what is added to their scores, so that they stand where items like them would.

What an item's events would say of it, signals do not know, and the blend was fitted on items with events. So items are
forgotten on purpose, as if they were new, and the amount is chosen that makes it as likely as it was that the next item
is one of them. A new item is thus taken for an average one of those there are. Learns nothing else, reads no files.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from scipy import optimize, sparse

from apps.recommender.pipeline.model.blend import Blend, candidates
from apps.recommender.pipeline.model.histories import Flags, Floats, Histories, Longs
from apps.recommender.pipeline.model.holding_out import HeldOut
from apps.recommender.pipeline.model.network import Network
from apps.recommender.pipeline.model.signals import ByNeighbours, ByPopularity, BySequence, Signal

SHARE = 0.1
"""Of all items, forgotten at a time."""
DRAWS = 5
MOST = 8.0
"""Largest amount: e to this is how much likelier it makes an item."""
AT_ONCE = 256


def forgotten(signals: Mapping[str, Signal], items: Flags) -> dict[str, Signal]:
    """The same signals, as if these items had no event. items: (n,)"""
    return {name: _without(signal, items) for name, signal in signals.items()}


def _without(signal: Signal, items: Flags) -> Signal:
    match signal:
        case BySequence():
            return BySequence([_newer(network, items) for network in signal.networks])
        case ByNeighbours():
            known = sparse.diags((~items).astype(np.float32))
            return replace(signal, neighbours=(known @ signal.neighbours @ known).tocsr())
        case ByPopularity():
            return ByPopularity(np.where(items, 0, signal.amounts).astype(np.float32))
    return signal


def _newer(network: Network, items: Flags) -> Network:
    """A network that shares all weights, and trusts nothing that was learned of these items."""
    other = copy.copy(network)
    other._buffers = dict(network._buffers)
    other.trust = network.trust * torch.from_numpy(~items).to(network.trust)
    return other


def welcome(blend: Blend, signals: Mapping[str, Signal], held: HeldOut, seed: int) -> float:
    """What to add to the score of an item without an event; 0 where nobody's next item tells."""
    chance = np.random.default_rng(seed)
    n = held.past.item_count
    odds: list[Floats] = []
    was_new: list[Floats] = []
    for _ in range(DRAWS):
        items = np.zeros(n, dtype=np.bool_)
        items[chance.permutation(n)[: max(1, round(n * SHARE))]] = True
        some = forgotten(signals, items)
        for start in range(0, len(held.users), AT_ONCE):
            users = held.users[start : start + AT_ONCE]
            ahead, new = _odds(blend, some, held.past.of_users(users), held.wanted[start : start + AT_ONCE], items)
            odds.append(ahead)
            was_new.append(new)
    ahead, new = np.concatenate(odds), np.concatenate(was_new)
    if not 0 < new.mean() < 1:
        return 0.0

    def too_many(amount: float) -> float:
        return float(np.mean(1 / (1 + np.exp(-np.clip(ahead + amount, -50, 50)))) - new.mean())

    if too_many(-MOST) > 0 or too_many(MOST) < 0:
        return -MOST if too_many(-MOST) > 0 else MOST
    return float(optimize.brentq(too_many, -MOST, MOST))


def _odds(
    blend: Blend, signals: Mapping[str, Signal], histories: Histories, wanted: Sequence[Longs], items: Flags
) -> tuple[Floats, Floats]:
    """Of users whose next item is among the candidates: how likely a new one is as it stands, and whether it was.

    items: (n,), that count as new
    returns: logarithm of the odds (v,), and the share of the wanted items that are new (v,)
    """

    def say(some: Histories) -> dict[str, Floats]:
        return {name: signals[name].score(some) for name in blend.names}

    _, features, valid, right, chosen = candidates(say, histories, wanted)
    scores = np.einsum("ucf,uf->uc", features, blend.of(histories))
    new = items[chosen] & valid
    useful = right.any(1) & new.any(1)
    odds = _log_sum(scores, new) - _log_sum(scores, valid & ~new)
    return odds[useful], (right * new).sum(1)[useful]


def _log_sum(scores: Floats, some: Flags) -> Floats:
    """Logarithm of the sum of exponentials of some of each row."""
    return np.logaddexp.reduce(np.where(some, scores, -np.inf), axis=1)
