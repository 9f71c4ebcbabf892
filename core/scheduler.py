"""Recurring background work, done by one process at a time however many serve. Keeps no queue of single jobs.

One process leads: it holds the lease "scheduler" in the database and renews it; when it dies the lease runs out and
another takes over. When each job last began stands in the database too, so a restart neither repeats a daily job nor
puts it off. A job's start is claimed with one conditional update: even two processes that both believe they lead (one
was suspended for a while) never begin the same turn twice.
"""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, String, delete, or_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.clock import Clock
from core.database import Base, Database, UTCDateTime
from core.errors import Misconfigured

LEASE = "scheduler"
HELD_FOR = timedelta(seconds=10)  # what a dead leader left waits so long: customers wait for it
RENEWED_EVERY = timedelta(seconds=3)  # two renewals may fail before another process takes over
LOOKS_EVERY_S = 1.0
ENDS_WITHIN_S = 5.0  # how long `stop` waits for a job that is running

_log = logging.getLogger(__name__)


class LeaseRow(Base):
    """Who may do what only one process may do. holder: names the process, until `expires_at`"""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(128))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime())


class JobRow(Base):
    """When a recurring job last began."""

    __tablename__ = "scheduled_jobs"

    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime())


@dataclass(frozen=True)
class Job:
    """Work that comes round. run: called without arguments, on the scheduler's own thread

    everywhere: done by every process for itself, such as forgetting what it holds in memory
    """

    name: str
    interval: timedelta
    run: Callable[[], object]
    everywhere: bool = False


class Scheduler:
    """The recurring jobs of one process, and its part in choosing who leads."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self._began: dict[str, datetime] = {}
        self._holder = f"{socket.gethostname()[:64]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._renewed_at: datetime | None = None
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def every(self, name: str, seconds: float, function: Callable[[], object], *, everywhere: bool = False) -> None:
        """Have `function` called every so many seconds, by whichever process leads; first as soon as one does.

        name: "<app>.<what it does>", the same in every process
        everywhere: called in every process instead, whoever leads
        raises: Misconfigured when the name is taken or the interval is not positive
        """
        if seconds <= 0:
            raise Misconfigured(f"job {name!r} has no positive interval", remedy="give it one")
        if name in self._jobs:
            raise Misconfigured(f"there are two jobs named {name!r}", remedy="rename one")
        self._jobs[name] = Job(name, timedelta(seconds=seconds), function, everywhere)

    def start(self) -> None:
        """Begin on background threads: one renews the lease, one works, so that a long job does not lose it."""
        if self._threads:
            return
        self._stopping.clear()
        for name, step, pause in (
            ("scheduler-lease", self._keep_lease, RENEWED_EVERY.total_seconds()),
            ("scheduler-jobs", self._work, LOOKS_EVERY_S),
        ):
            thread = threading.Thread(target=self._repeat, args=(step, pause), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """End the threads and let another process lead. A job that runs on after five seconds is left to its end."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(ENDS_WITHIN_S)
            if thread.is_alive():
                _log.warning("a job was still running at the end", extra={"job": thread.name})
        self._threads.clear()
        if self._renewed_at is not None:
            self._guarded(self._release, "the lease could not be given back")

    def run_once(self, now: datetime) -> list[str]:
        """Do what is due, on this thread, if this process leads or can.

        returns: names of the jobs that were begun, failed ones too
        """
        return self._run_due(now, leads=self._take_lease(now))

    def leads(self, now: datetime) -> bool:
        """Whether this process held the lease when it last asked and it has not run out since."""
        return self._renewed_at is not None and timedelta(0) <= now - self._renewed_at < HELD_FOR

    def _repeat(self, step: Callable[[], object], pause: float) -> None:
        while not self._stopping.is_set():
            self._guarded(step, "the scheduler could not do its round")
            self._stopping.wait(pause)

    def _keep_lease(self) -> None:
        self._take_lease(self._clock())

    def _work(self) -> None:
        now = self._clock()
        self._run_due(now, leads=self.leads(now))

    def _run_due(self, now: datetime, *, leads: bool) -> list[str]:
        begun = []
        for job in list(self._jobs.values()):
            if self._stopping.is_set():
                break
            if self._begin_here(job, now) if job.everywhere else leads and self._begin(job, now):
                begun.append(job.name)
                self._guarded(job.run, "a job failed", job.name)
        return begun

    def _take_lease(self, now: datetime) -> bool:
        terms = {"holder": self._holder, "expires_at": now + HELD_FOR}
        free = or_(LeaseRow.holder == self._holder, LeaseRow.expires_at <= now)
        with self._database.session(write=True) as session:
            held = _insert(session, LeaseRow(name=LEASE, **terms)) or _changed(
                session.execute(update(LeaseRow).where(LeaseRow.name == LEASE, free).values(terms))
            )
        if held and not self.leads(now):
            _log.info("this process leads now")
        self._renewed_at = now if held else None
        return held

    def _release(self) -> None:
        with self._database.session(write=True) as session:
            session.execute(delete(LeaseRow).where(LeaseRow.name == LEASE, LeaseRow.holder == self._holder))
        self._renewed_at = None

    def _begin_here(self, job: Job, now: datetime) -> bool:
        seen = self._began.get(job.name)
        if seen is not None and now - seen < job.interval:
            return False
        self._began[job.name] = now
        return True

    def _begin(self, job: Job, now: datetime) -> bool:
        seen = self._began.get(job.name)
        if seen is not None and now - seen < job.interval:
            return False  # without asking the database every second
        with self._database.session() as session:
            row = session.get(JobRow, job.name)
        if row is not None and now - row.started_at < job.interval:
            self._began[job.name] = row.started_at
            return False
        self._began[job.name] = now
        with self._database.session(write=True) as session:
            if row is None:
                return _insert(session, JobRow(name=job.name, started_at=now))
            unchanged = (JobRow.name == job.name, JobRow.started_at == row.started_at)
            return _changed(session.execute(update(JobRow).where(*unchanged).values(started_at=now)))

    def _guarded(self, step: Callable[[], object], event: str, job: str | None = None) -> None:
        try:
            step()
        except Exception:  # noqa: BLE001  a job of a strange app may fail in any way; the others go on
            _log.exception(event, extra={"job": job} if job else None)


def _insert(session: Session, row: Base) -> bool:
    """returns: False when a row with this key stands already"""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def _changed(result: object) -> bool:
    return cast("CursorResult[Any]", result).rowcount == 1
