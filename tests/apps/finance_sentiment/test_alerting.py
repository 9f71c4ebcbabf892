"""From rows of the archive to alerts, on both databases: one event is one alert, whatever is restarted meanwhile."""

from datetime import timedelta
from typing import Any

import pytest

from apps.finance_sentiment.schemas.channels import ChannelEdit
from apps.finance_sentiment.schemas.rules import RuleEdit
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.alerts import Alerts, OtherIsOpen
from apps.finance_sentiment.store.channels import Channels
from apps.finance_sentiment.store.deliveries import Deliveries
from apps.finance_sentiment.store.rules import Mutes, Rules
from core.database import Database
from core.testing.fakes import FixedClock
from tests.apps.finance_sentiment.alert_house import MONDAY, AlertHouse

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
TEN = MONDAY + 10 * HOUR


@pytest.fixture
def house(database: Database, clock: FixedClock) -> AlertHouse:
    clock.now = MONDAY
    made = AlertHouse(database, clock)
    made.company("acme")
    return made


def rule(house: AlertHouse, what: dict[str, Any], **more: Any) -> str:
    edit = RuleEdit.model_validate({"name": "Trouble", "who": {"kind": "all"}, "what": what, **more})
    return Rules(house.database, house.clock).add(edit).id


MOOD = {"kind": "mood", "below": -0.4, "window_minutes": 60, "min_documents": 2}


def test_a_rule_tells_once_while_its_condition_holds_and_again_after_it_ended(house: AlertHouse):
    rule(house, MOOD, severity="high")
    house.write("acme", TEN, -0.9, title="Acme recalls trains")
    assert house.look(TEN + MINUTE).opened == 0  # one document is too little evidence
    house.write("acme", TEN + MINUTE, -0.7, title="Acme trains burn")
    assert house.look(TEN + 2 * MINUTE, ["acme"]).opened == 1
    house.restarted()
    assert house.look(TEN + 3 * MINUTE).opened == 0
    [held] = house.alerts()
    assert (held.alert.state, held.alert.severity, held.alert.kind) == ("open", "high", "rule")
    assert held.alert.headline.startswith("Acme: mood -0.80 over 1 h")
    assert [story["title"] for story in held.alert.facts["stories"]] == ["Acme recalls trains", "Acme trains burn"]
    assert held.alert.facts["sentences"][0]["text"] == "Acme recalls trains"
    assert house.look(TEN + 2 * HOUR).closed == 1
    assert house.steps(held.alert.id) == ["opened", "closed"]
    for minute in (0, 1):
        house.write("acme", TEN + 3 * HOUR + minute * MINUTE, -0.9)
    assert house.look(TEN + 3 * HOUR + 2 * MINUTE).opened == 1


def test_what_trembles_around_the_threshold_is_one_alert(house: AlertHouse):
    rule(house, MOOD)
    opened = 0
    for number, score in enumerate((-0.42, -0.42, -0.36, -0.42, -0.36, -0.42)):
        house.write("acme", TEN + number * MINUTE, score)
        opened += house.look(TEN + number * MINUTE, ["acme"]).opened
    assert opened == 1
    assert [held.alert.state for held in house.alerts()] == ["open"]


def test_what_a_person_closed_comes_again_only_after_it_ended(house: AlertHouse):
    rule(house, MOOD)
    for minute in (0, 1):
        house.write("acme", TEN + minute * MINUTE, -0.9)
    house.look(TEN + 2 * MINUTE)
    [held] = house.alerts()
    alerts = Alerts(house.database, house.clock)
    alerts.close(held.alert.id, "ann", "known")
    assert house.look(TEN + 3 * MINUTE).opened == 0
    alerts.reopen(held.alert.id, "ann", "", HOUR)
    alerts.close(held.alert.id, "ann", "")
    house.look(TEN + 2 * HOUR)
    for minute in (0, 1):
        house.write("acme", TEN + 3 * HOUR + minute * MINUTE, -0.9)
    assert house.look(TEN + 3 * HOUR + 2 * MINUTE).opened == 1
    with pytest.raises(OtherIsOpen):
        alerts.reopen(held.alert.id, "ann", "", HOUR)


def test_volume_is_compared_with_the_same_hours_of_four_weeks_and_echoes_are_none(house: AlertHouse):
    rule(house, {"kind": "volume", "times_usual": 3, "window_minutes": 120, "min_documents": 2})
    for back in (1, 2, 3, 4, 5):
        for minute in (0, 1):
            house.write("acme", TEN - back * 7 * DAY + minute * MINUTE)
    for number in range(5):
        house.write("acme", TEN + number * MINUTE)
    house.write("acme", TEN, echo=True)
    assert house.look(TEN + 6 * MINUTE).opened == 0
    house.write("acme", TEN + 7 * MINUTE)
    assert house.look(TEN + 8 * MINUTE).opened == 1
    [held] = house.alerts()
    [change] = held.alert.facts["changes"]
    assert (change["value"], change["baseline"], change["compared_with"]) == (
        6,
        2.0,
        "the same hours of the 4 weeks before",
    )


def test_a_fall_is_told_against_the_usual_mood_and_only_where_there_is_one(house: AlertHouse):
    rule(house, {"kind": "mood_change", "by": 0.5, "window_minutes": 60, "min_documents": 2})
    house.company("young")
    for number in range(4):
        house.write("acme", TEN - (number + 2) * DAY, 0.3)
    for minute in (0, 1):
        house.write("acme", TEN + minute * MINUTE, -0.4)
        house.write("young", TEN + minute * MINUTE, -0.4)
    house.look(TEN + 2 * MINUTE)
    [held] = house.alerts()
    assert (held.entity.id, held.alert.headline) == ("acme", "Acme: mood -0.40 over 1 h (usually +0.30)")


def test_keywords_choose_the_documents_that_count(house: AlertHouse):
    words = {"any": ["recall", "product fault"], "none": ["crossword"]}
    rule(house, {"kind": "volume", "at_least": 2, "window_minutes": 60, "keywords": words})
    for title in ("Acme RECALL", "Acme recalls", "The recall crossword of Acme", "Acme opens a shop"):
        house.write("acme", TEN, title=title)
    assert house.look(TEN + MINUTE).opened == 0
    house.write("acme", TEN + MINUTE, title="Acme: a product fault?")
    assert house.look(TEN + 2 * MINUTE, ["acme"]).opened == 1
    titles = {story["title"] for story in house.alerts()[0].alert.facts["stories"]}
    assert len(titles) == 3


@pytest.mark.parametrize(
    ("who", "told"),
    [
        ({"kind": "entities", "entities": ["bolt"]}, {"bolt"}),
        ({"kind": "sector", "sector": "tools"}, {"bolt"}),
        ({"kind": "watchlist"}, {"acme"}),
        ({"kind": "all"}, {"acme", "bolt"}),
    ],
)
def test_a_rule_speaks_of_those_that_it_names(house: AlertHouse, who: dict[str, Any], told: set[str]):
    house.company("bolt", sector="Tools", watched=False)
    rule(house, {"kind": "volume", "at_least": 1, "window_minutes": 60}, who=who)
    for entity in ("acme", "bolt"):
        house.write(entity, TEN)
    house.look(TEN + MINUTE)
    assert {held.entity.id for held in house.alerts()} == told


def test_a_rule_that_is_switched_off_or_removed_closes_what_it_had_open(house: AlertHouse):
    number = rule(house, MOOD)
    for minute in (0, 1):
        house.write("acme", TEN + minute * MINUTE, -0.9)
    house.look(TEN + 2 * MINUTE)
    rules = Rules(house.database, house.clock)
    rules.remove(number)
    assert house.look(TEN + 3 * MINUTE).closed == 1
    assert house.alerts()[0].alert.closed_because == "the rule was switched off or removed"
    assert house.look(TEN + 4 * MINUTE).opened == 0


def test_a_mute_silences_what_begins_meanwhile_for_good(house: AlertHouse):
    rule(house, MOOD)
    Mutes(house.database, house.clock).add("acme", None, 10 * HOUR + 30 * MINUTE, "ann", "")
    for minute in (0, 20):
        house.write("acme", TEN + minute * MINUTE, -0.9)
    assert house.look(TEN + 25 * MINUTE).opened == 0
    assert house.look(TEN + 40 * MINUTE).opened == 0  # the mute is over, what it silenced still holds
    for minute in (180, 181):
        house.write("acme", TEN + minute * MINUTE, -0.9)
    house.look(TEN + 2 * HOUR)
    assert house.look(TEN + 182 * MINUTE).opened == 1


def test_reminders_come_at_widening_intervals_and_none_twice(house: AlertHouse):
    rule(house, {**MOOD, "window_minutes": 7 * 24 * 60})
    for minute in (0, 1):
        house.write("acme", TEN + minute * MINUTE, -0.9)
    opened = TEN + 2 * MINUTE
    house.look(opened)
    reminded = []
    for minutes in range(0, 60 * 60, 30):
        house.restarted()
        if house.look(opened + minutes * MINUTE).reminded:
            reminded.append(minutes / 60)
    assert reminded == [1.0, 5.0, 29.0, 53.0]


def test_nobody_is_reminded_of_what_is_taken_care_of(house: AlertHouse):
    rule(house, {**MOOD, "window_minutes": 7 * 24 * 60})
    for minute in (0, 1):
        house.write("acme", TEN + minute * MINUTE, -0.9)
    house.look(TEN + 2 * MINUTE)
    [held] = house.alerts()
    alerts = Alerts(house.database, house.clock)
    alerts.snooze(held.alert.id, 3 * HOUR, "ann", "lunch")
    assert house.look(TEN + 2 * HOUR).reminded == 0
    assert house.look(TEN + 4 * HOUR).reminded == 1
    assert house.alerts()[0].alert.state == "open"
    alerts.acknowledge(held.alert.id, "ann", "")
    alerts.acknowledge(held.alert.id, "bob", "")
    assert house.look(TEN + 5 * DAY).reminded == 0
    assert house.alerts()[0].alert.acknowledged_by == "ann"
    assert house.steps(held.alert.id) == ["opened", "snoozed", "woke", "reminded", "acknowledged"]


def recall(house: AlertHouse, at: Any = TEN, hours: int = 3) -> None:
    for number in range(6 * hours):
        house.write("acme", at + number * 10 * MINUTE, -0.9, title=f"Acme recall, report {number}", story=number + 1)


def test_what_was_not_foreseen_is_told_when_its_hour_is_finished_with_its_reasons(house: AlertHouse):
    house.quiet("acme", 30)
    channel = Channels(house.database, house.clock).add(
        ChannelEdit(name="Desk", kind="webhook", url="https://hook.example/", signals=True), "whsec_c2VjcmV0"
    )
    house.look(TEN)
    recall(house, hours=1)
    house.write("acme", TEN + 30 * MINUTE, -0.9, echo=True, story=1)
    assert house.look(TEN + HOUR + 9 * MINUTE).opened == 0  # late documents are waited for
    assert house.look(TEN + HOUR + 10 * MINUTE).opened == 1
    house.restarted()
    assert house.look(TEN + HOUR + 11 * MINUTE).opened == 0
    [held] = house.alerts()
    facts = held.alert.facts
    assert (held.alert.kind, held.alert.severity, facts["until"]) == ("signal", "high", "2026-03-02T11:00:00Z")
    assert {one["measure"] for one in facts["changes"]} == {"mood", "volume"}
    assert len(facts["stories"]) == 3
    assert max(story["echoes"] for story in facts["stories"]) == 1
    [(delivery, to)] = Deliveries(house.database, house.clock).page((), None, held.alert.id, None, 9)
    assert (to.id, delivery.event, delivery.state) == (channel.id, "opened", "waiting")
    assert delivery.message["data"]["headline"] == held.alert.headline


def test_an_unforeseen_event_is_one_alert_to_its_end_across_restarts(house: AlertHouse):
    house.quiet("acme", 30)
    recall(house)
    for hours in range(30):
        house.restarted()
        house.look(TEN + hours * HOUR + 15 * MINUTE)
    [held] = house.alerts()
    assert (held.alert.state, held.alert.closed_because) == ("closed", "it is as usual again")
    assert house.steps(held.alert.id)[0] == "opened"
    assert house.steps(held.alert.id).count("closed") == 1


def test_documents_that_come_after_the_grace_do_not_open_the_past(house: AlertHouse):
    house.quiet("acme", 30)
    house.look(TEN + HOUR + 10 * MINUTE)
    recall(house, hours=1)
    assert house.look(TEN + 2 * HOUR + 30 * MINUTE).opened == 0


def test_a_rule_about_the_unforeseen_says_how_severe_it_is_and_opens_no_second_alert(house: AlertHouse):
    rule(house, {"kind": "signal"}, severity="low", who={"kind": "watchlist"})
    house.quiet("acme", 30)
    house.look(TEN)
    recall(house, hours=1)
    house.look(TEN + HOUR + 10 * MINUTE)
    [held] = house.alerts()
    assert (held.alert.kind, held.alert.severity) == ("signal", "low")


def test_a_detector_that_learns_anew_ends_what_it_had_open(house: AlertHouse):
    house.quiet("acme", 30)
    house.look(TEN)
    recall(house, hours=1)
    house.look(TEN + HOUR + 10 * MINUTE)
    house.watch.looks.forget()
    house.look(TEN + 20 * HOUR)
    assert [held.alert.state for held in house.alerts()] == ["closed"]


def test_an_archive_is_gone_through_as_if_it_came_now(house: AlertHouse):
    rule(house, MOOD)
    house.quiet("acme", 30)
    recall(house, at=TEN - 7 * DAY, hours=1)
    done = house.watch.replay(MONDAY - 30 * DAY, MONDAY)
    assert (done.opened, done.closed) == (2, 2)
    by_kind = {held.alert.kind: held.alert for held in house.alerts()}
    assert by_kind["rule"].opened_at == TEN - 7 * DAY + HOUR
    assert by_kind["signal"].opened_at == TEN - 7 * DAY + HOUR + 10 * MINUTE
    assert house.watch.replay(MONDAY - 30 * DAY, MONDAY).opened == 1  # the rule; signals are not followed twice
    assert house.look(MONDAY + MINUTE).opened == 0


def test_an_empty_archive_is_looked_at_in_peace(house: AlertHouse):
    rule(house, MOOD)
    assert house.look(TEN) == house.look(TEN + HOUR)
    assert house.alerts() == []


def test_two_processes_that_look_at_once_open_one_alert(house: AlertHouse):
    from concurrent.futures import ThreadPoolExecutor

    from apps.finance_sentiment.pipeline.alerting import Watch

    rule(house, MOOD)
    for minute in (0, 1):
        house.write("acme", TEN + minute * MINUTE, -0.9)
    watches = [Watch(house.database, FinanceSettings()) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda one: one.evaluate(TEN + 2 * MINUTE), watches))
    assert sum(one.opened for one in done) == 1
    assert len(house.alerts()) == 1
