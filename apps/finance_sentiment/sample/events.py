"""What is planted into the sample's quiet news: recalls, rumours, surprises, and stories that only look like one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from apps.finance_sentiment.sample.archive import (
    OUTLETS,
    PAPERS,
    SEED,
    Archive,
    PlantedEvent,
    SampleDocument,
    Turn,
    address,
    article,
    background,
    companies,
    copies,
    days,
    issuers,
)
from apps.finance_sentiment.sample.wordings import headlines, table, written

NOTICED_WITHIN = timedelta(hours=2)  # of the first report; of the second wave, where a rumour builds over hours
TURNS_WITHIN = timedelta(days=21)
COPIES_OF_REPORTS = (0, 0, 0, 1, 2)  # how many outlets copy a report, each as often


@dataclass(frozen=True)
class Plan:
    """An event and how long before the end of the archive it begins. other: the second company, of a takeover"""

    kind: str
    entity: str
    before: timedelta = timedelta(0)
    other: str = ""


PLANS = (
    Plan("surprise", "palluxo", timedelta(days=160, hours=3)),
    Plan("false-alarm", "telvaro", timedelta(days=149, hours=5)),
    Plan("recall", "kestova", timedelta(days=138, hours=2)),
    Plan("syndication", "cindral", timedelta(days=127, hours=6)),
    Plan("slow-turn", "bramblewick", timedelta(days=120)),
    Plan("fraud", "northmarch", timedelta(days=96, hours=4)),
    Plan("takeover", "fennimore", timedelta(days=81, hours=1), "lantern-media"),
    Plan("false-alarm", "aldergate-bank", timedelta(days=68, hours=3)),
    Plan("surprise", "mint-beverages", timedelta(days=59, hours=2)),
    Plan("recall", "ombrian", timedelta(days=45, hours=7)),
    Plan("syndication", "nimbury", timedelta(days=33, hours=4)),
    Plan("slow-turn", "skarholm-air", timedelta(days=26)),
    Plan("takeover", "solquist", timedelta(days=17, hours=6), "petravend"),
    Plan("false-alarm", "serapine", timedelta(days=9, hours=2)),
    Plan("surprise", "cindral", timedelta(days=4, hours=5)),
    Plan("fraud", "harbor-insurance", timedelta(hours=44)),
    Plan("recall", "dunmallow", timedelta(hours=4)),
)


def generate(until: datetime, seed: int = SEED) -> Archive:
    """Six months of news that end at `until`, with the events that were planted. until: aware"""
    turns = [
        Turn(plan.entity, until - plan.before, until - plan.before + TURNS_WITHIN)
        for plan in PLANS
        if plan.kind == "slow-turn"
    ]
    documents = [one for day in days(until) for one in background(day, seed, turns)]
    events = []
    for number, plan in enumerate(PLANS):
        start = until - plan.before
        reports = unfold(plan, start, f"event-{start:%Y%m%d%H%M}-{number}", Random(f"{seed}:{number}"))  # noqa: S311
        documents += reports
        events.append(_told(plan, start, min(until, start + 2 * TURNS_WITHIN), reports))
    held = sorted((one for one in documents if one.published_at <= until), key=lambda one: one.published_at)
    return Archive(dict(companies()), held, events)


def unfold(plan: Plan, start: datetime, name: str, chance: Random, hurry: float = 1.0) -> list[SampleDocument]:
    """An event's reports and their copies, in order of time. hurry: how many times faster than it would"""
    told = table("events")[plan.kind]
    about = {"A": issuers()[plan.entity]} | ({"B": issuers()[plan.other]} if plan.other else {})
    reports: list[SampleDocument] = []
    for step in told.get("steps", ()):
        first, last = step["minutes"]
        titles = chance.sample(step["headlines"], len(step["headlines"]))
        for at, template in enumerate(titles):
            minutes = first + (last - first) * at / len(titles) * chance.uniform(0.85, 1.0)
            outlet = chance.choice(PAPERS)
            named = f"{name}-{len(reports)}"
            title = written(template, chance, about)
            told_of = (*step["sentences"], *headlines(issuers()[plan.entity].kind, step["mood"])[1])
            text = article(told_of, about, chance.randint(1, 3), chance)
            moods = {plan.entity: step["mood"]} | ({plan.other: "neutral"} if plan.other and "{B}" in template else {})
            published = start + timedelta(seconds=round(minutes * 60 / hurry))
            reports.append(SampleDocument(outlet, named, address(outlet, named), title, text, published, moods))
    echoed = [copy for one in reports for copy in _echoes(plan, one, hurry, chance)]
    return sorted((*reports, *echoed), key=lambda one: one.published_at)


def _echoes(plan: Plan, one: SampleDocument, hurry: float, chance: Random) -> Sequence[SampleDocument]:
    everybody = plan.kind in {"false-alarm", "syndication"}
    count = len(OUTLETS) if everybody else chance.choice(COPIES_OF_REPORTS)
    return copies(one, count, max(3, int(120 / hurry)), chance)


def _told(plan: Plan, start: datetime, end: datetime, reports: Sequence[SampleDocument]) -> PlantedEvent:
    told = table("events")[plan.kind]
    slow = plan.kind == "slow-turn"
    first = (reports[0].published_at if reports else start).astimezone(UTC)
    moods = {step["mood"] for step in told.get("steps", ())}
    direction = "negative" if slow or "negative" in moods else ("positive" if "positive" in moods else "none")
    return PlantedEvent(
        kind=plan.kind,
        about=told["about"],
        entity=plan.entity,
        start=first,
        end=reports[-1].published_at if reports else end,
        alert=told["alert"],
        found_by=first + (TURNS_WITHIN if slow else timedelta(hours=told.get("builds_hours", 0)) + NOTICED_WITHIN),
        direction=direction,
    )
