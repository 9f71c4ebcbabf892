"""Which part is not trained on, so that there is something to measure with, and what may not stand in both."""

import random

SHARE, SMALL_SHARE = 0.1, 0.2  # of much, and the most of little
ENOUGH, MOST = 50, 2_000  # cases to measure with


def hold_out(count: int, seed: int) -> list[int]:
    """Draw a tenth of many, up to a fifth of few.

    returns: places from 0 to `count`, in order; at least one

    >>> [len(hold_out(count, seed=7)) for count in (10, 100, 300, 5_000, 1_000_000)]
    [2, 20, 50, 500, 2000]
    """
    wanted = min(int(SMALL_SHARE * count), max(int(SHARE * count), ENOUGH), MOST)
    return sorted(random.Random(seed).sample(range(count), max(1, wanted)))  # noqa: S311  nothing secret


def same(text: str) -> str:
    """What two texts have in common that are one to a reader.

    >>> same("Where is  my card?") == same("where is my card?")
    True
    """
    return " ".join(text.casefold().split())
