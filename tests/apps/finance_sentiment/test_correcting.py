"""What an analyst corrects counts at once, and what was known before can still be told."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from apps.finance_sentiment.errors import CorrectedMeanwhile, NoSuchReading, NoSuchStory
from apps.finance_sentiment.pipeline import hours, reviewing
from apps.finance_sentiment.schemas.corrections import NewCorrection
from apps.finance_sentiment.store.archive_tables import DocumentRow, StoryRow
from tests.apps.finance_sentiment.conftest import Desk
from tests.apps.finance_sentiment.test_reading import _sums


def correct(desk: Desk, **fields: object):
    desk.clock.now += timedelta(minutes=5)
    return desk.correcting.correct(NewCorrection.model_validate(fields), by="Ann's key")


def test_a_corrected_mood_replaces_the_reading_and_its_part_of_the_hour(desk: Desk):
    [document] = desk.capture("Acme falls")
    desk.reader.read_waiting()
    old = desk.known()[document]
    done = correct(desk, reading=old.id, label="positive")
    assert (done.kind, done.before["label"], done.after, done.by) == (
        "mood", "negative", {"label": "positive"}, "Ann's key"
    )  # fmt: skip
    before, after = desk.readings()
    assert (before.until, before.score) == (after.known_at, old.score)
    assert (after.until, after.score, after.corrected_by, after.model) == (None, 1.0, "Ann's key", "person")
    [hour] = desk.hours().values()
    assert (hour.volume, hour.negative, hour.positive) == (1, 0, 1)
    assert hour.weighted == pytest.approx(after.relevance / 100)


def test_a_reading_that_was_replaced_meanwhile_is_not_corrected_again(desk: Desk):
    [document] = desk.capture("Acme falls")
    desk.reader.read_waiting()
    old = desk.known()[document].id
    correct(desk, reading=old, label="neutral")
    with pytest.raises(CorrectedMeanwhile):
        correct(desk, reading=old, label="positive")
    with pytest.raises(NoSuchReading):
        correct(desk, reading=old + 100, label="positive")
    assert [row.negative + row.positive for row in desk.hours().values()] == [0]


def test_a_company_that_a_text_is_not_about_leaves_its_curve(desk: Desk):
    [document] = desk.capture("Acme falls")
    desk.reader.read_waiting()
    correct(desk, document=document, entity="acme", linked=False)
    assert desk.known() == {}
    assert [row.volume for row in desk.hours().values()] == [0]


def test_a_company_that_was_overlooked_is_read_and_counted(desk: Desk):
    [document] = desk.capture("The maker of the Bolt falls")
    desk.reader.read_waiting()
    assert desk.known() == {}
    correct(desk, document=document, entity="bolt", linked=True)
    row = desk.known()[document]
    assert (row.entity_id, row.score < -0.5, row.corrected_by) == ("bolt", True, "Ann's key")
    correct(desk, document=document, entity="bolt", linked=True)  # said twice, counted once
    assert [row.volume for row in desk.hours().values()] == [1]


def test_a_copy_that_is_none_becomes_a_story_of_its_own_and_counts(desk: Desk):
    first, second = (desk.capture("Acme falls after recall of many cars", source=name)[0] for name in ("wire", "paper"))
    desk.reader.read_waiting()
    assert [desk.known()[one].echo for one in (first, second)] == [False, True]
    correct(desk, document=second, story="new")
    assert [desk.known()[one].echo for one in (first, second)] == [False, False]
    assert [(row.volume, row.echoes) for row in desk.hours().values()] == [(2, 0)]
    with desk.database.session() as session:
        assert sorted(row.documents for row in session.query(StoryRow)) == [1, 1]


def test_two_stories_that_are_one_count_once(desk: Desk):
    first = desk.capture("Acme falls on weak sales of its cars")[0]
    desk.clock.now += timedelta(minutes=1)
    second = desk.capture("Bad quarter for carmaker: Acme falls deeper")[0]
    desk.reader.read_waiting()
    with desk.database.session() as session:
        story = session.get(DocumentRow, first).story_id
    assert [desk.known()[one].echo for one in (first, second)] == [False, False]
    correct(desk, document=second, story=story)
    assert [desk.known()[one].echo for one in (first, second)] == [False, True]
    assert [(row.volume, row.echoes) for row in desk.hours().values()] == [(1, 1)]
    with pytest.raises(NoSuchStory):
        correct(desk, document=second, story=10_000)


def test_after_any_corrections_the_hours_are_what_the_readings_add_up_to(desk: Desk):
    documents = desk.capture("Acme falls", "Acme rises", "Bolt Motors rises", "Acme rises and Bolt Motors falls")
    desk.reader.read_waiting()
    correct(desk, reading=desk.readings()[0].id, label="positive")
    correct(desk, document=documents[1], entity="acme", linked=False)
    correct(desk, document=documents[2], entity="acme", linked=True)
    correct(desk, document=documents[3], story="new")
    before = {key: sums for key, sums in _sums(desk).items() if any(sums)}
    with desk.database.session(write=True) as session:
        hours.recount(session)
    assert _sums(desk) == before


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"reading": 1},
        {"reading": 1, "label": "angry"},
        {"document": 1, "entity": "acme"},
        {"document": 1, "entity": "acme", "linked": False, "label": "positive"},
        {"reading": 1, "label": "positive", "story": "new"},
        {"document": 0, "story": "new"},
    ],
    ids=["nothing", "no-label", "no-such-label", "no-link", "unlinked-label", "two-at-once", "no-document"],
)
def test_a_correction_is_one_of_three(fields: dict[str, object]):
    with pytest.raises(ValidationError):
        NewCorrection.model_validate(fields)


def test_what_is_unsure_comes_first_and_what_was_corrected_not_at_all(desk: Desk):
    sure, unsure = desk.capture("Acme falls"), desk.capture("Acme maybe does this or that")
    desk.reader.read_waiting()
    queue = reviewing.queue(desk.correcting.corrections, desk.live, desk.clock, 10)
    assert [one.document for one in queue] == [*unsure, *sure]
    correct(desk, reading=queue[0].reading, label="neutral")
    assert [one.document for one in reviewing.queue(desk.correcting.corrections, desk.live, desk.clock, 10)] == sure
    [kept] = reviewing.page(desk.correcting.corrections, None, None, 10).items
    assert (kept.kind, kept.document) == ("mood", *unsure)
