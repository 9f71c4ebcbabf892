"""What a model is chosen and measured on: events hidden from it, in the way that fits how they come. Knows no model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from apps.recommender.pipeline.model.histories import Histories, Ints, Longs
from apps.recommender.pipeline.model.windows import moments

Aim = Literal["next", "later"]
"""What is to be foreseen: what somebody wants next, or what is new to them in the time to come."""
BASKET = 2.5
"""Events a moment from which they come in baskets: the order within one then means nothing."""
LEAST = 3
"""Events of a user of whom one may be hidden."""
LATE = 0.1
"""Share of the span of time that is hidden where events come in baskets."""
NEW = 0.1
"""Share of items all of whose events are hidden, so that they are new."""


@dataclass(frozen=True)
class Nature:
    """How events come. per_moment: events of a user in one second;  repeats: share of events with an item had before"""

    users: int
    items: int
    events: int
    per_moment: float
    repeats: float

    @property
    def baskets(self) -> bool:
        """Whether several things are mostly had at once."""
        return self.per_moment >= BASKET


def nature_of(histories: Histories) -> Nature:
    """Count what there is."""
    events = len(histories.item)
    if not events:
        return Nature(0, histories.item_count, 0, 1.0, 0.0)
    return Nature(
        users=int((histories.lengths > 0).sum()),
        items=int((histories.counts() > 0).sum()),
        events=events,
        per_moment=events / len(np.unique(moments(histories))),
        repeats=1 - histories.matrix().nnz / events,
    )


@dataclass(frozen=True)
class HeldOut:
    """past: what is left to learn from;  users: (h,), of whom something is hidden;  wanted: items of each, one or more

    kind: "last event" of each user, what was new to each "later" than a moment, or the last event where all events of
        some items are hidden too, so that these are "new items"
    """

    past: Histories
    users: Ints
    wanted: list[Longs]
    kind: Literal["last event", "later", "new items"]


def hold_out(histories: Histories, most: int, seed: int, aim: Aim = "next") -> HeldOut:
    """Hide what fits: the last event where order says what comes next, all after a moment where baskets come."""
    if aim == "later" or nature_of(histories).baskets:
        return later(histories, most, seed)
    return last_events(histories, most, seed)


def last_events(histories: Histories, most: int, seed: int, *, least: int = LEAST) -> HeldOut:
    """Hide the last event of `most` users at random who have at least `least`."""
    able = np.flatnonzero(histories.lengths >= least)
    chance = np.random.default_rng(seed)
    some = np.sort(chance.permutation(able)[:most])
    flags = np.zeros(len(histories), dtype=np.bool_)
    flags[some] = True
    past, target = histories.without_last(flags, least=least)
    return HeldOut(
        past, some.astype(np.int32), [target[user : user + 1].astype(np.int64) for user in some], "last event"
    )


def later(histories: Histories, most: int, seed: int, *, since: float | None = None) -> HeldOut:
    """Hide what happened from a moment on; wanted is what a user had not had before. since: Unix seconds"""
    if since is None:
        first, last = float(histories.seconds.min()), float(histories.seconds.max())
        since = last - LATE * (last - first)
    past = histories.before(since)
    had, hidden = past.matrix(), histories.keep(histories.seconds >= since)
    users, wanted = [], []
    for user in np.flatnonzero((past.lengths > 0) & (hidden.lengths > 0)).tolist():
        before = had.indices[had.indptr[user] : had.indptr[user + 1]]
        new = np.setdiff1d(hidden.item[hidden.of(int(user))], before)
        if len(new):
            users.append(user)
            wanted.append(new.astype(np.int64))
    kept = np.sort(np.random.default_rng(seed).permutation(len(users))[:most])
    return HeldOut(past, np.array(users, dtype=np.int32)[kept], [wanted[at] for at in kept], "later")


def new_items(histories: Histories, most: int, seed: int, *, share: float = NEW) -> HeldOut:
    """Hide each user's last event, and all events of a share of the items that have any, at random.

    What is left are users with an event; of some the item wanted has events, of others it is new.
    """
    held = last_events(histories, len(histories), seed, least=2)
    known = np.flatnonzero(histories.counts() > 0)
    hidden = np.zeros(histories.item_count, dtype=np.bool_)
    hidden[np.random.default_rng(seed).permutation(known)[: round(len(known) * share)]] = True
    past = held.past.keep(~hidden[held.past.item])
    able = np.flatnonzero(past.lengths[held.users] > 0)
    kept = np.sort(np.random.default_rng(seed).permutation(able)[:most])
    return HeldOut(past, held.users[kept], [held.wanted[at] for at in kept], "new items")
