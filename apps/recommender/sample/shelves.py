"""What stands in the sample's shop at a moment, and how much each visitor likes it."""

from bisect import bisect_left
from collections.abc import Sequence, Set
from itertools import accumulate
from math import exp
from random import Random

from apps.recommender.sample.catalogue import Catalogue, SampleItem
from apps.recommender.sample.seasons import DAY_S
from apps.recommender.sample.visitors import SampleVisitor
from apps.recommender.sample.wordings import Category

SKEW = 0.85  # popularity falls with rank to this power
FASHION, FASHION_DAYS = 0.15, 20.0  # share of things that are the fashion for a while, and for how long
HIDDEN_DAYS, SOLD_OUT_DAYS = 30, 4  # so long ago what is hidden was hidden, and what is sold out ran out
TRIES = 8


class Shelf:
    """Some of the shop's things, drawn by how popular they are."""

    def __init__(self, positions: Sequence[int], weights: Sequence[float]) -> None:
        self.positions = positions
        self._sums = list(accumulate(weights[one] for one in positions))

    def draw(self, chance: Random) -> int:
        """A thing's position in the catalogue."""
        return self.positions[bisect_left(self._sums, chance.random() * self._sums[-1])]


class Shelves:
    """The whole shop, with what a shop never knows: how good things are, and when they are the fashion."""

    def __init__(self, catalogue: Catalogue, departments: Sequence[Category], now: float, seed: int) -> None:
        self.items: list[SampleItem] = catalogue.items
        self.next_of = catalogue.next_of
        self._now = now
        count = len(self.items)
        ranks = list(range(count))
        Random(f"{seed}:ranks").shuffle(ranks)  # noqa: S311  a sample
        self.popularity = [(3 + ranks[at]) ** -SKEW for at in range(count)]
        chance = Random(f"{seed}:things")  # noqa: S311
        self.quality = [chance.gauss(3.9, 0.8) for _ in range(count)]
        year = 365 * DAY_S
        self._peak = [now - chance.random() * year if chance.random() < FASHION else None for _ in range(count)]
        self.level = _levels(self.items)
        by_department: dict[str, list[int]] = {one.key: [] for one in departments}
        gifts: dict[str, list[int]] = {one.key: [] for one in departments}
        kinds: dict[str, list[int]] = {}
        for at, item in enumerate(self.items):
            by_department[item.category].append(at)
            kinds.setdefault(item.kind, []).append(at)
            if item.gift:
                gifts[item.category].append(at)
        self.departments = [self._shelf(by_department[one.key]) for one in departments]
        self.gifts = [self._shelf(gifts[one.key]) for one in departments]
        self.kinds = {kind: Shelf(some, self.popularity) for kind, some in kinds.items()}

    def _shelf(self, positions: list[int]) -> Shelf | None:
        return Shelf(positions, self.popularity) if positions else None

    def offered(self, at: int, moment: float) -> bool:
        """Whether a thing could be seen then."""
        item = self.items[at]
        if item.available_from is not None and item.available_from.timestamp() > moment:
            return False
        if item.available_until is not None and item.available_until.timestamp() <= moment:
            return False
        return not (item.hidden and moment > self._now - HIDDEN_DAYS * DAY_S)

    def in_stock(self, at: int, moment: float) -> bool:
        """Whether it could be bought then."""
        return self.items[at].stock > 0 or moment < self._now - SOLD_OUT_DAYS * DAY_S

    def liking(self, who: SampleVisitor, at: int, moment: float) -> float:
        """How much somebody likes a thing at a moment, in (0, 1]."""
        item = self.items[at]
        price = 1 - 0.8 * abs(self.level[at] - who.purse)
        family = 1.0 if item.kind in who.favourites else 0.3
        trusted = who.loyal.get(item.category)
        maker = 0.75 if trusted is None else 1.0 if trusted == item.maker else 0.4
        peak = self._peak[at]
        fashion = 1.0 if peak is None else 0.25 + 0.75 * exp(-(((moment - peak) / (FASHION_DAYS * DAY_S)) ** 2))
        return price * family * maker * fashion

    def pick(
        self, shelf: Shelf, who: SampleVisitor, moment: float, chance: Random, seen: Set[int] = frozenset()
    ) -> int | None:
        """A thing of a shelf that somebody would look at; None where nothing is left. seen: not these"""
        last = None
        for _ in range(TRIES):
            at = shelf.draw(chance)
            if at in seen or not self.offered(at, moment):
                continue
            last = at
            if chance.random() < self.liking(who, at, moment) * 1.2:
                return at
        return last


def _levels(items: Sequence[SampleItem]) -> list[float]:
    """How dear each thing is among its kind: 0 the cheapest, 1 the dearest."""
    prices: dict[str, list[float]] = {}
    for item in items:
        prices.setdefault(item.kind, []).append(item.price)
    for some in prices.values():
        some.sort()
    return [bisect_left(prices[one.kind], one.price) / max(1, len(prices[one.kind]) - 1) for one in items]
