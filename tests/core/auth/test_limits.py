"""Counting requests, tokens and failures."""

import pytest

from core.auth.limits import Limits, RequestsUsedUp, TokensUsedUp, TooManyTokens, Window
from core.errors import Misconfigured
from core.testing.fakes import FixedClock


@pytest.fixture
def limits(clock: FixedClock) -> Limits:
    return Limits(time=lambda: clock().timestamp())


def test_requests_run_out_and_come_back_with_the_next_minute(limits: Limits, clock: FixedClock):
    assert limits.take_request(1, 2) == Window(limit=2, remaining=1, reset_s=60)
    clock.advance(seconds=20.5)
    assert limits.take_request(1, 2) == Window(limit=2, remaining=0, reset_s=40)
    with pytest.raises(RequestsUsedUp, match="2 requests a minute are used up: wait 40 s") as caught:
        limits.take_request(1, 2)
    assert caught.value.retry_after_s == 40
    clock.advance(seconds=39.5)
    assert limits.take_request(1, 2).remaining == 1


def test_each_key_has_its_own_minute(limits: Limits):
    limits.take_request(1, 1)
    assert limits.take_request(2, 1).remaining == 0


def test_a_refused_request_spends_no_tokens(limits: Limits):
    limits.take_tokens(1, 100, 90)
    with pytest.raises(TokensUsedUp, match="has 20 tokens, but of the key's 100 a minute only 10 are left: wait 60 s"):
        limits.take_tokens(1, 100, 20)
    limits.take_tokens(1, 100, 10)


def test_a_request_that_never_fits_is_not_told_to_wait(limits: Limits):
    with pytest.raises(TooManyTokens, match="more than the key's 100 a minute: split it") as caught:
        limits.take_tokens(1, 100, 101)
    assert caught.value.retry_after_s is None
    limits.take_tokens(1, 100, 100)


@pytest.mark.parametrize("storage", ["carrier-pigeon://loft", "async+memory://", "not a url", "redis://host:port"])
def test_a_storage_that_cannot_be_used_is_named_with_a_remedy(storage: str):
    with pytest.raises(Misconfigured, match=r"imits cannot be counted in .*: set TRIVIUM_LIMITS_STORAGE"):
        Limits(storage)


def test_windows_that_are_over_are_forgotten(clock: FixedClock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("core.auth.counters.MOST_WINDOWS", 3)
    limits = Limits(time=lambda: clock().timestamp())
    for key in range(3):
        limits.take_request(key, 5)
    clock.advance(minutes=2)
    limits.take_request(9, 5)
    assert limits._counter.storage.reset() == 1
