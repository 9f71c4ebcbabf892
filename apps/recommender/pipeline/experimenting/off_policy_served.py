"""What another version would have earned, from the lists that were served with something left to chance.

A place counts by how much likelier the other version would have filled it, and all places above it, as they were
filled: the product of the ratios, so that what stands above may matter for what is clicked below (McInerney et al.,
2020, "Counterfactual evaluation of slate recommendations with sequential reward interactions", KDD).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from apps.recommender.pipeline.experimenting.joining import Came, joined
from apps.recommender.pipeline.experimenting.off_policy import MOST_WEIGHT, OffPolicy, estimate
from apps.recommender.settings import IMPRESSION
from apps.recommender.store.served import Served, count_explored, read_outcomes, served_people
from core.database import Database
from core.errors import Invalid

LISTS = ("users", "sessions")


class NothingExplored(Invalid):
    """No list of which anything was left to chance. kept: lists that are there"""

    def __init__(self, kept: int) -> None:
        super().__init__(
            f"of the {kept:,} lists that were served in this time, none left anything to chance, so nothing can be "
            "said about another policy",
            remedy="set `explore_share` above 0 (or `explore` in an experiment's arm), serve for a while, try again",
        )


@dataclass(frozen=True)
class Question:
    """What is asked of the log. types: of events that are earned;  within_s: seconds after a list in which they count

    since: Unix seconds;  places: the first so many of each list;  most: lists that are looked at, at random
    """

    types: Sequence[str]
    within_s: float
    since: float
    places: int = 3
    most: int = 20_000


@dataclass
class Log:
    """What was looked at. lists: that left something to chance;  sure: that did not

    told: whether the shop says which items were really shown
    """

    lists: int = 0
    sure: int = 0
    told: bool = False
    earliest: float = field(default=float("inf"))


def estimate_served(
    database: Database,
    order: Callable[[Served, int], list[str]],
    asked: Question,
    most_weight: float = MOST_WEIGHT,
    show: Callable[[int], None] = lambda done: None,
) -> tuple[OffPolicy, Log]:
    """Estimate what an impression would earn under another version. order: what it would put first; see `Replay`

    Where the shop sends impressions that name their list, only items that were really shown count.
    raises: NothingExplored, NothingLogged
    """
    log, share = Log(), _share(database, asked)
    parts = list(_parts(database, asked, log, share))
    log.told = any(seen for _, _, seen in parts)
    if not log.lists:
        raise NothingExplored(log.sure)
    rewards, logged, target, people = [], [], [], []
    strangers = 0
    for number, (one, earned, seen) in enumerate(parts, 1):
        strangers -= one.who == 0
        rows = _rows(one, order(one, asked.places), asked.places)
        for item, chance, wanted in rows:
            if log.told and (one.request, item) not in seen:
                continue
            rewards.append(float((one.request, item) in earned))
            logged.append(chance)
            target.append(wanted)
            people.append(one.who or strangers)
        show(number)
    found = estimate(
        np.array(rewards), np.array(logged), np.array(target), np.array(people, dtype=np.int64), most_weight
    )
    return found, log


def _rows(one: Served, order: Sequence[str], places: int) -> Iterator[tuple[str, float, float]]:
    """Of each of the first places: its item, and how likely all until there was when served, and by the other."""
    chance = wanted = 1.0
    above: set[str] = set()
    for item, likely in one.items[:places]:
        if likely < 1:  # 1: a pin, or nothing else was left to be drawn: it stands there whoever ranks
            chance *= likely
            wanted *= float(item == next((best for best in order if best not in above), None))
        above.add(item)
        yield item, chance, wanted


def _parts(database: Database, asked: Question, log: Log, share: float) -> Iterator[tuple[Served, Came, Came]]:
    """Lists that left something to chance, with what was earned by their people, and what was really shown."""
    with database.session() as session:
        connection = session.connection()
        for part in served_people(connection, asked.since, LISTS):
            earned = joined(part, read_outcomes(connection, part, asked.types, asked.within_s), asked.within_s)
            shown = [one for one in read_outcomes(connection, part, [IMPRESSION], asked.within_s) if one.request]
            seen = joined(part, shown, float("inf"))
            for one in part:
                if one.asked is None or one.asked["wish"].get("offset") or not _by_chance(one):
                    log.sure += 1
                elif int(one.request[:8], 16) < share * 16**8:
                    log.lists += 1
                    log.earliest = min(log.earliest, one.at)
                    keep = {(one.request, item) for item, _ in one.items}
                    yield one, earned & keep, seen & keep


def _by_chance(one: Served) -> bool:
    return any(chance < 1 for _, chance in one.items)


def _share(database: Database, asked: Question) -> float:
    """Of the lists, so many that about `most` are looked at; a list's id is random."""
    with database.session() as session:
        count = count_explored(session.connection(), asked.since, LISTS)
    return min(1.0, asked.most / max(count, 1))
