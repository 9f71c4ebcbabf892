"""Any order of steps by anybody leaves every chat legal, on SQLite and PostgreSQL."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from apps.customer_service.pipeline import writing
from apps.customer_service.pipeline.assigning import Team
from apps.customer_service.pipeline.handing_over import hand_over
from apps.customer_service.pipeline.handoff import STATES, move
from apps.customer_service.schemas.desk import Reply
from core.database import Database
from core.errors import Conflict
from core.testing.fakes import FixedClock
from tests.apps.customer_service.team import hire, open_migrated, says

AGENTS = ("ada", "bo", "cleo")
CHATS = st.integers(0, 2)
WHO = st.sampled_from(AGENTS)


def machine(team: Team, clock: FixedClock) -> type[RuleBasedStateMachine]:
    """Steps on three new chats by three agents who may have two at once; what is refused must change nothing."""

    class Steps(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            hire(team, *AGENTS, most_chats=2)
            new = {"collection": "support", "channel": "web", "language": "en", "meta": {}}
            self.chats = [team.conversations.begin(customer="c", **new) for _ in range(3)]  # type: ignore[arg-type]

        @rule(at=CHATS)
        def customer_writes(self, at: int) -> None:
            says(team, self.chats[at], "hello")
            clock.advance(seconds=1)

        @rule(at=CHATS)
        def customer_asks_for_a_person(self, at: int) -> None:
            with suppress(Conflict), team.conversations.change(self.chats[at]) as change:
                hand_over(change, "asked_for")

        @rule(at=CHATS, who=WHO)
        def assign(self, at: int, who: str) -> None:
            with suppress(Conflict):
                team.assign(self.chats[at], who)

        @rule(who=WHO)
        def take_next(self, who: str) -> None:
            with suppress(Conflict):
                team.take_next(who)

        @rule(at=CHATS, who=WHO)
        def release(self, at: int, who: str) -> None:
            with suppress(Conflict):
                team.release(self.chats[at], who)

        @rule(at=CHATS, who=WHO, to=st.sampled_from((*AGENTS, None)))
        def transfer(self, at: int, who: str, to: str | None) -> None:
            with suppress(Conflict):
                if to:
                    team.transfer_to_agent(self.chats[at], who, to, "note")
                else:
                    team.transfer_to_queue(self.chats[at], who, "everyone", "")

        @rule(at=CHATS, who=WHO)
        def reply(self, at: int, who: str) -> None:
            before = team.conversations.get(self.chats[at])
            with suppress(Conflict):
                writing.reply(team, self.chats[at], Reply(agent=who, text="hi"))
                assert (before.state, before.agent) == ("assigned", who)

        @rule(at=CHATS, who=WHO)
        def resolve(self, at: int, who: str) -> None:
            with suppress(Conflict):
                team.resolve(self.chats[at], who, "answered", "")

        @rule(at=CHATS, who=WHO)
        def reopen(self, at: int, who: str) -> None:
            with suppress(Conflict):
                team.reopen(self.chats[at], who)

        @rule(who=WHO, status=st.sampled_from(["online", "away", "offline"]))
        def change_status(self, who: str, status: str) -> None:
            hire(team, who, most_chats=2, status=status)

        @rule()
        def time_passes_and_the_silent_lose_their_customers(self) -> None:
            clock.advance(minutes=6)
            team.take_from_the_silent()

        @invariant()
        def every_chat_is_legal(self) -> None:
            for chat in getattr(self, "chats", ()):
                row, entries = team.conversations.get(chat), team.conversations.entries(chat)
                assert row.state in STATES
                assert (row.agent is not None) == (row.state == "assigned")
                assert row.state == "bot" or row.pending is None
                assert row.state not in ("queued", "reopened") or (row.queue and row.queued_at)
                assert [entry.number for entry in entries] == list(range(1, row.last_number + 1))
                state, asked = "bot", False
                for data in (entry.data for entry in entries if entry.kind == "state"):
                    assert data["before"] == state
                    step = data.get("step", "hand_over")
                    if step != "transfer":
                        assert move(state, step, had_a_person=asked).after == data["after"]  # type: ignore[arg-type]
                    state = data["after"]
                    asked = asked or state in ("queued", "assigned")
                assert state == row.state
            assert max(team.agents.chats().values(), default=0) <= 2

        def teardown(self) -> None:
            for chat in getattr(self, "chats", ()):
                row = team.conversations.get(chat)
                if row.state != "resolved":
                    team.resolve(chat, row.agent or "ada", "other", "")

    return Steps


@pytest.mark.timeout(600)
def test_no_order_of_steps_leads_to_an_illegal_state(database: Database, clock: FixedClock):
    few = settings(
        max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(machine(open_migrated(database, clock), clock), settings=few)
