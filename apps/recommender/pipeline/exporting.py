"""Recommendations for many users into a file, in pieces, so that a stopped run goes on. Knows no SQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from apps.recommender.pipeline.learning import Learnable
from apps.recommender.pipeline.model.files import Stored
from apps.recommender.pipeline.model.histories import Histories

AT_ONCE = 512
"""Users that are ranked together."""


def export(
    stored: Stored,
    learned: Learnable,
    users: Sequence[str],
    target: Path,
    *,
    k: int,
    exclude_seen: bool,
    show: Callable[[int], None] = lambda done: None,
) -> int:
    """Write `{"user", "items"}` a line, best first; users who did nothing yet get what is popular.

    What lies in `target` already, of a run that was stopped, stays: users whose line is whole are passed over, a torn
    last line is written again.

    returns: how many users were there already
    """
    done = _resume(target)
    left = [user for user in users if user not in done]
    places = {name: at for at, name in enumerate(learned.users)}
    histories = _over(learned, stored.items)
    show(len(users) - len(left))
    with target.open("ab") as file:
        for start in range(0, len(left), AT_ONCE):
            some = left[start : start + AT_ONCE]
            asked = _of(histories, [places.get(user, -1) for user in some])
            found = stored.recommender.recommend(asked, k, exclude_seen=exclude_seen)
            file.write("".join(_lines(some, found.tolist(), stored.items)).encode())
            file.flush()
            show(len(users) - len(left) + start + len(some))
    return len(done)


def _lines(users: Sequence[str], found: Sequence[Sequence[int]], items: Sequence[str]) -> Iterator[str]:
    for user, places in zip(users, found, strict=True):
        row = {"user": user, "items": [items[at] for at in places if at >= 0]}
        yield json.dumps(row, ensure_ascii=False) + "\n"


def _resume(target: Path) -> set[str]:
    """Users whose line is whole; what a kill tore off is cut away."""
    if not target.exists():
        return set()
    whole, users = 0, set[str]()
    with target.open("rb") as file:
        for line in file:
            try:
                users.add(str(json.loads(line)["user"]))
            except (ValueError, KeyError, TypeError):
                break
            if not line.endswith(b"\n"):
                break
            whole += len(line)
    with target.open("rb+") as file:
        file.truncate(whole)
    return users


def _over(learned: Learnable, items: Sequence[str]) -> Histories:
    """The histories with the model's numbers for items; events with items that it does not know are left out."""
    place = {name: at for at, name in enumerate(items)}
    number = np.array([place.get(name, -1) for name in learned.items], dtype=np.int32)
    item = number[learned.histories.item]
    kept = item >= 0
    old = learned.histories
    return Histories.gather(
        old.user[kept],
        item[kept],
        old.seconds[kept],
        user_count=len(old),
        item_count=len(items),
        weight=old.weight[kept],
    )


def _of(histories: Histories, places: Sequence[int]) -> Histories:
    """Histories of users by their place; an empty one for -1."""
    known = np.array([at for at in places if at >= 0], dtype=np.int32)
    some = histories.of_users(known)
    lengths = np.zeros(len(places), dtype=np.int64)
    lengths[[at >= 0 for at in places]] = some.lengths
    starts = np.zeros(len(places) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return Histories(starts, some.item, some.seconds, some.weight, histories.item_count)
