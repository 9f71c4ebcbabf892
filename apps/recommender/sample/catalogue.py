"""The sample's shop: any number of things in 25 categories. The same arguments give the same catalogue."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from math import exp, log
from random import Random
from typing import Any

from apps.recommender.sample.titles import Article, articles
from apps.recommender.sample.wordings import Category, Family, categories, department_titles

ITEMS = 1_500
SEED = 7
ACCESSORIES = 3  # things that go with one thing
SAME_MAKER = 0.6  # share of them that are of the same maker, where it makes such

# Shares of things that are not to be recommended, or hardly known: what a recommender must get right.
COMING, EXPIRED, HIDDEN, SOLD_OUT, NEW = 0.02, 0.025, 0.015, 0.04, 0.05
NEW_DAYS = 21


@dataclass(frozen=True, slots=True)
class SampleItem:
    """A thing of the shop.

    kind: its family, "kitchen.skillet";  thing: what it is, in a sentence;  maker: an invented firm
    available_from, available_until: None where open;  repeat: whether people buy it again;  gift: or for others
    """

    id: str
    title: str
    description: str
    category: str
    kind: str
    thing: str
    maker: str
    chosen: dict[str, str]
    price: float
    stock: int
    available_from: datetime | None
    available_until: datetime | None
    hidden: bool
    repeat: bool
    gift: bool

    def row(self) -> dict[str, Any]:
        """As a line of an items file."""
        told: dict[str, Any] = {
            "id": self.id,
            "title": self.title,
            "description": self.description,
            "categories": [department_titles()[self.category]],
            "attributes": {"maker": self.maker, "kind": self.kind, **self.chosen},
            "price": self.price,
            "stock": self.stock,
        }
        if self.available_from is not None:
            told["available_from"] = self.available_from.isoformat()
        if self.available_until is not None:
            told["available_until"] = self.available_until.isoformat()
        if self.hidden:
            told["hidden"] = True
        return told


@dataclass(frozen=True)
class Catalogue:
    """The shop's things, those of a category side by side, and what goes with what.

    next_of: by position, the positions of what is bought with a thing or after it, the likeliest first
    """

    items: list[SampleItem]
    next_of: list[tuple[int, ...]]


def catalogue(now: datetime, count: int = ITEMS, seed: int = SEED) -> Catalogue:
    """So many things as a shop offers them now, spread evenly over the categories.

    now: aware, in UTC; from it dates of availability are counted
    """
    departments = categories()
    items: list[SampleItem] = []
    volumes: list[int] = []
    for at, department in enumerate(departments):
        share = count // len(departments) + (at < count % len(departments))
        for number, (family, article) in enumerate(islice(_department(department, seed), share)):
            items.append(_item(f"{department.key}-{number + 1:04d}", family, article, now, seed))
            volumes.append(article.volume)
    return Catalogue(items, _goes_with(items, volumes, seed))


def item_rows(now: datetime, count: int = ITEMS, seed: int = SEED) -> Iterator[dict[str, Any]]:
    """The same things as lines of an items file, without holding them all: for millions."""
    departments = categories()
    for at, department in enumerate(departments):
        share = count // len(departments) + (at < count % len(departments))
        for number, (family, article) in enumerate(islice(_department(department, seed), share)):
            yield _item(f"{department.key}-{number + 1:04d}", family, article, now, seed).row()


def _department(department: Category, seed: int) -> Iterator[tuple[Family, Article]]:
    """Its families in turn; one whose titles are all written out steps aside until the others have as many."""
    shelves = [
        (family, articles(family, department.makers, Random(f"{seed}:{family.key}")))  # noqa: S311  a sample
        for family in department.families
    ]
    written = max(len(family.titles) for family, _ in shelves)
    turn = 0
    while True:
        for family, shelf in shelves:
            if family.names or turn < len(family.titles) or turn >= max(written, 1):
                yield family, next(shelf)
        turn += 1


def _item(name: str, family: Family, article: Article, now: datetime, seed: int) -> SampleItem:
    chance = Random(f"{seed}:{name}")  # noqa: S311
    low, high = family.price
    middle = chance.betavariate(1.6, 2.4)
    price = exp(log(low) + middle * (log(high) - log(low)))
    ending = chance.choice((0.99, 0.95, 0.90, 0.0)) if price < 100 else chance.choice((0.0, 9.0))
    price = max(0.99, (price // 1 if price < 100 else price // 10 * 10) + ending)
    state, starts, ends = chance.random(), None, None
    if state < COMING:
        starts = now + timedelta(days=chance.randint(2, 40))
    elif state < COMING + EXPIRED:
        ends = now - timedelta(days=chance.randint(1, 120))
    elif state < COMING + EXPIRED + NEW:
        starts = now - timedelta(days=chance.uniform(0.5, NEW_DAYS))
    hidden = COMING + EXPIRED + NEW <= state < COMING + EXPIRED + NEW + HIDDEN
    sold_out = chance.random() < SOLD_OUT
    return SampleItem(
        id=name,
        title=article.title,
        description=article.description,
        category=family.category,
        kind=family.key,
        thing=article.thing,
        maker=article.maker,
        chosen=article.chosen,
        price=round(price, 2),
        stock=0 if sold_out else min(int(chance.lognormvariate(3.2, 1.0)) + 1, 900),
        available_from=starts,
        available_until=ends,
        hidden=hidden,
        repeat=family.repeat,
        gift=family.gift,
    )


def _goes_with(items: list[SampleItem], volumes: list[int], seed: int) -> list[tuple[int, ...]]:
    """What follows a thing: the next volume of its series, or things of the families that go with its own."""
    by_kind: dict[tuple[str, str], list[int]] = {}
    for at, item in enumerate(items):
        by_kind.setdefault((item.kind, ""), []).append(at)
        by_kind.setdefault((item.kind, item.maker), []).append(at)
    volume_at = {
        (item.kind, volume): at for at, (item, volume) in enumerate(zip(items, volumes, strict=True)) if volume
    }
    then = {family.key: family.then for department in categories() for family in department.families}
    found = []
    for at, item in enumerate(items):
        chance = Random(f"{seed}:{item.id}:next")  # noqa: S311
        following = volume_at.get((item.kind, volumes[at] + 1)) if volumes[at] else None
        after = [] if following is None else [following]
        for kind in then[item.kind]:
            same = by_kind.get((kind, item.maker)) if chance.random() < SAME_MAKER else None
            if pool := same or by_kind.get((kind, "")):
                after.append(chance.choice(pool))
        found.append(tuple(dict.fromkeys(after))[:ACCESSORIES])
    return found
