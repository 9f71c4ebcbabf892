"""Any order of documents, looks, restarts and people's steps: alerts are what a model in ten lines says they are."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.finance_sentiment.app import app
from apps.finance_sentiment.schemas.channels import ChannelEdit
from apps.finance_sentiment.schemas.rules import RuleEdit
from apps.finance_sentiment.store.alerts import Alerts, OtherIsOpen, WrongState
from apps.finance_sentiment.store.channels import Channels
from apps.finance_sentiment.store.deliveries import Deliveries
from apps.finance_sentiment.store.rules import Rules
from core.database import Database
from core.migrations import upgrade
from core.testing.fakes import FixedClock
from tests.apps.finance_sentiment.alert_house import MONDAY, AlertHouse

HOUR = timedelta(hours=1)
BELOW, SLACK, LEAST = -0.4, 0.05, 2
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from([-0.9, -0.42, -0.37, 0.0, 0.6])),
        st.tuples(st.just("wait"), st.sampled_from([1, 20, 45, 90, 400])),
        st.tuples(st.sampled_from(["look", "look touched", "restart"]), st.none()),
        st.tuples(st.sampled_from(["acknowledge", "snooze", "close", "reopen"]), st.integers(0, 5)),
    ),
    min_size=4,
    max_size=30,
)


class Walk:
    """An archive with one rule, and a model of when it holds: the mean of an hour, with slack for what is open."""

    def __init__(self, folder: str) -> None:
        self.clock = FixedClock(MONDAY)
        self.database = Database(f"sqlite:///{Path(folder) / 'walk.db'}")
        upgrade(self.database, [app])
        self.house = AlertHouse(self.database, self.clock)
        self.house.company("acme")
        edit = ChannelEdit(name="Desk", kind="webhook", url="https://hook.example/")
        channel = Channels(self.database, self.clock).add(edit, "whsec_c2VjcmV0")
        what = {"kind": "mood", "below": BELOW, "window_minutes": 60, "min_documents": LEAST}
        rule = {"name": "Low", "who": {"kind": "all"}, "what": what, "channels": [channel.id]}
        Rules(self.database, self.clock).add(RuleEdit.model_validate(rule))
        self.alerts = Alerts(self.database, self.clock)
        self.written: list[tuple[Any, float]] = []
        self.holds = False
        self.reopened = False
        self.expected = 0

    def step(self, name: str, value: Any) -> None:
        if name == "write":
            self.house.write("acme", self.clock.now, value)
            self.written.append((self.clock.now, value))
        elif name == "wait":
            self.clock.advance(minutes=value)
        elif name == "restart":
            self.house.restarted()
        elif name.startswith("look"):
            self.house.look(self.clock.now, ["acme"] if name == "look touched" else None)
            self._judge()
        elif held := self.house.alerts():
            self._person(name, held[value % len(held)].alert.id)

    def _judge(self) -> None:
        late = [score for at, score in self.written if self.clock.now - HOUR < at]
        mood = sum(late) / len(late) if len(late) >= LEAST else None
        if not self.holds and mood is not None and mood <= BELOW:
            self.holds = True
            self.expected += not any(held.alert.state != "closed" for held in self.before)
        elif self.holds and (mood is None or mood > BELOW + SLACK):
            self.holds = False

    @property
    def before(self) -> list[Any]:
        """Alerts that a person had reopened when the condition began again: these go on."""
        return [held for held in self.house.alerts() if "reopened" in self.house.steps(held.alert.id)]

    def _person(self, name: str, alert: str) -> None:
        try:
            if name == "snooze":
                self.alerts.snooze(alert, HOUR, "ann", "")
            elif name == "reopen":
                self.alerts.reopen(alert, "ann", "", HOUR)
            else:
                getattr(self.alerts, name)(alert, "ann", "")
        except (OtherIsOpen, WrongState):
            return

    def check(self) -> None:
        held = self.house.alerts()
        assert sum(one.alert.closed_at is None for one in held) <= 1
        assert all((one.alert.state == "closed") == (one.alert.closed_at is not None) for one in held)
        assert len(held) == self.expected
        sent = [row for row, _ in Deliveries(self.database, self.clock).page((), None, None, None, 200)]
        assert set(Counter((row.alert_id, row.event, row.number) for row in sent).values()) <= {1}
        assert Counter(row.alert_id for row in sent if row.event == "opened") == Counter(one.alert.id for one in held)
        assert all(
            one.alert.reminders == sum(row.alert_id == one.alert.id and row.event == "reminder" for row in sent)
            for one in held
        )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(steps=STEPS)
def test_any_walk_opens_the_alerts_of_the_model_and_sends_each_message_once(steps: list[tuple[str, Any]]):
    with TemporaryDirectory() as folder:
        walk = Walk(folder)
        try:
            for name, value in steps:
                walk.step(name, value)
                walk.check()
        finally:
            walk.database.close()
