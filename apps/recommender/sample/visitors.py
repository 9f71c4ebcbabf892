"""Who comes to the sample's shop: tastes, purses and habits, drawn from a seed. Nobody has a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from apps.recommender.sample.wordings import Category

VISITORS = 3_000
YEAR_S = 365 * 86_400.0
COUNTRIES = {"DE": 30, "FR": 14, "NL": 10, "CH": 9, "AT": 8, "ES": 8, "IT": 7, "SE": 6, "PL": 5, "IE": 3}
AGES = {"18-24": 12, "25-34": 26, "35-44": 24, "45-54": 18, "55-64": 12, "65+": 8}
KINDS = 1_024  # more than there are families; somebody cares for three eighths of them


@dataclass(frozen=True)
class SampleVisitor:
    """A user, with what a shop never sees.

    consent: to recommendations from one's own events; None where nobody asked
    interests: weights of departments, by position;  favourites: families that somebody cares for, of all departments
    purse: 0 buys the cheapest, 1 the dearest;  loyal: the maker that somebody trusts, by department
    pace: visits, relative to others;  since: Unix seconds, when somebody first came
    """

    id: str
    attributes: dict[str, Any]
    consent: bool | None
    interests: tuple[float, ...]
    favourites: frozenset[str]
    purse: float
    loyal: dict[str, str]
    pace: float
    since: float

    def row(self) -> dict[str, Any]:
        """As a line of a users file."""
        told: dict[str, Any] = {"id": self.id, "attributes": self.attributes}
        if self.consent is not None:
            told["consent"] = self.consent
        return told


def visitors(now: datetime, count: int, departments: Sequence[Category], seed: int) -> list[SampleVisitor]:
    """So many users; each is the same, however many there are."""
    return [visitor(f"u-{number:05d}", now, departments, seed) for number in range(1, count + 1)]


def visitor(name: str, now: datetime, departments: Sequence[Category], seed: int) -> SampleVisitor:
    """The user of this name, or the stranger of this session."""
    chance = Random(f"{seed}:{name}")  # noqa: S311  a sample, not a secret
    weights = [0.02] * len(departments)
    for rank, at in enumerate(chance.sample(range(len(departments)), chance.choice((1, 2, 2, 3, 3, 4)))):
        weights[at] += chance.uniform(0.5, 1.0) / (1 + 0.6 * rank)
    bits = chance.getrandbits(KINDS) & (chance.getrandbits(KINDS) | chance.getrandbits(KINDS))
    kinds = [family.key for department in departments for family in department.families]
    favourites = {kind for at, kind in enumerate(kinds) if bits >> at & 1}
    loyal = {one.key: chance.choice(one.makers) for one in departments if chance.random() < 0.5}
    year_ago = (now - timedelta(seconds=YEAR_S)).timestamp()
    joined = year_ago if chance.random() < 0.55 else year_ago + chance.random() * YEAR_S * 0.97
    asked = chance.random()
    return SampleVisitor(
        id=name,
        attributes={
            "country": chance.choices(list(COUNTRIES), list(COUNTRIES.values()))[0],
            "age": chance.choices(list(AGES), list(AGES.values()))[0],
            "newsletter": chance.random() < 0.3,
        },
        consent=True if asked < 0.9 else None if asked < 0.97 else False,
        interests=tuple(weights),
        favourites=frozenset(favourites),
        purse=chance.betavariate(1.8, 1.8),
        loyal=loyal,
        pace=min(chance.lognormvariate(0.0, 0.9), 12.0),
        since=joined,
    )
