"""API keys in the database."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from core.auth import create_key, demo_key, list_keys, revoke_key
from core.auth.keys import SHAPE, find_key, note_use
from core.database import Database
from core.errors import Invalid, NotFound
from core.testing.fakes import FixedClock

READ = "notes:read"


def make(database: Database, clock: FixedClock, **wishes):
    return create_key(database, "desk", [READ], known_scopes=[READ], now=clock(), **wishes)


def test_a_new_key_is_found_by_its_secret_and_by_no_other(database: Database, clock: FixedClock):
    made = make(database, clock)
    assert SHAPE.fullmatch(made.key)
    found = find_key(database, made.key)
    assert found is not None
    assert (found.name, found.scopes, found.prefix) == ("desk", (READ,), made.key[4:12])
    other_secret = made.key[:-1] + ("A" if made.key[-1] != "A" else "B")
    for wrong in (other_secret, made.key[:12], "", "trv_\x00", made.key + "\n", "trv_éééééééé_" + "x" * 43):
        assert find_key(database, wrong) is None


def test_the_database_never_holds_a_key(database: Database, clock: FixedClock):
    made = make(database, clock)
    secret = made.key.rpartition("_")[2] if made.key.count("_") == 2 else made.key[13:]
    with database.session() as session:
        row = session.execute(text("SELECT * FROM api_keys")).one()
    assert all(secret not in str(value) for value in row)
    assert made.key not in repr(made)


def test_keys_are_listed_oldest_first_and_stay_listed_when_revoked(database: Database, clock: FixedClock):
    first, second = make(database, clock), make(database, clock)
    clock.advance(minutes=1)
    revoke_key(database, first.prefix, now=clock())
    assert [(key.id, key.revoked_at) for key in list_keys(database)] == [(first.id, clock()), (second.id, None)]


def test_revoking_twice_keeps_the_first_time(database: Database, clock: FixedClock):
    made, when = make(database, clock), clock()
    revoke_key(database, made.prefix, now=when)
    clock.advance(days=1)
    assert revoke_key(database, made.prefix, now=clock()).revoked_at == when


def test_revoking_an_unknown_key_says_where_to_look(database: Database, clock: FixedClock):
    with pytest.raises(NotFound, match="no key with the prefix 'nothing0': see `trivium keys list`"):
        revoke_key(database, "nothing0", now=clock())


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"name": "  "}, "name of 1 to 80"),
        ({"name": "a\nb"}, "name of 1 to 80"),
        ({"name": "x" * 81}, "name of 1 to 80"),
        (
            {"scopes": []},
            "at least one scope: choose from admin, embeddings:write, models:read, models:use, notes:read",
        ),
        ({"scopes": ["notes:burn"]}, "no scope 'notes:burn': choose from"),
        ({"requests_per_minute": 0}, "between 1 and"),
        ({"tokens_per_minute": 3_000_000_000}, "between 1 and 2,000,000,000"),
        ({"expires_at": FixedClock()()}, "expired already"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(database: Database, clock: FixedClock, wishes, sentence):
    wanted = {"name": "desk", "scopes": [READ], "known_scopes": [READ], "now": clock(), **wishes}
    with pytest.raises(Invalid, match=sentence):
        create_key(database, **wanted)
    assert list_keys(database) == []


def test_use_is_noted_at_most_once_a_minute(database: Database, clock: FixedClock):
    made, began = make(database, clock), clock()
    note_use(database, made.id, began)
    note_use(database, made.id, began + timedelta(seconds=59))
    assert list_keys(database)[0].last_used_at == began
    note_use(database, made.id, began + timedelta(seconds=60))
    assert list_keys(database)[0].last_used_at == began + timedelta(seconds=60)


def test_the_demo_key_stays_the_same_until_it_is_revoked(database: Database, clock: FixedClock, tmp_path: Path):
    first = demo_key(database, tmp_path, clock())
    assert demo_key(database, tmp_path, clock()) == first
    assert (tmp_path / "demo-key").stat().st_mode & 0o777 == 0o600
    revoke_key(database, first[4:12], now=clock())
    second = demo_key(database, tmp_path, clock())
    assert second != first
    found = find_key(database, second)
    assert found is not None
    assert found.scopes == ("admin",)


def test_a_demo_key_of_another_database_is_replaced(database: Database, clock: FixedClock, tmp_path: Path):
    (tmp_path / "demo-key").write_bytes(b"\xff not a key")
    assert find_key(database, demo_key(database, tmp_path, clock())) is not None
