"""Unforeseen change in hours of made sums: what is told, what is not, and what the detector remembers."""

import json

import pytest

from apps.finance_sentiment.errors import BadDetectorState
from apps.finance_sentiment.pipeline.signal_drift import MOST, Drift
from apps.finance_sentiment.pipeline.signal_levels import Bucket, Mood, Said, Volume
from apps.finance_sentiment.pipeline.signal_panel import Panel
from apps.finance_sentiment.pipeline.signals import Follower, course_state, restored_course

DAY, WEEK = 24, 168
START = 493_848  # a Monday, midnight UTC


def documents(hour: int, negative: int = 0, neutral: int = 0, positive: int = 0) -> Bucket:
    """So many of each mood, sure of it."""
    count = negative + neutral + positive
    total = 0.8 * (positive - negative)
    return Bucket(hour, count, float(count), total, 0.64 * (positive + negative), negative, neutral, positive)


def quiet(hour: int) -> Bucket | None:
    """A document every four hours; one of five is good news, another bad."""
    if hour % 4:
        return None
    kind = hour // 4 % 5
    return documents(hour, negative=kind == 0, neutral=kind > 1, positive=kind == 1)


def told(panel: Panel, hours: range, planted: dict[int, Bucket] | None = None, who: str = "acme") -> list[str]:
    """What was told of one company, such as "13 opened"; hours since the start."""
    found = []
    for at in hours:
        bucket = (planted or {}).get(at) or quiet(START + at)
        verdict = panel.step(START + at, {who: bucket} if bucket else {}).get(who)
        if verdict is not None and verdict.step in ("opened", "closed"):
            found.append(f"{at} {verdict.step}")
    return found


def test_three_quiet_months_tell_nothing():
    assert told(Panel(), range(12 * WEEK)) == []


def test_a_recall_is_told_in_its_first_hour_and_once():
    at = 6 * WEEK + 10
    planted = {at + n: documents(START + at + n, negative=6) for n in range(8)}
    opened, *others = told(Panel(), range(7 * WEEK), planted)
    assert opened == f"{at} opened"
    assert [one.split()[1] for one in others] == ["closed"]


def test_good_news_is_told_as_bad_news_is():
    at = 6 * WEEK + 10
    panel = Panel()
    assert told(panel, range(at), None) == []
    verdict = panel.step(START + at, {"acme": documents(START + at, positive=6)})["acme"]
    assert verdict.step == "opened"
    assert verdict.change.mood is not None
    assert verdict.change.mood > verdict.change.usual


def test_a_joke_of_one_hour_is_not_told_and_a_burst_that_lasts_is():
    at = 6 * WEEK + 10
    joke = {at: documents(START + at, neutral=12)}
    assert told(Panel(), range(7 * WEEK), joke) == []
    lasting = joke | {at + 1: documents(START + at + 1, neutral=12)}
    assert told(Panel(), range(at + 2), lasting) == [f"{at + 1} opened"]


def test_nothing_is_told_in_the_first_week():
    planted = {100: documents(START + 100, negative=9)}
    assert told(Panel(), range(WEEK), planted) == []


def test_a_mood_that_turns_without_more_news_is_told():
    begins = 8 * WEEK
    planted = {}
    for at in range(begins, begins + 14 * DAY, 4):
        planted[at] = documents(START + at, negative=1)
    found = told(Panel(), range(begins + 14 * DAY), planted)
    assert found
    assert int(found[0].split()[0]) < begins + 7 * DAY


def test_a_mood_that_sours_over_three_weeks_is_told_of_two_documents_a_day():
    begins, panel, opened = 10 * WEEK, Panel(), []
    for at in range(0, begins + 21 * DAY, 12):
        turned = 0.8 * max(0, at - begins) / (21 * DAY)
        number = at // 12
        bad = number * 17 % 42 / 42 < max(turned, 0.2)
        bucket = documents(START + at, negative=bad, positive=not bad and number % 5 == 1 and turned < 0.4)
        if not bucket.volume:
            bucket = documents(START + at, neutral=1)
        for hour in range(at, at + 12):
            verdict = panel.step(START + hour, {"acme": bucket} if hour == at else {}).get("acme")
            if verdict is not None and verdict.step == "opened":
                opened.append((hour, verdict.change))
    [(hour, change), *_] = opened
    assert begins < hour
    assert change.volume is None
    assert change.documents >= 12
    assert change.mood is not None
    assert change.mood < change.usual - 0.4


def test_a_turn_needs_days_and_documents():
    drift, usual = Drift(), Mood(weight=100.0, weighted=0.0, off=25.0, documents=100.0)
    burst = Said(START, 11.0, -9.0, 8.0, 11, 0, 0, told=False)
    drift.add(burst, usual, 11.0, 2.0)
    assert drift.worse.evidence == MOST
    assert drift.better.evidence == 0.0
    for hour in range(START + 1, START + 80):
        told = drift.told(hour, usual.mean, 1.0, 0.4)
        assert told is None
    drift.add(Said(START + 79, 1.0, -0.8, 0.64, 1, 0, 0, told=False), usual, 1.0, 2.0)
    assert drift.told(START + 80, usual.mean, 1.0, 0.4) is drift.worse
    drift.add(Said(START + 90, 20.0, 18.0, 17.0, 0, 0, 20, told=False), usual, 20.0, 2.0)
    assert drift.worse.evidence == 0.0


def test_a_detector_that_was_saved_before_it_knew_of_turns_goes_on():
    panel = Panel()
    told(panel, range(WEEK))
    state = panel.followers["acme"].state()
    del state["drift"]
    assert Follower.restored(state).volume == panel.followers["acme"].volume


def test_what_moves_all_companies_at_once_is_nobodys_signal():
    names = [f"c{number}" for number in range(40)]
    panel = Panel()
    opened = 0
    for at in range(6 * WEEK):
        more = 3 if at >= 5 * WEEK else 1  # three new sources, for everybody
        buckets = {name: documents(START + at, neutral=more) for n, name in enumerate(names) if (at + n) % 2 == 0}
        opened += sum(one.step == "opened" for one in panel.step(START + at, buckets).values())
    assert opened == 0


def test_sources_that_were_away_are_no_quiet_time():
    names = [f"c{number}" for number in range(40)]
    panel = Panel()
    for at in range(5 * WEEK):
        panel.step(START + at, {name: documents(START + at, neutral=1) for name in names})
    before = panel.followers["c0"].volume.rate
    for at in range(5 * WEEK, 5 * WEEK + 3 * DAY):
        panel.step(START + at, {})
    for at in range(5 * WEEK + 3 * DAY, 5 * WEEK + 4 * DAY):
        panel.step(START + at, {name: documents(START + at, neutral=1) for name in names})
    assert panel.followers["c0"].volume.rate == pytest.approx(before, rel=0.02)


def test_the_hour_of_the_day_and_the_weekday_are_learnt():
    panel = Panel()
    for at in range(8 * WEEK):
        busy = at % 24 in range(8, 18) and at // 24 % 7 < 5
        panel.step(START + at, {"acme": documents(START + at, neutral=4)} if busy else {})
    volume = panel.followers["acme"].volume
    monday_ten, monday_three, sunday_ten = (8 * WEEK + h for h in (10, 3, 6 * DAY + 10))
    expected = [volume.expected(START + at, panel.course.usual(START + at)) for at in (monday_ten, monday_three)]
    assert expected[0] > 2.5 > 0.6 > expected[1]
    assert volume.expected(START + sunday_ten, panel.course.usual(START + sunday_ten)) < 1.0


def test_a_saved_detector_goes_on_as_if_nothing_was():
    at = 6 * WEEK + 10
    planted = {at + n: documents(START + at + n, negative=6) for n in range(8)}
    straight = Panel()
    expected = told(straight, range(7 * WEEK), planted)
    panel, found = Panel(), []
    for first in range(0, 7 * WEEK, WEEK // 2):
        found += told(panel, range(first, first + WEEK // 2), planted)
        followers = {k: Follower.restored(json.loads(json.dumps(v.state()))) for k, v in panel.followers.items()}
        panel = Panel(course=restored_course(json.loads(json.dumps(course_state(panel.course)))), followers=followers)
    assert found == expected
    assert panel.followers["acme"].state() == straight.followers["acme"].state()


@pytest.mark.parametrize("state", [None, {}, {"version": 2}, {"version": 1, "volume": {"hours": [0.0]}}])
def test_what_is_no_saved_detector_is_refused(state: object):
    if state == {}:  # every field has a beginning
        assert Follower.restored(state) == Follower()
        return
    with pytest.raises(BadDetectorState):
        Follower.restored(state)


def test_a_company_never_heard_of_has_a_small_usual_volume():
    assert 0 < Volume().rate < 0.02


def test_buckets_of_six_hours_tell_the_same_recall():
    panel, found = Panel(bucket_hours=6), []
    for at in range(0, 7 * WEEK, 6):
        bucket = documents(START + at, negative=14) if at == 6 * WEEK else documents(START + at, neutral=1)
        verdict = panel.step(START + at, {"acme": bucket})["acme"]
        if verdict.step == "opened":
            found.append(at)
    assert found == [6 * WEEK]
