"""One visitor's visits to the sample's shop, from the first to the last: looking, buying, coming back for what goes
with it, and telling what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from random import Random

from apps.recommender.sample.seasons import DAY_S, looks_for_gift
from apps.recommender.sample.shelves import Shelf, Shelves
from apps.recommender.sample.visitors import SampleVisitor
from apps.recommender.sample.wordings import Category, comments

GOES_ON, MOST_VIEWS = 0.76, 25  # whether somebody looks at one more thing
NEXT_FITS, NEXT_SIMILAR, NEXT_DEPARTMENT = 0.42, 0.66, 0.9  # what it is: what goes with this, its like, its department
SHOWN_SHARE, SHOWN, CONSIDERED = 0.14, 6, 12  # visits that begin with a list; its length; things it is drawn from
AGAIN_AFTER_DAYS = 24
RATED, COMMENTED = 0.4, 0.5


@dataclass(frozen=True, slots=True)
class SampleEvent:
    """Something that happened. seconds: Unix, UTC;  session: always there;  user: "" for strangers

    request, position: of an impression, and of a click on one;  position: from 1, 0 for none
    propensity: with which the list put this thing there, given the places above
    """

    seconds: float
    user: str
    session: str
    item: int
    type: str
    value: float | None = None
    text: str = ""
    request: str = ""
    position: int = 0
    propensity: float = 0.0


@dataclass
class Life:
    """What a visitor remembers. waiting: things that go with what was bought, and from when on they are wanted"""

    bought: dict[int, float] = field(default_factory=dict)
    waiting: list[tuple[float, int]] = field(default_factory=list)


class Visits:
    """All that one visitor does, in order of the visits' times."""

    def __init__(
        self, shelves: Shelves, departments: tuple[Category, ...], who: SampleVisitor, end: float, chance: Random
    ) -> None:
        self._shelves, self._departments, self._who, self._chance = shelves, departments, who, chance
        self._end, self._life = end, Life()
        self._places = {one.key: at for at, one in enumerate(departments)}

    def visit(self, start: float, session: str, user: str) -> Iterator[SampleEvent]:
        """One visit. start: Unix seconds"""
        chance, moment = self._chance, start
        at, shown = self._beginning(start), []
        if chance.random() < SHOWN_SHARE:
            shown = list(self._list(start, session, user))
            yield from shown
            clicked = next((one for one in shown if one.type == "click"), None)
            if clicked is not None:
                at, moment = clicked.item, clicked.seconds
        seen: set[int] = set()
        for _ in range(MOST_VIEWS):
            if at is None or moment >= self._end:
                return
            seen.add(at)
            liking = self._shelves.liking(self._who, at, moment)
            yield SampleEvent(moment, user, session, at, "view")
            moment += chance.uniform(5, 90)
            if chance.random() < 0.2 + 0.45 * liking:
                yield SampleEvent(moment, user, session, at, "click")
                moment += chance.uniform(5, 120)
                if chance.random() < 0.1 + 0.4 * liking and self._shelves.in_stock(at, moment):
                    yield SampleEvent(moment, user, session, at, "cart")
                    moment += chance.uniform(20, 300)
                    if chance.random() < 0.62 and moment < self._end:
                        yield from self._buy(at, moment, user, session)
                        moment += chance.uniform(5, 60)
            if chance.random() > GOES_ON:
                return
            at = self._next(at, moment, seen)

    def _beginning(self, start: float) -> int | None:
        """Where a visit begins: at what goes with the last purchase, at what is used up, at a present, or anywhere."""
        chance, life = self._chance, self._life
        due = [one for one in life.waiting if one[0] <= start and self._shelves.offered(one[1], start)]
        if due and chance.random() < 0.55:
            life.waiting.remove(due[0])
            return due[0][1]
        if chance.random() < 0.35:
            for at, when in life.bought.items():
                used_up = self._shelves.items[at].repeat and start - when > AGAIN_AFTER_DAYS * DAY_S
                if used_up and self._shelves.offered(at, start):
                    return at
        shelf = self._shelf(start)
        return None if shelf is None else self._shelves.pick(shelf, self._who, start, chance)

    def _shelf(self, moment: float) -> Shelf | None:
        date = datetime.fromtimestamp(moment, UTC)
        gift = looks_for_gift(date, self._chance)
        weights = [
            (0.2 + interest if gift else interest) * department.months[date.month - 1]
            for interest, department in zip(self._who.interests, self._departments, strict=True)
        ]
        at = self._chance.choices(range(len(weights)), weights)[0]
        return (self._shelves.gifts[at] if gift else None) or self._shelves.departments[at]

    def _next(self, at: int, moment: float, seen: set[int]) -> int | None:
        chance, shelves, draw = self._chance, self._shelves, self._chance.random()
        item = shelves.items[at]
        fitting = [one for one in shelves.next_of[at] if one not in seen and shelves.offered(one, moment)]
        if draw < NEXT_FITS and fitting:
            return fitting[min(int(chance.expovariate(1.2)), len(fitting) - 1)]
        if draw < NEXT_SIMILAR:
            found = shelves.pick(shelves.kinds[item.kind], self._who, moment, chance, seen)
            if found is not None:
                return found
        shelf = shelves.departments[self._places[item.category]] if draw < NEXT_DEPARTMENT else self._shelf(moment)
        return None if shelf is None else shelves.pick(shelf, self._who, moment, chance, seen)

    def _list(self, start: float, session: str, user: str) -> Iterator[SampleEvent]:
        """A list that the shop showed, each place drawn by popularity from what is left, and the click on it, if any.

        The first places are looked at more, whatever stands in them.
        """
        chance, shelf = self._chance, self._shelf(start)
        if shelf is None:
            return
        drawn = (self._shelves.pick(shelf, self._who, start, chance) for _ in range(CONSIDERED))
        left = list(dict.fromkeys(at for at in drawn if at is not None))
        clicked = False
        for position in range(1, min(SHOWN, len(left)) + 1):
            weights = [self._shelves.popularity[at] ** 0.5 for at in left]
            chosen = chance.choices(range(len(left)), weights)[0]
            propensity, at = weights[chosen] / sum(weights), left.pop(chosen)
            shown = partial(
                SampleEvent,
                user=user,
                session=session,
                item=at,
                request=f"q-{session}",
                position=position,
                propensity=round(propensity, 6),
            )
            yield shown(start + position / 1_000, type="impression")
            looked = 1 / (1 + 0.35 * (position - 1))
            if not clicked and chance.random() < looked * self._shelves.liking(self._who, at, start) * 0.6:
                clicked = True
                moment = min(start + chance.uniform(2, 30), self._end - 0.001)
                yield shown(moment, type="click")

    def _buy(self, at: int, moment: float, user: str, session: str) -> Iterator[SampleEvent]:
        chance, item = self._chance, self._shelves.items[at]
        count = chance.choice((1, 1, 1, 2)) if item.repeat else 1
        yield SampleEvent(moment, user, session, at, "purchase", round(item.price * count, 2))
        self._life.bought[at] = moment
        for following in self._shelves.next_of[at]:
            if chance.random() < 0.65:
                self._life.waiting.append((moment + chance.uniform(1, 25) * DAY_S, following))
        if not user or chance.random() > RATED:
            return
        told = moment + chance.uniform(4, 25) * DAY_S
        if told >= self._end:
            return
        stars = min(5, max(1, round(chance.gauss(self._shelves.quality[at], 0.9))))
        yield SampleEvent(told, user, session, at, "rating", float(stars))
        if stars == 5 and chance.random() < 0.4:
            yield SampleEvent(told + 5, user, session, at, "like")
        if stars <= 2 and chance.random() < 0.5:
            yield SampleEvent(told + 5, user, session, at, "dislike")
        if chance.random() < COMMENTED:
            yield SampleEvent(told + 30, user, session, at, "comment", text=_comment(item.thing, stars, chance))


def _comment(thing: str, stars: int, chance: Random) -> str:
    mood = "praise" if stars >= 4 else "mixed" if stars == 3 else "blame"
    some = chance.sample(comments()[mood], chance.choice((1, 1, 2)))
    return " ".join(some).replace("{thing}", thing)
