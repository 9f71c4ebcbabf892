"""Real processes that are killed with signal 9 between any two steps: no alert is lost, none is told or sent twice."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from apps.finance_sentiment.pipeline.delivering import CLAIMED_FOR, Courier
from apps.finance_sentiment.schemas.channels import ChannelEdit
from apps.finance_sentiment.schemas.rules import RuleEdit
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.channels import Channels
from apps.finance_sentiment.store.deliveries import LOST, Deliveries
from apps.finance_sentiment.store.rules import Rules
from core.clock import system_clock
from core.database import Database
from core.signing import new_secret
from core.testing.fakes import FixedClock
from tests.apps.finance_sentiment.alert_house import MONDAY, AlertHouse
from tests.apps.finance_sentiment.receivers import Receiver, receiver

pytestmark = pytest.mark.integration

NOW = MONDAY + timedelta(hours=1)
COMPANIES = 12

# A process that looks and sends, again and again, as a server's jobs do; `die` is where it is killed.
WORKS = """
import os, signal, sys, threading
from datetime import datetime, timedelta
from apps.finance_sentiment.pipeline import alerting, delivering
from apps.finance_sentiment.pipeline.delivering import Courier
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store import deliveries, looking
from core.database import Database

def die(*_args, **_more):
    os.kill(os.getpid(), signal.SIGKILL)

def then_die(step):
    def both(*args, **more):
        step(*args, **more)
        die()
    return both

{dies}
now = datetime.fromisoformat({now!r})
database = Database({url!r})
settings = FinanceSettings()
watch = alerting.Watch(database, settings)
courier = Courier(deliveries.Deliveries(database, lambda: now), settings, lambda: now, threading.Event())
for turn in range({turns}):
    watch.evaluate(now)
    for channel in courier.deliveries.channels_due():
        courier.send(channel)
"""

STEPS = {
    "before anything is written": "looking.Look.holds = die",
    "when the alert is written and its message is not": "looking.Look.deliver = die",
    "when the message is written and nothing is committed": "looking.Look.deliver = then_die(looking.Look.deliver)",
    "when all is committed": "Courier.send = die",
    "when the message is marked as being sent": "delivering.post = die",
    "when the message has arrived": "delivering.post = then_die(delivering.post)",
    "when it is written down that it arrived": "deliveries.Deliveries.settle = then_die(deliveries.Deliveries.settle)",
}
MAY_HAVE_ARRIVED = ("when the message is marked as being sent", "when the message has arrived")


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def house(database: Database, clock: FixedClock, hook: Receiver) -> AlertHouse:
    clock.now = MONDAY
    made = AlertHouse(database, clock)
    edit = ChannelEdit(name="Desk", kind="webhook", url=hook.url)
    channel = Channels(database, clock).add(edit, new_secret())
    what = {"kind": "volume", "at_least": 1, "window_minutes": 120}
    rule = {"name": "Any", "who": {"kind": "all"}, "what": what, "channels": [channel.id]}
    Rules(database, clock).add(RuleEdit.model_validate(rule))
    return made


def start(url: str, dies: str = "", turns: int = 1) -> subprocess.Popen[bytes]:
    code = WORKS.format(dies=dies, url=url, now=NOW.isoformat(), turns=turns)
    root = str(Path(__file__).parents[3])
    return subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": root})


def work(house: AlertHouse) -> None:
    """What another process does afterwards, once the first one's claims have run out."""
    house.restarted()
    house.look(NOW)
    later = NOW + CLAIMED_FOR
    courier = Courier(Deliveries(house.database, lambda: later), FinanceSettings(), lambda: later, threading.Event())
    courier.deliveries.give_up_lost()
    for channel in courier.deliveries.channels_due():
        courier.send(channel)


@pytest.mark.parametrize("step", STEPS)
def test_a_process_that_dies_loses_and_doubles_nothing(house: AlertHouse, hook: Receiver, database_url: str, step: str):
    house.company("acme")
    house.write("acme", NOW - timedelta(minutes=5), -0.9)
    assert start(database_url, STEPS[step]).wait(120) == -signal.SIGKILL
    work(house)
    work(house)
    assert [held.alert.state for held in house.alerts()] == ["open"]
    [(row, _)] = Deliveries(house.database, system_clock).page((), None, None, None, 9)
    if step in MAY_HAVE_ARRIVED:
        assert (row.state, row.problem) == ("unsure", LOST)
        assert len(hook.got) == (step == "when the message has arrived")
    else:
        assert (row.state, len(hook.got)) == ("done", 1)


def test_processes_killed_at_any_moment_tell_each_alert_once(house: AlertHouse, hook: Receiver, database_url: str):
    names = [f"c{number}" for number in range(COMPANIES)]
    for name in names:
        house.company(name)
        house.write(name, NOW - timedelta(minutes=5), -0.9)
    chance = random.Random(7)
    for kills in range(1, 5):
        process = start(database_url, turns=1_000_000)
        seen, deadline = len(hook.got), time.monotonic() + 120
        while len(hook.got) < min(seen + 2, COMPANIES) and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.02 * chance.random())
        process.kill()
        assert process.wait(30) == -signal.SIGKILL
        later = NOW + CLAIMED_FOR * kills
        Deliveries(house.database, lambda later=later: later).give_up_lost()
    work(house)
    assert sorted(held.entity.id for held in house.alerts()) == sorted(names)
    rows = [row for row, _ in Deliveries(house.database, system_clock).page((), None, None, None, 99)]
    assert len(rows) == COMPANIES
    assert len(hook.ids()) == len(set(hook.ids()))
    arrived = {row.id for row in rows if row.state == "done"}
    assert arrived <= set(hook.ids())
    assert {row.state for row in rows if row.id not in arrived} <= {"unsure"}
