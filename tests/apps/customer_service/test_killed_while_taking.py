"""A process that is killed while an agent takes a chat: the chat waits on, and the next agent gets it."""

import subprocess
import sys

import pytest

from core.database import Database
from core.testing.fakes import FixedClock
from tests.apps.customer_service.team import asks, hire, open_migrated

pytestmark = pytest.mark.integration

TAKES_AND_HANGS = """
import sys, time
from apps.customer_service.pipeline import assigning
from apps.customer_service.settings import SupportSettings
from core.clock import system_clock
from core.database import Database

team = assigning.open_team(Database(sys.argv[1]), SupportSettings(), system_clock)
give = assigning._give

def give_and_hang(change, *args, **named):
    give(change, *args, **named)
    change.session.flush()
    print("taken, not committed", flush=True)
    time.sleep(600)

assigning._give = give_and_hang
team.take_next("ada")
"""


def test_nothing_is_lost_and_nobody_is_assigned_twice(database: Database, database_url: str, clock: FixedClock):
    team = open_migrated(database, clock)
    hire(team, "ada", "bo")
    chat = asks(team)
    version = team.conversations.get(chat).version
    process = subprocess.Popen(
        [sys.executable, "-c", TAKES_AND_HANGS, database_url], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "taken, not committed\n"
        if not database.is_sqlite:
            assert team.take_next("bo") is None  # it is just being taken, and nobody waits for that
    finally:
        process.kill()
        process.wait(30)
        process.stdout.close()
    row = team.conversations.get(chat)
    assert (row.state, row.version) == ("queued", version)
    taken = team.take_next("bo")
    assert taken is not None
    assert taken.id == chat
    assert team.agents.chats() == {"bo": 1}
