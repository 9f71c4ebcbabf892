"""Events and items as columns: what learning and the catalogue in memory read. Knows no SQL and no file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class EventColumns:
    """Events in order of user, then time, then item id (as numbers where ids are numbers).

    users, items, types: names, which the numbers in `user`, `item` and `type` count from 0
    user: int32 (n,);  item: int32 (n,);  type: int16 (n,)
    value: float32 (n,), NaN where none;  seconds: float64 (n,), Unix seconds UTC
    """

    users: list[str]
    items: list[str]
    types: list[str]
    user: NDArray[np.int32]
    item: NDArray[np.int32]
    type: NDArray[np.int16]
    value: NDArray[np.float32]
    seconds: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.user)


@dataclass(frozen=True)
class ItemColumns:
    """Items in order of `key`, or those of them that changed after a revision.

    revision: of the catalogue as it was read: what to ask from the next time
    keys: int64 (n,), the catalogue's own numbers, which never change;  ids: what the shop calls them
    price: float64 (n,), NaN where none;  stock: float64 (n,), infinite where nobody counts it
    available_from, available_until: float64 (n,), Unix seconds UTC, -inf and inf where open
    created: float64 (n,), when it was first heard of, Unix seconds UTC
    hidden: bool (n,);  known: bool (n,), False for an id that only events named so far
    removed: bool (n,), True for what is no longer in the catalogue
    """

    revision: int
    keys: NDArray[np.int64]
    ids: list[str]
    titles: list[str]
    descriptions: list[str]
    categories: list[tuple[str, ...]]
    attributes: list[Mapping[str, Any]]
    image_urls: list[str]
    price: NDArray[np.float64]
    stock: NDArray[np.float64]
    available_from: NDArray[np.float64]
    available_until: NDArray[np.float64]
    created: NDArray[np.float64]
    hidden: NDArray[np.bool_]
    known: NDArray[np.bool_]
    removed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.keys)


def natural_order(ids: Sequence[str]) -> list[int]:
    """Positions of ids in their order: numbers by their size, before all that are none.

    >>> natural_order(["b", "10", "9", "a"])
    [2, 1, 3, 0]
    """
    return sorted(range(len(ids)), key=lambda at: _place(ids[at]))


def _place(name: str) -> tuple[bool, int, str]:
    number = name.isascii() and name.isdigit()
    return not number, int(name) if number else 0, name
