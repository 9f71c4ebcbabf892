"""Lists of a large catalogue, made from what signals propose, are those that looking at every item makes."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from apps.recommender.app import app
from apps.recommender.pipeline.recommending import answering, candidates, dense, shelf
from apps.recommender.pipeline.recommending import lists as lists_module
from apps.recommender.pipeline.recommending.answering import Answering
from apps.recommender.pipeline.recommending.lists import search
from apps.recommender.pipeline.recommending.signals import largest
from apps.recommender.schemas.recommend import Filters, Wish
from apps.recommender.settings import RecommenderSettings
from benchmarks.recommend_made import fill, publish
from core.app import Services
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.fakes import FixedClock, LetterEncoder

N = 6_000
WISHES = [
    (Filters(), Wish(k=20)),
    (Filters(min_price=50), Wish(k=10, offset=30)),
    (Filters(), Wish(k=10, novelty=0.5)),
    (Filters(), Wish(k=10, most_per_category=1, diversity=0.3)),
    (Filters(categories=["category 3"]), Wish(k=10, seen=True)),
]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    opened = open_services(Settings(home=tmp_path_factory.mktemp("home")), encoder=LetterEncoder(), clock=FixedClock())
    upgrade(opened.database, [app])
    fill(opened.database, N, opened.encoder.fingerprint, opened.encoder.dim, users=20)
    publish(opened, N)
    yield opened
    close_services(opened)


def lists(house: Answering, model: str | None) -> list[list[tuple[str, float]]]:
    answers = [
        house.for_visitor("user", f"user-{at}", filters, wish.model_copy(update={"model": model}))
        for at in range(8)
        for filters, wish in WISHES
    ]
    return [[(one.id, one.score) for one in answer.items] for answer in answers]


@pytest.mark.parametrize("model", [None, "text", "popular"])
def test_proposals_miss_nothing_that_stands_in_a_list(
    services: Services, monkeypatch: pytest.MonkeyPatch, model: str | None
):
    house = Answering(services, RecommenderSettings.of(services.settings))
    exact = lists(house, model)
    looked_at: list[int] = []
    monkeypatch.setattr(dense, "SHORTLISTED", 1_000)
    monkeypatch.setattr(candidates, "LOOKED_AT", 500)
    monkeypatch.setattr(shelf, "SORTED", 1_500)
    house = Answering(services, RecommenderSettings.of(services.settings))
    monkeypatch.setattr(candidates, "together", counted(looked_at, candidates.together))
    house.prepare()
    found = lists(house, model)
    assert max(looked_at) < N / 2, "all items were looked at"
    pairs = list(zip(exact, found, strict=True))
    assert sum(len({*one} & {*other}) / len(one) for one, other in pairs) / len(pairs) > 0.98
    assert [one[0] for one, _ in pairs[:: len(WISHES)]] == [other[0] for _, other in pairs[:: len(WISHES)]]


def counted(numbers: list[int], together: object) -> object:
    def counting(signals: object, places: list[int]) -> object:
        numbers.append(len(places))
        return together(signals, places)  # type: ignore[operator]

    return counting


def test_search_proposes_too(services: Services, monkeypatch: pytest.MonkeyPatch):
    house = Answering(services, RecommenderSettings.of(services.settings))
    query = ("Thing 77 of brand 12", "user", "user-3", Filters(max_price=150), Wish(k=10))
    exact = search(house, *query)
    monkeypatch.setattr(dense, "SHORTLISTED", 1_000)
    monkeypatch.setattr(lists_module, "DEEP", 2_000)
    house.prepare()
    found = search(house, *query)
    assert [one.id for one in exact.items] == [one.id for one in found.items]
    assert exact.items[0].reason.kind == "words"


def test_the_largest_amounts_in_order():
    amounts = np.random.default_rng(2).integers(0, 900, 1_000).astype(np.float32)
    whole = np.argsort(-amounts, kind="stable")
    assert largest(amounts, 1_000).tolist() == whole.tolist()
    some = largest(amounts, 50)
    assert amounts[some].tolist() == amounts[whole[:50]].tolist()
    assert len(set(some.tolist())) == 50


def test_requests_of_one_process_compute_in_turn(services: Services, monkeypatch: pytest.MonkeyPatch):
    house = Answering(services, RecommenderSettings.of(services.settings))
    alone, make = threading.Lock(), answering.make_list
    at_once = []

    def made(*given: object) -> object:
        at_once.append(not alone.acquire(blocking=False))
        try:
            return make(*given)  # type: ignore[arg-type]
        finally:
            if not at_once[-1]:
                alone.release()

    monkeypatch.setattr(answering, "make_list", made)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda at: house.for_visitor("user", f"user-{at % 20}", Filters(), Wish()), range(80)))
    assert all(len(answer.items) == 10 for answer in answers)
    assert len(at_once) == 80
    assert not any(at_once)
