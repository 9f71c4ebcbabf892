"""The ring of known keys: fast where it can be, right where it must be."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from sqlalchemy import event

from core.auth import create_key, list_keys, revoke_key
from core.auth.keys import NewKey
from core.auth.limits import FAILURES_PER_MINUTE, Limits, TooManyFailures
from core.auth.verify import EndedKey, KeyRing, WrongKey
from core.database import Database
from core.testing.fakes import FixedClock

HERE = "203.0.113.7"
MADE_UP = "trv_aaaaaaaa_" + "x" * 43


@pytest.fixture
def ring(database: Database, clock: FixedClock) -> KeyRing:
    return KeyRing(database, Limits(time=lambda: clock().timestamp()), clock)


@pytest.fixture
def made(database: Database, clock: FixedClock) -> NewKey:
    return create_key(database, "desk", ["admin"], known_scopes=(), now=clock())


@pytest.fixture
def statements(database: Database) -> list[str]:
    """What the database was asked from here on."""
    seen: list[str] = []

    def note(*args: Any) -> None:
        if not args[2].startswith("BEGIN"):
            seen.append(args[2])

    event.listen(database.engine, "before_cursor_execute", note)
    return seen


def run(*steps: Coroutine[Any, Any, object]) -> list[object]:
    async def in_order() -> list[object]:
        return [await step for step in steps]

    return asyncio.run(in_order())


def test_a_key_that_was_met_costs_no_sql_for_five_seconds(ring, made, clock, statements):
    run(ring.identify(made.key, HERE), ring.close())
    statements.clear()
    clock.advance(seconds=4.9)
    run(*(ring.identify(made.key, HERE) for _ in range(100)))
    assert statements == []
    clock.advance(seconds=0.1)
    run(ring.identify(made.key, HERE))
    assert len(statements) == 1


def test_a_revoked_key_stops_working_within_five_seconds_everywhere(ring, made, clock, database):
    run(ring.identify(made.key, HERE))
    revoke_key(database, made.prefix, now=clock())  # as another process would
    clock.advance(seconds=5)
    with pytest.raises(EndedKey, match="was revoked: create a new one"):
        run(ring.identify(made.key, HERE))


def test_an_expired_key_stops_working_at_once(ring, clock, database):
    end = clock().replace(second=3)
    made = create_key(database, "desk", ["admin"], known_scopes=(), now=clock(), expires_at=end)
    run(ring.identify(made.key, HERE))
    clock.advance(seconds=3)
    with pytest.raises(EndedKey, match="has expired"):
        run(ring.identify(made.key, HERE))


def test_a_clock_that_is_set_back_does_not_prolong_what_is_remembered(ring, made, clock, database):
    run(ring.identify(made.key, HERE))
    revoke_key(database, made.prefix, now=clock())
    clock.advance(hours=-1)
    with pytest.raises(EndedKey):
        run(ring.identify(made.key, HERE))


def test_guessing_is_stopped_for_a_minute_and_then_asks_no_database(ring, clock, statements):
    for _ in range(FAILURES_PER_MINUTE):
        with pytest.raises(WrongKey):
            run(ring.identify(MADE_UP, HERE))
    statements.clear()
    with pytest.raises(TooManyFailures) as caught:
        run(ring.identify(MADE_UP, HERE))
    assert statements == []
    assert caught.value.retry_after_s == 60
    with pytest.raises(WrongKey):
        run(ring.identify(MADE_UP, "198.51.100.1"))
    clock.advance(seconds=60)
    with pytest.raises(WrongKey):
        run(ring.identify(MADE_UP, HERE))


def test_one_guesser_does_not_shut_out_a_neighbour_whose_key_worked(ring, made, clock):
    run(ring.identify(made.key, HERE))
    for _ in range(FAILURES_PER_MINUTE):
        with pytest.raises(WrongKey):
            run(ring.identify(MADE_UP, HERE))
    clock.advance(seconds=6)  # no longer remembered, so it is looked up
    assert run(ring.identify(made.key, HERE))[0].name == "desk"  # type: ignore[attr-defined]


def test_addresses_of_one_ipv6_network_are_counted_together(ring):
    for host in range(FAILURES_PER_MINUTE):
        with pytest.raises(WrongKey):
            run(ring.identify(MADE_UP, f"2001:db8::{host:x}"))
    with pytest.raises(TooManyFailures):
        run(ring.identify(MADE_UP, "2001:db8::ffff"))
    with pytest.raises(WrongKey):
        run(ring.identify(MADE_UP, "2001:db8:0:1::1"))


def test_made_up_keys_leave_nothing_in_memory(ring):
    for number in range(FAILURES_PER_MINUTE):
        with pytest.raises(WrongKey):
            run(ring.identify(f"trv_{number:08}_" + "x" * 43, HERE))
    assert ring._known == {}


def test_use_is_written_beside_the_request_and_once_a_minute(ring, made, clock, database, statements):
    began = clock()
    run(ring.identify(made.key, HERE), ring.close())
    assert list_keys(database)[0].last_used_at == began
    clock.advance(seconds=59)
    statements.clear()
    run(ring.identify(made.key, HERE), ring.close())
    assert not any(statement.startswith("UPDATE") for statement in statements)
    clock.advance(seconds=1)
    run(ring.identify(made.key, HERE), ring.close())
    assert list_keys(database)[0].last_used_at == clock()
