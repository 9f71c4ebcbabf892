"""Items that nobody has had yet: what is added to their scores, so that they are recommended as often as they are due.

What an item's events would say of it, signals do not know, and the blend was fitted on items with events: left alone, a
new item stands behind all others. So items are forgotten on purpose, as if they were new, and the amount is chosen that
gives them as large a share of the first ten places as they had of what users wanted next. A new item is thus taken for
an average one of those there are. Learns nothing else, reads no files.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from scipy import sparse

from apps.recommender.pipeline.model.blend import Blend
from apps.recommender.pipeline.model.histories import Flags, Floats, Histories
from apps.recommender.pipeline.model.holding_out import HeldOut
from apps.recommender.pipeline.model.network import Network
from apps.recommender.pipeline.model.recommender import NEVER
from apps.recommender.pipeline.model.signals import ByNeighbours, ByPopularity, BySequence, Signal

SHARE = 0.1
"""Of all items, forgotten at a time."""
DRAWS = 3
USERS = 640
"""Whose lists are looked at for each."""
K = 10
MOST = 24.0
"""Largest amount: two signals' steepest."""
AT_ONCE = 256


def forgotten(signals: Mapping[str, Signal], items: Flags) -> dict[str, Signal]:
    """The same signals, as if these items had no event. items: (n,)"""
    return {name: _without(signal, items) for name, signal in signals.items()}


def _without(signal: Signal, items: Flags) -> Signal:
    match signal:
        case BySequence():
            return BySequence([_newer(network, items) for network in signal.networks])
        case ByNeighbours():
            old = signal.neighbours
            rows = np.repeat(items, np.diff(old.indptr))
            data = np.where(rows | items[old.indices], 0, old.data).astype(np.float32)
            return replace(signal, neighbours=sparse.csr_matrix((data, old.indices, old.indptr), shape=old.shape))
        case ByPopularity():
            return ByPopularity(np.where(items, 0, signal.amounts).astype(np.float32))
    return signal


def _newer(network: Network, items: Flags) -> Network:
    """A network that shares all weights, and trusts nothing that was learned of these items."""
    other = copy.copy(network)
    other._buffers = dict(network._buffers)
    other.trust = network.trust * torch.from_numpy(~items).to(network.trust)
    return other


def unseen_of(histories: Histories, text: Floats | None) -> Flags:
    """(n,), items without an event that have a text: of the others nothing is known, and nothing is added for them."""
    if text is None:
        return np.zeros(histories.item_count, dtype=np.bool_)
    return np.asarray((histories.counts() == 0) & np.any(text != 0, axis=1))


def welcome(blend: Blend, signals: Mapping[str, Signal], held: HeldOut, text: Floats | None, seed: int) -> float:
    """What to add to the score of an item without an event; 0 where no forgotten item was wanted.

    text: (n, w), zeros for items without a text, or None
    """
    if text is None or not text.any():
        return 0.0
    chance = np.random.default_rng(seed)
    n, able = held.past.item_count, np.flatnonzero(np.any(text != 0, axis=1))
    needs: list[Floats] = []
    wants: list[float] = []
    for _ in range(DRAWS):
        items = np.zeros(n, dtype=np.bool_)
        items[chance.permutation(able)[: max(1, round(len(able) * SHARE))]] = True
        some = forgotten(signals, items)
        wants.extend(float(items[wanted].mean()) for wanted in held.wanted)
        users = chance.permutation(held.users)[:USERS]
        for start in range(0, len(users), AT_ONCE):
            asked = held.past.of_users(users[start : start + AT_ONCE])
            scores = blend.score({name: some[name].score(asked) for name in blend.names}, asked)
            scores[asked.user, asked.item] = NEVER
            needs.append(needed(scores, items))
    amounts = np.sort(np.concatenate(needs))
    places = round(float(np.mean(wants)) * len(amounts))  # of all lists, that belong to new items
    if not 0 < places < len(amounts):
        return 0.0
    return float(np.clip((amounts[places - 1] + amounts[places]) / 2, -MOST, MOST))


def needed(scores: Floats, new: Flags) -> Floats:
    """What has to be added to new items for one of them, two, … to be among the first ten of each user, all in a row.

    scores: (u, n);  new: (n,)
    returns: (u * k,), k = 10 or the number of new items or of others, whichever is least

    >>> needed(np.array([[3.0, 1.0, 2.5]], dtype=np.float32), np.array([False, False, True])).tolist()
    [0.5]
    """
    k = min(K, int(new.sum()), int((~new).sum()))
    theirs, others = (-np.sort(np.partition(-scores[:, some], k - 1, axis=1)[:, :k], axis=1) for some in (new, ~new))
    # One more new item is among the first k when it passes the last of the others that still is.
    return np.asarray(others[:, ::-1] - theirs, dtype=np.float32).ravel()
