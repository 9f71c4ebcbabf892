"""The sample's shop: things that read like a shop's, and a year of visits from which something can be learnt."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest

from apps.recommender.sample.catalogue import ITEMS, Catalogue, catalogue, item_rows
from apps.recommender.sample.events import SampleShop, generate
from apps.recommender.sample.wordings import categories, comments
from apps.recommender.schemas.events import Event
from apps.recommender.schemas.items import Item
from apps.recommender.schemas.users import User

NOW = datetime(2026, 3, 18, 15, tzinfo=UTC)
SEEN = ("view", "click", "cart", "purchase")


@pytest.fixture(scope="module")
def shelf() -> Catalogue:
    return catalogue(NOW)


@pytest.fixture(scope="module")
def shop() -> SampleShop:
    return generate(NOW, users=600, events=24_000)


def test_25_departments_hold_60_things_each_and_no_title_comes_twice(shelf: Catalogue):
    held = Counter(one.category for one in shelf.items)
    assert len(shelf.items) == ITEMS
    assert len(held) == 25
    assert set(held.values()) == {60}
    assert len({one.title for one in shelf.items}) == ITEMS
    assert len({one.id for one in shelf.items}) == ITEMS


def test_titles_are_not_a_few_with_numbers_put_in(shelf: Catalogue):
    beginnings = Counter(tuple(one.title.split()[:3]) for one in shelf.items)
    assert sum(count == 1 for count in beginnings.values()) > 0.7 * len(beginnings)
    assert max(len(one.title) for one in shelf.items) > 100
    assert any(not one.title.isascii() and "🌻" in one.title for one in shelf.items)


def test_some_things_may_not_be_recommended(shelf: Catalogue):
    coming = sum(one.available_from is not None and one.available_from > NOW for one in shelf.items)
    gone = sum(one.available_until is not None and one.available_until < NOW for one in shelf.items)
    hidden = sum(one.hidden for one in shelf.items)
    sold_out = sum(one.stock == 0 for one in shelf.items)
    assert all(5 <= count <= 100 for count in (coming, gone, hidden, sold_out)), (coming, gone, hidden, sold_out)


def test_every_row_is_what_the_recommender_takes_in(shelf: Catalogue, shop: SampleShop):
    for item in shelf.items:
        Item.model_validate(item.row())
    for who in shop.visitors:
        User.model_validate(who.row())
    for row in islice(shop.event_rows(), 5_000):
        Event.model_validate(row)


def test_the_same_arguments_give_the_same_shop():
    first, again, other = (generate(NOW, items=250, users=60, events=1_500, seed=seed) for seed in (7, 7, 8))
    assert list(again.event_rows()) == list(first.event_rows())
    assert [one.row() for one in again.visitors] == [one.row() for one in first.visitors]
    assert other.catalogue.items[0] != first.catalogue.items[0]


def test_a_large_catalogue_begins_as_it_is_listed_whole():
    listed = list(item_rows(NOW, 3_000))
    whole = catalogue(NOW, 3_000)
    assert listed == [one.row() for one in whole.items]
    assert len({row["title"] for row in listed}) == 3_000


def test_about_as_many_events_happen_as_were_asked_for_all_within_the_year(shop: SampleShop):
    assert 0.9 * 24_000 < len(shop.events) < 1.1 * 24_000
    times = [one.seconds for one in shop.events]
    assert times == sorted(times)
    assert (NOW - timedelta(days=366)).timestamp() < times[0]
    assert times[-1] < NOW.timestamp()
    assert NOW.timestamp() - times[-1] < 86_400
    kinds = Counter(one.type for one in shop.events)
    assert kinds["view"] > kinds["click"] > kinds["cart"] > kinds["purchase"] > kinds["rating"] > kinds["comment"] > 0
    assert kinds["dislike"] > 0


def test_nobody_sees_what_is_not_offered_and_nothing_is_kept_of_who_said_no(shop: SampleShop):
    items = shop.catalogue.items
    for one in shop.events:
        if one.type in ("rating", "comment", "like", "dislike"):
            continue  # one may speak of what is no longer sold
        starts, ends = items[one.item].available_from, items[one.item].available_until
        assert starts is None or starts.timestamp() <= one.seconds
        assert ends is None or one.seconds <= ends.timestamp() + 3_600
    refused = {who.id for who in shop.visitors if who.consent is False}
    assert refused
    assert refused.isdisjoint(one.user for one in shop.events)


def test_a_few_things_are_seen_by_many(shop: SampleShop):
    seen = Counter(one.item for one in shop.events if one.type == "view")
    top = sum(count for _, count in seen.most_common(150))
    assert top > 0.3 * sum(seen.values())
    assert len(seen) > 1_000


def test_gardens_are_for_spring_and_toys_for_december(shop: SampleShop):
    everything, garden, toys = Counter(), Counter(), Counter()
    for one in shop.events:
        month = datetime.fromtimestamp(one.seconds, UTC).month
        everything[month] += 1
        garden[month] += shop.catalogue.items[one.item].category == "garden"
        toys[month] += shop.catalogue.items[one.item].category == "toys"

    def share(of: Counter, *months: int) -> float:
        return sum(of[month] for month in months) / sum(everything[month] for month in months)

    assert share(garden, 4, 5) > 2.5 * share(garden, 11, 12, 1)
    assert share(toys, 12) > 1.8 * share(toys, 4, 5, 6, 7, 8)


def test_comments_sound_as_their_stars_say(shop: SampleShop):
    stars: dict[tuple[str, int], float] = {}
    told = [one for one in shop.events if one.type == "comment"]
    assert len(told) > 50
    assert all("{" not in one.text for one in told)
    for one in shop.events:  # in order of time: a thing that was bought again is rated again
        if one.type == "rating":
            stars[one.user, one.item] = one.value
        if one.type != "comment":
            continue
        mood = "praise" if stars[one.user, one.item] >= 4 else "mixed" if stars[one.user, one.item] == 3 else "blame"
        assert any(one.text.startswith(line.split("{")[0]) for line in comments()[mood])


def test_lists_have_places_and_chances_and_the_first_places_are_clicked_more(shop: SampleShop):
    shown = [one for one in shop.events if one.type == "impression"]
    clicked = Counter(one.position for one in shop.events if one.type == "click" and one.request)
    assert {one.position for one in shown} == {1, 2, 3, 4, 5, 6}
    assert all(0 < one.propensity <= 1 and one.request for one in shown)
    assert clicked[1] > 1.5 * clicked[6]


def test_what_goes_with_a_thing_beats_what_is_popular_clearly(shop: SampleShop):
    """Sanity of the signal: guess the last thing that each user looked at, from the one before."""
    paths: dict[str, list[int]] = defaultdict(list)
    for one in shop.events:
        if one.type in SEEN and one.user and (not paths[one.user] or paths[one.user][-1] != one.item):
            paths[one.user].append(one.item)
    histories = {user: path for user, path in paths.items() if len(path) >= 5}
    popular = Counter(item for path in histories.values() for item in path[:-1])
    near: dict[int, Counter[int]] = defaultdict(Counter)
    for path in histories.values():
        for first, second in pairwise(path[:-1]):
            near[first][second] += 1
            near[second][first] += 1
    best = [item for item, _ in popular.most_common(10)]
    by_popularity = sum(path[-1] in best for path in histories.values()) / len(histories)
    by_company = sum(
        path[-1] in [item for item, _ in near[path[-2]].most_common(10)] for path in histories.values()
    ) / len(histories)
    assert by_company > 5 * by_popularity
    assert by_company > 0.25


def test_every_department_has_words_of_its_own():
    for department in categories():
        assert len(department.months) == 12
        assert len(department.families) >= 8
        assert all(family.names or family.titles for family in department.families)
    keys = {family.key for department in categories() for family in department.families}
    assert all(then in keys for department in categories() for family in department.families for then in family.then)
