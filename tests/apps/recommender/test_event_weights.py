"""What types' weights and half-lives change: what is learned, and what of somebody's own events counts, served too."""

import numpy as np
import pytest
from starlette.testclient import TestClient

from apps.recommender.pipeline.learning import learnable, weights_of
from apps.recommender.pipeline.model.cooccurrence import faded, item_knn, transitions
from apps.recommender.pipeline.model.histories import Histories
from apps.recommender.pipeline.model.linear import next_item_weights
from apps.recommender.pipeline.model.popularity import popular
from apps.recommender.pipeline.recommending.answering import open_answering
from apps.recommender.schemas.columns import EventColumns, ItemColumns
from apps.recommender.settings import RecommenderSettings
from apps.recommender.store.learning import read_events, read_items
from core.app import Services
from tests.apps.recommender.test_recommending_http import asked, client, send, services  # noqa: F401
from tests.apps.recommender.test_serving_trained import ITEMS, made, publish


def events_of(*rows: tuple[int, str, str, float]) -> EventColumns:
    """Rows of user, item, type and day, in order of users and days."""
    items, types = sorted({row[1] for row in rows}), sorted({row[2] for row in rows})
    return EventColumns(
        users=[f"u{at}" for at in range(max(row[0] for row in rows) + 1)],
        items=items,
        types=types,
        user=np.array([row[0] for row in rows], dtype=np.int32),
        item=np.array([items.index(row[1]) for row in rows], dtype=np.int32),
        type=np.array([types.index(row[2]) for row in rows], dtype=np.int16),
        value=np.full(len(rows), np.nan, dtype=np.float32),
        seconds=np.array([row[3] * 86_400.0 for row in rows]),
    )


def weighing(**types: tuple[float, float]) -> RecommenderSettings:
    said = {name: {"weight": weight, "half_life_days": days} for name, (weight, days) in types.items()}
    return RecommenderSettings.model_validate({"event_types": said, "forget_in_training": True})


def test_events_count_by_their_type_and_fade_beside_what_outlasts_them():
    events = events_of((0, "a", "view", 0), (0, "b", "purchase", 0), (0, "c", "view", 14), (1, "a", "view", 0))
    settings = weighing(view=(0.5, 14), purchase=(2.0, 36_500))
    assert weights_of(events, settings) == pytest.approx([0.125, 1.0, 0.25, 0.25], rel=1e-3)
    assert weights_of(events, weighing(view=(-1, 14), purchase=(2.0, 36_500))).tolist() == [0, 1, 0, 0]


def test_where_all_events_are_of_one_type_all_count_alike():
    events = events_of((0, "a", "purchase", 0), (0, "b", "purchase", 400), (1, "a", "purchase", 10))
    assert weights_of(events, RecommenderSettings(forget_in_training=True)).tolist() == [1, 1, 1]
    assert weights_of(events, RecommenderSettings()).tolist() == [1, 1, 1]


def test_half_lives_count_in_training_only_where_the_setting_says_so():
    events = events_of((0, "a", "view", 0), (0, "b", "purchase", 100))
    assert weights_of(events, RecommenderSettings()).tolist() == pytest.approx([0.3, 1.0])
    assert weights_of(events, RecommenderSettings(forget_in_training=True))[0] < 0.01


def test_what_is_bought_is_recommended_before_what_is_only_looked_at_once_it_weighs_more():
    rows = []
    for user in range(40):  # with a lamp, three in four look at a poster, and one in four buys a bulb
        rows += [(user, "lamp", "view", 0.0), *([(user, "poster", "view", 1.0)] if user % 4 else [])]
        rows += [(user, "bulb", "purchase", 2.0)] if user % 4 == 0 else [(user, "other", "view", 2.0)]
    rows += [(40, "lamp", "view", 5.0)]

    def ahead(settings: RecommenderSettings) -> set[str]:
        """Which of both goes more with a lamp, by each of the closed forms."""
        learned = learnable(events_of(*rows), no_items(), settings)
        past, place = learned.histories, {name: at for at, name in enumerate(learned.items)}
        forms = [
            item_knn(past, shrink=1, neighbours=10),
            transitions(past, reach=3, fade=0.9, shrink=1, neighbours=10),
            next_item_weights(past, fade=0.9, penalty=5.0),
        ]
        rows_of = [form[[place["lamp"]]].toarray()[0] for form in forms] + [popular(past)]
        return {max("poster", "bulb", key=lambda name: row[place[name]]) for row in rows_of}

    assert ahead(weighing(view=(1, 36_500), purchase=(1, 36_500))) == {"poster"}
    assert ahead(weighing(view=(0.05, 36_500), purchase=(1, 36_500))) == {"bulb"}


def test_a_users_own_purchase_says_more_than_a_later_view_where_it_weighs_more():
    past = Histories.gather(np.array([0, 0]), np.array([0, 1]), np.arange(2.0), user_count=1, item_count=2)
    heavy = Histories.gather(
        np.array([0, 0]), np.array([0, 1]), np.arange(2.0), user_count=1, item_count=2, weight=np.array([1, 0.1])
    )
    assert faded(past, 0.5, 10).toarray().tolist() == [[0.5, 1.0]]
    assert faded(heavy, 0.5, 10).toarray()[0] == pytest.approx([0.5, 0.1])


def no_items() -> ItemColumns:
    none, flags = np.empty(0), np.empty(0, dtype=np.bool_)
    keys = np.empty(0, dtype=np.int64)
    return ItemColumns(0, keys, [], [], [], [], [], [], none, none, none, none, none, flags, flags, flags)


@pytest.mark.parametrize("forgetting", [False, True])
def test_the_server_weighs_somebodys_events_as_the_training_does(
    client: TestClient,  # noqa: F811
    services: Services,  # noqa: F811
    forgetting: bool,
):
    said = RecommenderSettings(forget_in_training=forgetting, popularity_every_s=0)
    services.once(open_answering).settings = said
    recommender, space = made(services, 3)
    publish(services, recommender, space)
    days = [("apple", "purchase"), ("chair", "view"), ("pear", "cart"), ("sofa", "view"), ("chair", "click")]
    for item, kind in days:
        services.clock.advance(days=9)  # type: ignore[attr-defined]
        send(client, "ann", item, kind=kind)
    with services.database.session() as session:
        learned = learnable(read_events(session), read_items(session), said)
    assert learned.items == ITEMS
    assert len(np.unique(learned.histories.weight.round(4))) == (5 if forgetting else 4)
    wanted = recommender.score(learned.histories)[0]
    alike = Histories.gather(
        learned.histories.user, learned.histories.item, learned.histories.seconds, user_count=1, item_count=len(ITEMS)
    )
    assert np.abs(recommender.score(alike)[0] - wanted).max() > 0.1
    found = {one["id"]: one["score"] for one in asked(client, "users/ann", seen=True)["items"]}
    assert np.abs(np.array([found[name] for name in ITEMS]) - wanted).max() < 0.02
