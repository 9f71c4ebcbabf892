"""What each user did, in order of time: the shape that all models of the recommender learn from. Reads no files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float32]
Seconds = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Histories:
    """Events of u users, oldest first.

    starts: (u + 1,), the events of user k are starts[k] to starts[k + 1];  item: (n,), in [0, item_count)
    seconds: (n,), Unix seconds;  weight: (n,), how much an event says for its item
    """

    starts: Longs
    item: Ints
    seconds: Seconds
    weight: Floats
    item_count: int

    @classmethod
    def gather(
        cls,
        user: Ints,
        item: Ints,
        seconds: Seconds,
        *,
        user_count: int,
        item_count: int,
        weight: Floats | None = None,
    ) -> Histories:
        """Columns of events, ordered by user, then time.

        >>> Histories.gather(np.array([0, 0, 2]), np.array([5, 6, 5]), np.zeros(3), user_count=3, item_count=7).starts
        array([0, 2, 2, 3])
        """
        starts = np.zeros(user_count + 1, dtype=np.int64)
        np.cumsum(np.bincount(user, minlength=user_count), out=starts[1:])
        weight = np.ones(len(item), dtype=np.float32) if weight is None else weight
        return cls(
            starts,
            np.ascontiguousarray(item, dtype=np.int32),
            np.asarray(seconds, dtype=np.float64),
            np.asarray(weight, dtype=np.float32),
            item_count,
        )

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Longs:
        """(u,), events of each user."""
        return np.diff(self.starts)

    @property
    def user(self) -> Ints:
        """(n,), whose each event is."""
        return np.repeat(np.arange(len(self), dtype=np.int32), self.lengths)

    def of(self, user: int) -> slice:
        """Where a user's events are."""
        return slice(int(self.starts[user]), int(self.starts[user + 1]))

    def items_by_user(self) -> Iterator[Ints]:
        """The items of each user, oldest first."""
        for user in range(len(self)):
            yield self.item[self.of(user)]

    def keep(self, kept: Flags) -> Histories:
        """Only some of the events; users stay, if need be with none. kept: (n,)"""
        return Histories.gather(
            self.user[kept],
            self.item[kept],
            self.seconds[kept],
            user_count=len(self),
            item_count=self.item_count,
            weight=self.weight[kept],
        )

    def before(self, moment: float) -> Histories:
        """What happened before a moment (Unix seconds)."""
        return self.keep(self.seconds < moment)

    def of_users(self, users: Ints) -> Histories:
        """The same events of these users only, in their order."""
        lengths = self.lengths[users]
        starts = np.zeros(len(users) + 1, dtype=np.int64)
        np.cumsum(lengths, out=starts[1:])
        places = np.arange(starts[-1]) + np.repeat(self.starts[users] - starts[:-1], lengths)
        return Histories(starts, self.item[places], self.seconds[places], self.weight[places], self.item_count)

    def without_last(self, users: Flags | None = None, *, least: int = 2) -> tuple[Histories, Ints]:
        """Hide the last event of users who have at least `least`.

        users: (u,), of whom; None: of all
        returns: the rest, and what was hidden (u,), -1 where nothing was
        """
        hidden = self.lengths >= least
        if users is not None:
            hidden &= users
        places = self.starts[1:][hidden] - 1
        target = np.full(len(self), -1, dtype=np.int32)
        target[hidden] = self.item[places]
        kept = np.ones(len(self.item), dtype=np.bool_)
        kept[places] = False
        return self.keep(kept), target

    def counts(self) -> Longs:
        """(items,), how many events each item has."""
        return np.bincount(self.item, minlength=self.item_count).astype(np.int64)

    def matrix(self, weight: Floats | None = None) -> sparse.csr_matrix:
        """(u, items), who had what: 1, or the largest of the weights (n,) given."""
        if weight is None:
            found = sparse.csr_matrix(
                (np.ones(len(self.item), dtype=np.float32), self.item.copy(), self.starts.copy()),
                shape=(len(self), self.item_count),
            )  # copies, since scipy sorts what it is given in place
            found.sum_duplicates()
            found.data[:] = 1.0
            return found
        order = np.lexsort((-weight, self.item, self.user))
        user, item = self.user[order], self.item[order]
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = (user[1:] != user[:-1]) | (item[1:] != item[:-1])
        return sparse.csr_matrix((weight[order][first], (user[first], item[first])), shape=(len(self), self.item_count))
