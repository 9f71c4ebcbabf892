"""What the detector finds in an archive that is there already becomes history at its own times, sent to nobody."""

from datetime import timedelta

import pytest

from apps.finance_sentiment.schemas.channels import ChannelEdit
from apps.finance_sentiment.store.alert_tables import AlertRow
from apps.finance_sentiment.store.alerts import Alerts
from apps.finance_sentiment.store.channels import Channels
from apps.finance_sentiment.store.deliveries import Deliveries
from core.database import Database
from core.testing.fakes import FixedClock
from tests.apps.finance_sentiment.alert_house import MONDAY, AlertHouse
from tests.apps.finance_sentiment.test_alerting import DAY, HOUR, MINUTE, TEN, recall

TOLD = HOUR + 10 * MINUTE  # after the first report: its hour is over, and what is late was waited for


@pytest.fixture
def house(database: Database, clock: FixedClock) -> AlertHouse:
    """A company with a month of quiet news, and a channel that is told of all signals."""
    clock.now = MONDAY
    made = AlertHouse(database, clock)
    made.company("acme")
    made.quiet("acme", 60)
    wanted = ChannelEdit(name="Desk", kind="webhook", url="https://hook.example/", signals=True)
    Channels(database, clock).add(wanted, "whsec_c2VjcmV0")
    return made


def rows(house: AlertHouse) -> list[AlertRow]:
    return [held.alert for held in house.alerts()]


def sent(house: AlertHouse) -> list[str]:
    return [one.event for one, _ in Deliveries(house.database, house.clock).page((), None, None, None, 99)]


def test_events_of_an_archive_are_closed_alerts_at_the_times_at_which_they_would_have_been_told(house: AlertHouse):
    recall(house, at=TEN - 20 * DAY)
    assert house.look(TEN).opened == 1
    [alert] = rows(house)
    assert (alert.state, alert.opened_at) == ("closed", TEN - 20 * DAY + TOLD)
    assert alert.closed_at is not None
    assert alert.opened_at + 6 * HOUR < alert.closed_at < TEN - 18 * DAY
    assert [step.at for step in Alerts(house.database, house.clock).get(alert.id)[1]][-1] == alert.closed_at
    assert len(alert.facts["stories"]) == 3
    assert sent(house) == []


def test_history_is_the_same_as_a_replay_would_have_told(house: AlertHouse):
    for days in (30, 12, 3):
        recall(house, at=TEN - days * DAY)
    house.look(TEN)
    found = [(one.opened_at, one.closed_at, one.severity, one.headline) for one in rows(house)]
    with house.database.session(write=True) as session:
        for one in session.query(AlertRow):
            session.delete(one)
    house.watch.looks.forget()
    house.watch.replay(MONDAY - 70 * DAY, TEN)
    assert found == [(one.opened_at, one.closed_at, one.severity, one.headline) for one in rows(house)]
    assert len(found) == 3


def test_learning_anew_adds_what_older_news_brought_and_tells_nothing_twice(house: AlertHouse):
    recall(house, at=TEN - 5 * DAY)
    house.look(TEN)
    [first] = rows(house)
    recall(house, at=TEN - 25 * DAY)
    house.watch.looks.forget()
    assert house.look(TEN + MINUTE).opened == 1
    older, again = rows(house)
    assert (older.state, older.opened_at) == ("closed", TEN - 25 * DAY + TOLD)
    assert (again.id, again.opened_at, again.closed_at) == (first.id, first.opened_at, first.closed_at)
    assert sent(house) == []


def test_learning_anew_leaves_an_open_alert_to_its_own_event(house: AlertHouse):
    house.look(TEN)
    recall(house, hours=1)
    house.look(TEN + TOLD)
    [alert] = rows(house)
    facts = alert.facts
    recall(house, at=TEN - 25 * DAY)
    house.watch.looks.forget()
    house.look(TEN + TOLD + MINUTE)
    [kept] = rows(house)
    assert (kept.state, kept.facts) == ("open", facts)


def test_an_old_event_that_still_goes_on_is_open_and_ends_in_silence(house: AlertHouse):
    for hours in range(0, 40, 4):
        recall(house, at=TEN - timedelta(hours=40 - hours), hours=1)
    house.look(TEN)
    [alert] = rows(house)
    assert (alert.state, alert.opened_at < TEN - 30 * HOUR, alert.remind_at) == ("open", True, None)
    house.look(TEN + 2 * DAY)
    assert [one.state for one in rows(house)] == ["closed"]
    assert sent(house) == []


def test_what_is_new_is_sent_after_the_archive_was_learnt(house: AlertHouse):
    recall(house, at=TEN - 7 * DAY)
    house.look(TEN)
    recall(house, at=TEN, hours=1)
    assert house.look(TEN + TOLD).opened == 1
    assert [one.state for one in rows(house)] == ["closed", "open"]
    assert sent(house) == ["opened"]


def test_an_archive_is_learnt_from_a_few_weeks_at_a_time(house: AlertHouse):
    recall(house, at=TEN - 20 * DAY)
    opened = [house.watch.evaluate(TEN, most_weeks=2).opened for _ in range(5)]
    assert opened == [0, 0, 1, 0, 0]
