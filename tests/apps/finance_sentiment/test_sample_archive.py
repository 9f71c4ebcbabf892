"""The sample's news: the same for the same moment, like a real archive, with events that stand in a list."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from apps.finance_sentiment.pipeline.linking import Linker
from apps.finance_sentiment.sample.archive import OUTLETS, Archive, companies
from apps.finance_sentiment.sample.events import generate
from apps.finance_sentiment.store.entity_tables import EntityRow

UNTIL = datetime(2026, 3, 18, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def archive() -> Archive:
    return generate(UNTIL)


def test_the_same_moment_gives_the_same_news(archive: Archive):
    assert generate(UNTIL) == archive


def test_another_seed_gives_other_news(archive: Archive):
    assert generate(UNTIL, seed=8).documents[0] != archive.documents[0]


def test_it_ends_where_it_should_and_holds_half_a_year(archive: Archive):
    first, last = archive.documents[0].published_at, archive.documents[-1].published_at
    assert timedelta(0) <= UNTIL - last < timedelta(hours=1)
    assert 181 <= (last - first).days <= 182
    assert 6_000 <= len(archive.documents) <= 11_000


def test_documents_stand_in_order_and_each_has_a_name_of_its_own(archive: Archive):
    times = [one.published_at for one in archive.documents]
    assert times == sorted(times)
    assert len({(one.source, one.external_id) for one in archive.documents}) == len(archive.documents)
    assert {one.source for one in archive.documents} == set(OUTLETS)


def test_no_slot_and_no_choice_is_left_open(archive: Archive):
    for one in archive.documents:
        assert not set("{}") & set(one.title + one.text), one
        assert " | " not in one.title.removeprefix("Opinion | "), one


def test_nights_and_weekends_are_quiet(archive: Archive):
    hours = Counter(one.published_at.hour for one in archive.documents)
    days = Counter(one.published_at.weekday() for one in archive.documents)
    assert hours[8] > 3 * hours[2]
    assert days[1] > 2 * days[6]


def test_every_mood_has_its_share(archive: Archive):
    moods = Counter(mood for one in archive.documents for mood in one.moods.values())
    assert min(moods.values()) > 0.15 * moods.total()


def test_a_company_that_is_meant_is_named_so_that_it_can_be_found(archive: Archive):
    linker = Linker(
        [EntityRow(id=entity, **edit.model_dump(exclude={"version"})) for entity, edit in companies().items()]
    )
    some = archive.documents[::7]
    missed, strange = 0, 0
    for one in some:
        text = f"{one.title}\n{one.text}" if one.text else one.title
        found = {mention.entity for mention in linker.link(text)}
        missed += len(one.moods.keys() - found)
        strange += len(found - one.moods.keys())
    assert missed <= 0.02 * len(some)
    assert strange <= 0.005 * len(some)


def test_each_event_brings_its_company_a_burst_of_its_mood(archive: Archive):
    for event in archive.events:
        if event.kind in {"slow-turn", "false-alarm", "syndication"}:
            continue
        within = [
            one
            for one in archive.documents
            if event.start <= one.published_at <= event.start + timedelta(hours=9) and event.entity in one.moods
        ]
        assert len(within) >= 12, event
        assert sum(one.moods[event.entity] == event.direction for one in within) >= 0.8 * len(within), event


def test_a_slow_turn_sours_the_mood_over_weeks(archive: Archive):
    turn = next(event for event in archive.events if event.kind == "slow-turn")

    def share(start: datetime, days: int) -> float:
        end = start + timedelta(days=days)
        moods = [one.moods.get(turn.entity) for one in archive.documents if start <= one.published_at < end]
        return moods.count("negative") / sum(mood is not None for mood in moods)

    assert share(turn.found_by - timedelta(days=7), 14) > share(turn.start - timedelta(days=28), 28) + 0.25


def test_a_false_alarm_is_one_harmless_story_in_many_outlets(archive: Archive):
    alarms = [event for event in archive.events if event.kind == "false-alarm"]
    assert alarms
    assert not any(event.alert for event in alarms)
    for event in alarms:
        told = [
            one for one in archive.documents if event.start <= one.published_at <= event.end and "new logo" in one.title
        ]
        assert len(told) >= 6
        assert {one.moods[event.entity] for one in told} == {"neutral"}
