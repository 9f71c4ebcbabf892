"""Six months of news about companies that do not exist. The same moment gives the same news."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from math import exp
from pathlib import Path
from random import Random

from apps.finance_sentiment.pipeline.companies import read_companies
from apps.finance_sentiment.pipeline.linking import DOUBT
from apps.finance_sentiment.sample.wordings import MOODS, Issuer, headlines, table, written
from apps.finance_sentiment.schemas.entities import EntityEdit

DAYS = 182
SEED = 7

# Outlets: id of the source -> what it is called. Two carry short posts, the others articles.
OUTLETS = {
    "demo-morning-wire": "Morning Wire",
    "demo-ledger-post": "The Ledger Post",
    "demo-bourse-daily": "Bourse Daily",
    "demo-coastline-news": "Coastline News",
    "demo-capital-hour": "Capital Hour",
    "demo-northern-courier": "Northern Courier",
    "demo-trade-week": "Trade Week",
    "demo-open-floor": "Open Floor",
    "demo-street-talk": "Street Talk",
}
POSTS = ("demo-open-floor", "demo-street-talk")
PAPERS = tuple(outlet for outlet in OUTLETS if outlet not in POSTS)

# Share of a working day's news that falls into each hour (UTC): a European morning, an American afternoon.
HOURS = (1, 1, 1, 1, 2, 4, 8, 10, 10, 9, 8, 8, 8, 9, 10, 9, 8, 6, 5, 4, 4, 3, 2, 1)
WEEKDAYS = (1.0, 1.05, 1.05, 1.05, 0.95, 0.22, 0.28)
BAD, GOOD = 0.23, 0.27  # shares of quiet days
DRIFT = 0.05  # how much a company's shares wander from week to week
POST_SHARE, BARE_SHARE, COPIED_SHARE = 0.18, 0.3, 0.045
PAIRS_A_DAY, TRAPS_A_DAY = 2.2, 0.4
COPY_PREFIXES = ("UPDATE 1-", "Opinion | ", "BREAKING: ", "Exclusive: ", "")


@dataclass(frozen=True, slots=True)
class SampleDocument:
    """A text as an outlet publishes it. moods: what was meant, by entity; not part of the text"""

    source: str
    external_id: str
    url: str
    title: str
    text: str
    published_at: datetime
    moods: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlantedEvent:
    """Something that a monitor must notice, or must not. start: its first report;  alert: whether one is expected

    found_by: when it should be noticed at the latest;  direction: where the mood goes
    """

    kind: str
    about: str
    entity: str
    start: datetime
    end: datetime
    alert: bool
    found_by: datetime
    direction: str


@dataclass(frozen=True)
class Archive:
    """companies: by id;  documents: in order of time;  events: in order of their start"""

    companies: dict[str, EntityEdit]
    documents: list[SampleDocument]
    events: list[PlantedEvent]


@dataclass(frozen=True, slots=True)
class Turn:
    """A company whose news slowly turns bad, and recovers as slowly. most: share of bad news at the worst"""

    entity: str
    start: datetime
    worst: datetime
    most: float = 0.8

    def share(self, at: datetime) -> float:
        """How far it has turned, from 0 to 1."""
        through = (at - self.start) / (self.worst - self.start)
        return max(0.0, min(through, 2 - through))


@cache
def companies() -> dict[str, EntityEdit]:
    """The sample's companies, none of which exists."""
    return read_companies(Path(str(files(__package__) / "companies.csv")))


@cache
def issuers() -> dict[str, Issuer]:
    """The same, with what is written about them."""
    known = {}
    for entity, told in table("companies").items():
        edit = companies()[entity]
        names = (edit.name, *(alias for alias in edit.aliases if not alias.endswith(DOUBT)))
        names += tuple(alias.removesuffix(DOUBT) for alias in edit.aliases if alias.endswith(DOUBT))
        ticker = "$" + edit.tickers[0].partition(":")[2]
        known[entity] = Issuer(
            entity, names, ticker, told["kind"], told["daily"], told["lean"], tuple(told["products"])
        )
    return known


def background(day: date, seed: int = SEED, turns: Sequence[Turn] = ()) -> list[SampleDocument]:
    """A quiet day's news, in order of time; the same for every call, whatever other days were asked for."""
    # When things happen is drawn apart from what they say, so that a turn changes the words of its company only.
    chance = Random(f"{seed}:{day.isoformat()}")  # noqa: S311  a sample, not a secret
    pace = WEEKDAYS[day.weekday()]
    documents: list[SampleDocument] = []
    for issuer in issuers().values():
        told = dict.fromkeys(MOODS, 0)
        for number in range(_poisson(issuer.daily * pace, chance)):
            at, name = _moment(day, chance), f"{day:%Y%m%d}-{issuer.entity}-{number}"
            words = _words(seed, name)
            mood = _mood(issuer, at, seed, turns, words)
            documents.append(_report(issuer, mood, at, told[mood], name, words))
            told[mood] += 1
    for number in range(_poisson(PAIRS_A_DAY * pace, chance)):
        name = f"{day:%Y%m%d}-pair-{number}"
        documents.append(_pair(_moment(day, chance), name, _words(seed, name)))
    for number in range(_poisson(TRAPS_A_DAY, chance)):
        name = f"{day:%Y%m%d}-other-{number}"
        documents.append(nameless("traps", _moment(day, chance), name, _words(seed, name)))
    copied = [one for one in documents if chance.random() < COPIED_SHARE and one.source in PAPERS]
    for one in copied:
        words = _words(seed, f"{one.external_id}-copies")
        documents += copies(one, words.randint(2, 5), 150, words)
    return sorted(documents, key=lambda one: (one.published_at, one.external_id))


def copies(one: SampleDocument, count: int, within_minutes: int, chance: Random) -> list[SampleDocument]:
    """The same report in other outlets, a little later, some with a prefix or their name behind the title."""
    others = chance.sample([outlet for outlet in PAPERS if outlet != one.source], min(count, len(PAPERS) - 1))
    made = []
    for number, outlet in enumerate(others):
        title = chance.choice(COPY_PREFIXES) + one.title
        if chance.random() < 0.4:
            title += f" - {OUTLETS[outlet]}"
        at = one.published_at + timedelta(seconds=chance.randint(60, within_minutes * 60))
        name = f"{one.external_id}-c{number}"
        made.append(
            replace(one, source=outlet, external_id=name, url=address(outlet, name), title=title, published_at=at)
        )
    return made


def nameless(kind: str, at: datetime, name: str, chance: Random) -> SampleDocument:
    """News that names none of the companies. kind: "traps", whose words look as if, or "market" """
    told = table("wordings")[kind]
    title = written(chance.choice(told["headlines"]), chance, {})
    text = "" if chance.random() < BARE_SHARE else written(chance.choice(told["sentences"]), chance, {})
    outlet = chance.choice(PAPERS)
    return SampleDocument(outlet, name, address(outlet, name), title, text, at)


def address(outlet: str, name: str) -> str:
    """Where a report would stand; `.example` belongs to nobody."""
    return f"https://{outlet.removeprefix('demo-')}.example/{name}"


def article(told: Sequence[str], about: Mapping[str, Issuer], count: int, chance: Random) -> str:
    """Some of the sentences, after one that names the company."""
    some = [written(one, chance, about) for one in chance.sample(list(told), min(count, len(told)))]
    opening = written("{A} said (this|so) on {weekday}.", chance, about) if chance.random() < 0.4 else ""
    return " ".join(part for part in (opening, *some) if part)


def _report(issuer: Issuer, mood: str, at: datetime, number: int, name: str, chance: Random) -> SampleDocument:
    about = {"A": issuer}
    if chance.random() < POST_SHARE:
        outlet = chance.choice(POSTS)
        title = written(chance.choice(table("wordings")["posts"][mood]), chance, about)
        return SampleDocument(outlet, name, address(outlet, name), title, "", at, {issuer.entity: mood})
    outlet = chance.choice(PAPERS)
    titles, told = headlines(issuer.kind, mood)
    # In turn, so that the same words do not come back within a few days and look like the same story.
    order = Random(f"{issuer.entity}:{mood}").sample(range(len(titles)), len(titles))  # noqa: S311
    title = written(titles[order[(at.date().toordinal() * 3 + number) % len(titles)]], chance, about)
    text = "" if chance.random() < BARE_SHARE else article(told, about, chance.randint(1, 3), chance)
    return SampleDocument(outlet, name, address(outlet, name), title, text, at, {issuer.entity: mood})


def _pair(at: datetime, name: str, chance: Random) -> SampleDocument:
    first = chance.choice(list(issuers().values()))
    sector = companies()[first.entity].sector
    others = [one for one in issuers().values() if one is not first]
    near = [one for one in others if companies()[one.entity].sector == sector]
    about = {"A": first, "B": chance.choice(near or others)}
    told = chance.choices(table("wordings")["pair"], weights=(5, 2, 2, 2))[0]
    title = written(chance.choice(told["headlines"]), chance, about)
    text = "" if chance.random() < BARE_SHARE else " ".join(written(one, chance, about) for one in told["sentences"])
    outlet = chance.choice(PAPERS)
    moods = {about[slot].entity: mood for slot, mood in zip("AB", told["moods"], strict=True)}
    return SampleDocument(outlet, name, address(outlet, name), title, text, at, moods)


def _mood(issuer: Issuer, at: datetime, seed: int, turns: Sequence[Turn], chance: Random) -> str:
    week = at.isocalendar()
    drift = Random(f"{seed}:{issuer.entity}:{week.year}-{week.week}").gauss(0, DRIFT)  # noqa: S311
    bad, good = BAD - issuer.lean / 2 - drift, GOOD + issuer.lean / 2 + drift
    for turn in turns:
        if turn.entity == issuer.entity and (turned := turn.share(at)):
            bad, good = bad + turned * (turn.most - bad), good * (1 - turned)
    bad, good = max(bad, 0.02), max(good, 0.02)
    return chance.choices(MOODS, weights=(bad, max(1 - bad - good, 0.05), good))[0]


def _words(seed: int, name: str) -> Random:
    return Random(f"{seed}:{name}")  # noqa: S311


def _moment(day: date, chance: Random) -> datetime:
    hour = chance.choices(range(24), weights=HOURS)[0]
    return datetime.combine(day, time(hour, tzinfo=UTC)) + timedelta(seconds=chance.randrange(3600))


def _poisson(mean: float, chance: Random) -> int:
    limit, product, count = exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count


def days(until: datetime, count: int = DAYS) -> Iterator[date]:
    """So many days, the last one that of `until`."""
    for back in range(count - 1, -1, -1):
        yield until.astimezone(UTC).date() - timedelta(days=back)
