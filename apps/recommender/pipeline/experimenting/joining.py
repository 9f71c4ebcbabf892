"""What came of lists that were served: which item was really shown, and which earned something. Reads nothing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from apps.recommender.store.served import Outcome, Served

Came = set[tuple[str, str]]
"""Request and item."""


def joined(served: Sequence[Served], outcomes: Iterable[Outcome], within_s: float) -> Came:
    """Which items of which lists something came of, in time.

    An event that names a list is of that list; another one is of its person's last list before it that held the item.
    served: of each person in order of time;  within_s: seconds after the list in which an event counts

    >>> lists = [Served("q1", 7, "users", 0.0, [("a", 1.0), ("b", 1.0)], None),
    ...          Served("q2", 7, "users", 50.0, [("b", 1.0)], None)]
    >>> events = [Outcome(7, "a", 60.0, ""), Outcome(7, "b", 60.0, ""), Outcome(7, "b", 70.0, "q1")]
    >>> sorted(joined(lists, events, 100.0))
    [('q1', 'a'), ('q1', 'b'), ('q2', 'b')]
    """
    by_request = {one.request: one for one in served}
    lists: dict[tuple[int, str], list[Served]] = {}
    for one in served:
        for item, _ in one.items if one.who else ():
            lists.setdefault((one.who, item), []).append(one)
    came: Came = set()
    for event in outcomes:
        if event.request:
            found = by_request.get(event.request)
            if found is None or event.item not in dict(found.items):
                continue
        else:
            some = lists.get((event.who, event.item), [])
            at = bisect_right(some, event.at, key=lambda one: one.at)
            if not at:
                continue
            found = some[at - 1]
        if found.at <= event.at <= found.at + within_s:
            came.add((found.request, event.item))
    return came
