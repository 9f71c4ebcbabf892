from core.testing.fakes import FixedClock
from ui.sessions import MOST, Sessions


def test_a_session_gives_its_key_back_for_twelve_hours(clock: FixedClock):
    sessions = Sessions(clock)
    token = sessions.begin("trv_key")
    clock.advance(hours=11, minutes=59)
    assert sessions.key(token) == "trv_key"
    clock.advance(minutes=1)
    assert sessions.key(token) is None


def test_tokens_differ_and_tell_nothing_of_the_key(clock: FixedClock):
    sessions = Sessions(clock)
    one, other = sessions.begin("trv_key"), sessions.begin("trv_key")
    assert one != other
    assert "trv" not in one
    assert len(one) >= 43


def test_ending_a_session_leaves_the_others(clock: FixedClock):
    sessions = Sessions(clock)
    one, other = sessions.begin("trv_one"), sessions.begin("trv_other")
    sessions.end(one)
    assert (sessions.key(one), sessions.key(other)) == (None, "trv_other")


def test_nobody_is_signed_in_without_a_token(clock: FixedClock):
    sessions = Sessions(clock)
    sessions.end(None)
    assert sessions.key(None) is None


def test_the_oldest_session_gives_way_when_there_are_too_many(clock: FixedClock):
    sessions = Sessions(clock)
    first, second = sessions.begin("trv_1"), sessions.begin("trv_2")
    for _ in range(MOST - 1):
        sessions.begin("trv_n")
    assert (sessions.key(first), sessions.key(second)) == (None, "trv_2")


def test_a_session_does_not_show_its_keys_when_printed(clock: FixedClock):
    sessions = Sessions(clock)
    sessions.begin("trv_secret")
    assert "trv_secret" not in repr(sessions)
