"""What another version would have earned, from what was served: held against what it really earns in a made world."""

import json
from collections.abc import Callable, Iterator
from random import Random

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from apps.recommender.app import app
from apps.recommender.commands import build_commands
from apps.recommender.pipeline.experimenting.off_policy_served import NothingExplored, Question, estimate_served
from apps.recommender.pipeline.experimenting.replaying import Replay
from apps.recommender.pipeline.ingesting.events import EventReader
from apps.recommender.pipeline.ingesting.rows import read_listed
from apps.recommender.pipeline.ingesting.taking import take_events, take_items
from apps.recommender.pipeline.recommending import answering
from apps.recommender.pipeline.recommending.answering import Answering, open_answering
from apps.recommender.schemas.recommend import Filters, Recommendations, Wish
from apps.recommender.settings import RecommenderSettings
from apps.recommender.store.events import Events
from apps.recommender.store.items import Items
from apps.recommender.store.served import Served
from core.app import Services
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.fakes import FixedClock, LetterEncoder

EARNS = {"pear": 0.2, "apple tart": 0.35, "chair": 0.6, "sofa": 0.4, "lamp": 0.1, "plum": 0.3}
LOOKED = (1.0, 0.6)
"""How likely the first places are looked at, whatever stands in them."""
VISITS = 300
SILENT = {"click": {"weight": 0.0, "half_life_days": 14}}  # so that clicks change neither lists nor what is popular


@pytest.fixture
def services(
    settings: Settings, database_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Services]:
    chance = Random(11)  # requests' ids are what lists are left to chance by
    monkeypatch.setattr(answering.secrets, "token_hex", lambda size: chance.randbytes(size).hex())
    own = {"recommender": {"popularity_every_s": 0, "explore_share": 0.5, "event_types": SILENT}}
    opened = open_services(
        settings.model_copy(update={"apps": own, "database_url": database_url}), encoder=LetterEncoder(), clock=clock
    )
    upgrade(opened.database, [app])
    rows = [{"id": name, "title": name} for name in (*EARNS, "apple")]
    take_items(Items(opened.database, clock), lambda told: read_listed(rows, told))
    popular = [(f"fan{n}", item) for item, count in (("chair", 40), ("sofa", 20)) for n in range(count)]
    take(opened, [{"user": user, "item": item, "type": "purchase"} for user, item in popular])
    take(opened, [{"user": f"u{n}", "item": "apple", "type": "view"} for n in range(VISITS + 1)])
    clock.advance(seconds=60)
    yield opened
    close_services(opened)


def take(services: Services, rows: list[dict[str, object]]) -> None:
    reader = EventReader(RecommenderSettings.of(services.settings), services.clock, now_if_untimed=True)
    done = take_events(Events(services.database, services.clock), reader, lambda told: read_listed(rows, told))
    assert done.added == len(rows), done


def listed(house: Answering, user: str, **wish: object) -> Recommendations:
    return house.for_visitor("user", user, Filters(), Wish.model_validate({"k": 2, **wish}))


def lived(services: Services, visits: int, *, impressions: bool, naming: bool, seed: int = 3) -> Answering:
    """Visits to lists that were explored; who looks at a place and what is clicked is drawn."""
    house, rng = open_answering(services), np.random.default_rng(seed)
    events: list[dict[str, object]] = []
    for visit in range(visits):
        services.clock.advance(seconds=60)  # type: ignore[attr-defined]
        user = f"u{visit}"
        answer, now = listed(house, user), services.clock().timestamp()
        for place, one in enumerate(answer.items):
            told = {"user": user, "item": one.id, "timestamp": now + 1 + place}
            named = told | {"request": answer.request}
            looked = rng.random() < LOOKED[place]
            if looked and impressions:
                events.append({**named, "type": "impression"})
            if looked and rng.random() < EARNS[one.id]:
                events.append({**(named if naming else told), "type": "click"})
    services.clock.advance(seconds=600)  # type: ignore[attr-defined]
    take(services, events)
    house.log.flush()
    return house


def remembered(replay: Replay) -> Callable[[Served, int], list[str]]:
    """Answers each list once, for several estimates."""
    held: dict[str, list[str]] = {}

    def order(one: Served, number: int) -> list[str]:
        if one.request not in held:
            held[one.request] = replay.order(one, len(LOOKED))
        return held[one.request][:number]

    return order


def truth(house: Answering, model: str, places: int, *, impressions: bool) -> float:
    """What an impression really earns under a model, with nothing left to chance."""
    answer = listed(house, f"u{VISITS}", model=model, explore=0.0, seen=False, keep=False)
    looked = LOOKED[:places]
    earned = sum(EARNS[one.id] * chance for one, chance in zip(answer.items, looked, strict=False))
    return earned / (sum(looked) if impressions else places)


def asked(**more: object) -> Question:
    return Question(**{"types": ["click"], "within_s": 50.0, "since": 0.0, "places": 2, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(("impressions", "naming"), [(True, True), (False, False)])
def test_the_estimate_finds_what_the_other_model_really_earns(services: Services, impressions: bool, naming: bool):
    house = lived(services, VISITS, impressions=impressions, naming=naming)
    for model in ("popular", "text"):
        again = remembered(Replay(house, services.database, model))
        for places, widest in ((1, 0.7), (2, 1.5)):
            found, log = estimate_served(services.database, again, asked(places=places), most_weight=1e9)
            really = truth(house, model, places, impressions=impressions)
            assert (log.lists, log.sure, log.told, found.users) == (VISITS, 0, impressions, VISITS)
            for one in (found.ips, found.snips):
                assert one.low < really < one.high, (model, places, really, found)
                assert one.high - one.low < widest
    found, _ = estimate_served(services.database, again, asked(places=1))
    assert found.logged.high < truth(house, "popular", 1, impressions=impressions)  # what was shown earned less


def test_lists_that_leave_nothing_to_chance_tell_nothing(services: Services):
    house = open_answering(services)
    listed(house, "u1", explore=0.0)
    listed(house, "u1", offset=1)
    house.log.flush()
    replay = Replay(house, services.database, "text")
    with pytest.raises(NothingExplored, match="Of the 2 lists that were served"):
        estimate_served(services.database, replay.order, asked())


def test_a_list_is_answered_again_as_it_was_asked_for_and_with_what_was_known_then(services: Services):
    house = open_answering(services)
    wish = {"most_per_category": 1, "context": ["lamp"]}
    house.for_visitor("user", "u1", Filters(exclude=["pear"]), Wish.model_validate({"k": 2, **wish}))
    house.log.flush()
    services.clock.advance(seconds=10)  # type: ignore[attr-defined]
    take(services, [{"user": "u1", "item": "chair", "type": "purchase"}])
    orders = []

    def noted(one, number):
        orders.append(Replay(house, services.database, "popular").order(one, number))
        return orders[-1]

    estimate_served(services.database, noted, asked(places=6))
    assert orders[0][:2] == ["chair", "sofa"]  # the later purchase is not known yet
    assert not {"pear", "lamp", "apple"} & set(orders[0])


def test_it_is_told_at_the_console_without_a_file(services: Services, monkeypatch: pytest.MonkeyPatch):
    lived(services, 120, impressions=True, naming=True)
    monkeypatch.setattr("core.cli.opening.open_services", lambda settings: services, raising=False)
    monkeypatch.setattr("core.services.open_services", lambda settings: services)
    monkeypatch.setattr("core.services.close_services", lambda services: None)

    def run(*words: str) -> Result:
        done = CliRunner().invoke(build_commands(), ["off-policy", *words])
        assert done.exit_code == 0, done.output
        return done

    found = json.loads(run("--model", "popular", "--places", "1", "--days", "1", "--json").stdout)
    assert (found["lists"], found["impressions_told"], found["impressions"]) == (120, True, 120)
    assert "120 lists that left something to chance" in run("--model", "popular").output
    assert CliRunner().invoke(build_commands(), ["off-policy"]).exit_code == 2
    assert CliRunner().invoke(build_commands(), ["off-policy", "--model", "nobody@7"]).exit_code != 0
