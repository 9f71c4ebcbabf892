"""Recurring work: who does it, when, and what happens when it fails."""

import logging
import threading
from datetime import timedelta

import pytest

from core.clock import system_clock
from core.database import Database
from core.errors import Misconfigured
from core.scheduler import HELD_FOR, Scheduler
from core.testing.fakes import FixedClock


def scheduler(database: Database, clock: FixedClock, done: list[str], name: str = "", every_s: float = 60) -> Scheduler:
    made = Scheduler(database, clock)
    made.every("notes.tidy", every_s, lambda: done.append(f"tidy{name}"))
    return made


def test_a_job_runs_first_at_once_and_then_at_its_interval(database: Database, clock: FixedClock):
    done: list[str] = []
    jobs = scheduler(database, clock, done)
    for seconds, runs in ((0, 1), (30, 1), (29, 1), (1, 2), (60, 3)):
        clock.advance(seconds=seconds)
        jobs.run_once(clock())
        assert len(done) == runs


def test_only_the_leader_works_and_another_takes_over_when_it_is_gone(database: Database, clock: FixedClock):
    done: list[str] = []
    first, second = (scheduler(database, clock, done, name, every_s=1) for name in "ab")
    assert first.run_once(clock()) == ["notes.tidy"]
    clock.advance(seconds=HELD_FOR.total_seconds() - 1)
    assert second.run_once(clock()) == []
    assert first.run_once(clock()) == ["notes.tidy"]
    clock.advance(seconds=HELD_FOR.total_seconds())
    assert second.run_once(clock()) == ["notes.tidy"]
    assert done == ["tidya", "tidya", "tidyb"]
    assert first.leads(clock()) is False


def test_the_next_leader_neither_repeats_nor_puts_off_a_daily_job(database: Database, clock: FixedClock):
    day, done = 86_400, []
    scheduler(database, clock, done, every_s=day).run_once(clock())
    clock.advance(hours=20)
    restarted = scheduler(database, clock, done, every_s=day)
    assert restarted.run_once(clock()) == []
    clock.advance(hours=4)
    assert restarted.run_once(clock()) == ["notes.tidy"]


def test_two_that_both_believe_to_lead_do_not_begin_a_turn_twice(database: Database, clock: FixedClock):
    done: list[str] = []
    first, second = (scheduler(database, clock, done, name) for name in "ab")
    first.run_once(clock())
    clock.advance(seconds=60)
    first._run_due(clock(), leads=True)  # as after a long suspension, without asking for the lease
    second._run_due(clock(), leads=True)
    assert len(done) == 2


def test_a_job_that_fails_is_logged_without_its_words_and_the_others_go_on(
    database: Database, clock: FixedClock, caplog: pytest.LogCaptureFixture
):
    done: list[str] = []
    jobs = Scheduler(database, clock)
    jobs.every("notes.break", 60, lambda: {}["somebody's words"])
    jobs.every("notes.tidy", 60, lambda: done.append("tidy"))
    with caplog.at_level(logging.ERROR, logger="core.scheduler"):
        assert jobs.run_once(clock()) == ["notes.break", "notes.tidy"]
    assert done == ["tidy"]
    assert [(r.msg, r.job) for r in caplog.records] == [("a job failed", "notes.break")]  # type: ignore[attr-defined]
    clock.advance(seconds=60)
    assert "notes.break" in jobs.run_once(clock())


def test_a_name_or_interval_that_makes_no_sense_is_refused(database: Database, clock: FixedClock):
    jobs = scheduler(database, clock, [])
    with pytest.raises(Misconfigured, match=r"two jobs named 'notes\.tidy'"):
        jobs.every("notes.tidy", 60, list)
    with pytest.raises(Misconfigured, match="no positive interval"):
        jobs.every("notes.other", 0, list)


def test_it_works_on_its_own_threads_and_stops_at_once(database: Database):
    ran = threading.Event()
    jobs = Scheduler(database, system_clock)
    jobs.every("notes.tidy", 0.01, ran.set)
    jobs.start()
    jobs.start()
    assert ran.wait(10)
    before = system_clock()
    jobs.stop()
    assert system_clock() - before < timedelta(seconds=2)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("scheduler-")]
    assert jobs.leads(system_clock()) is False


def test_stopping_hands_the_lead_over_at_once(database: Database, clock: FixedClock):
    first, second = (scheduler(database, clock, [], name) for name in "ab")
    first.run_once(clock())
    second.run_once(clock())
    assert not second.leads(clock())
    first.stop()
    second.run_once(clock())
    assert second.leads(clock())


def test_what_every_process_does_for_itself_needs_no_lead(database: Database, clock: FixedClock):
    leader, follower = Scheduler(database, clock), Scheduler(database, clock)
    done: list[str] = []
    for name, scheduler in (("leader", leader), ("follower", follower)):
        scheduler.every("notes.once", 5, lambda name=name: done.append(f"once by {name}"))
        scheduler.every("notes.here", 5, lambda name=name: done.append(f"here by {name}"), everywhere=True)
    assert leader.run_once(clock()) == ["notes.once", "notes.here"]
    assert follower.run_once(clock()) == ["notes.here"]
    assert follower.run_once(clock()) == []
    clock.advance(seconds=6)  # it is its turn again, but the leader leads on
    assert follower.run_once(clock()) == ["notes.here"]
    assert done == ["once by leader", "here by leader", "here by follower", "here by follower"]
