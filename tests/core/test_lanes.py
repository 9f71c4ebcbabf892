"""Receivers that are slow, that fail, and an end."""

import threading

import pytest

from core.lanes import Lanes


def test_one_that_is_slow_holds_up_no_other_and_is_not_begun_twice():
    lanes, go_on, done = Lanes(2, "test", threading.Event()), threading.Event(), threading.Event()
    assert lanes.begin("slow", lambda: go_on.wait(20))
    assert not lanes.begin("slow", done.set)
    assert lanes.begin("quick", done.set)
    assert done.wait(20)
    go_on.set()
    lanes.wait()


def test_a_failure_is_logged_and_the_lane_is_free_again(caplog: pytest.LogCaptureFixture):
    lanes, again = Lanes(1, "test", threading.Event()), threading.Event()

    def fails() -> None:
        raise ValueError("broken")

    assert lanes.begin("one", fails)
    while not lanes.begin("one", again.set):
        again.wait(0.01)
    lanes.wait()
    assert again.is_set()
    assert "messages could not be sent" in caplog.text


def test_nothing_is_begun_at_the_end():
    stopping = threading.Event()
    lanes = Lanes(1, "test", stopping)
    stopping.set()
    assert not lanes.begin("one", stopping.clear)
    lanes.wait()
    assert stopping.is_set()
