"""Look at sources when their time has come, several at once, each failing alone.

What a look brings and the source's new state are written together: a process that dies before has changed nothing, and
the next one looks again. A claim keeps two processes from looking at the same source at once.
"""

import logging
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from apps.finance_sentiment.errors import CannotPoll, FetchFailed
from apps.finance_sentiment.pipeline.capturing import prepared
from apps.finance_sentiment.pipeline.document_files import read_documents
from apps.finance_sentiment.pipeline.fetching import Fetcher
from apps.finance_sentiment.pipeline.folders import NewFile, allowed, new_files, stands
from apps.finance_sentiment.pipeline.gathering import gather
from apps.finance_sentiment.pipeline.importing import Tally, batches
from apps.finance_sentiment.schemas.sources import Polled
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.sources import Claim, Sources
from core.clock import Clock
from core.errors import TriviumError

LOOKS_EVERY_S = 5.0
MOST_AT_ONCE = 8
MOST_IN_A_ROUND = 200
CLAIMED_FOR, RENEWED_EVERY_S = timedelta(seconds=25), 5.0
"""A look is claimed so long, and anew while it lasts: who has not claimed it anew for so long is dead."""
FILE_CLAIMED_FOR = timedelta(seconds=80)
"""A part of a file that is read in a watched folder; after each part it is claimed anew."""
LONGEST_BACK_OFF_S = 21_600.0
MOST_DOUBLED = 12

_log = logging.getLogger(__name__)


def back_off(every_s: float, failures: int, chance: Callable[[], float]) -> timedelta:
    """How long to wait after so many failures in a row: doubled each time, six hours at most, moved by chance.

    chance: gives numbers in [0, 1);  returns: between .75 and 1.25 of the wait

    >>> [round(back_off(300, n, lambda: 0.5).total_seconds()) for n in (1, 2, 3, 30)]
    [300, 600, 1200, 21600]
    """
    longest = max(every_s, LONGEST_BACK_OFF_S)
    seconds = min(every_s * 2.0 ** min(failures - 1, MOST_DOUBLED), longest)
    return timedelta(seconds=seconds * (0.75 + 0.5 * chance()))


@dataclass
class Poller:
    """Looks at sources. chance: see `back_off`;  wake: called when there is something new to read

    roots: folders in and below which may be watched;  stopping: nothing new is begun when set
    """

    sources: Sources
    fetcher: Fetcher
    settings: FinanceSettings
    roots: tuple[Path, ...]
    clock: Clock
    stopping: threading.Event
    chance: Callable[[], float] = random.random
    wake: Callable[[], object] = lambda: None
    _busy: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="sources")
    )

    def look(self) -> int:
        """Have looked at, on other threads, what is due. returns: how many looks were begun"""
        begun = 0
        for source in self.sources.due(MOST_IN_A_ROUND):
            with self._lock:
                if self.stopping.is_set() or source in self._busy:
                    continue
                self._busy.add(source)
            self._pool.submit(self._look_guarded, source)
            begun += 1
        return begun

    def poll(self, source: str) -> Polled:
        """Look at a source now, due or not. raises: NoSuchSource, CannotPoll"""
        claim = self.sources.claim(source, self._until(), due=False)
        if claim is None:
            raise CannotPoll(source, paused=not self.sources.get(source).enabled)
        return self._look(claim)

    def poll_all(self) -> list[Polled]:
        """Look at all sources that are not paused, due or not, and wait for it; those that others look at are left."""
        ids = [row.id for row in self.sources.enabled()]
        claimed = self._pool.map(lambda source: self._claimed(source, due=False), ids)
        return [done for done in claimed if done is not None]

    def wait(self) -> None:
        """End once all looks that were begun are done."""
        self._pool.shutdown(wait=True)

    def _look_guarded(self, source: str) -> None:
        try:
            if not self.stopping.is_set():
                self._claimed(source, due=True)
        except Exception:  # noqa: BLE001  on a thread of its own nobody else would tell of it; the next round tries again
            _log.exception("a source could not be looked at")
        finally:
            with self._lock:
                self._busy.discard(source)

    def _claimed(self, source: str, *, due: bool) -> Polled | None:
        claim = self.sources.claim(source, self._until(), due=due)
        return self._look(claim) if claim is not None else None

    def _until(self) -> datetime:
        return self.clock() + CLAIMED_FOR

    @contextmanager
    def _held(self, claim: Claim) -> Iterator[None]:
        """Claim a look anew while it lasts, so that a short claim is enough for a slow answer."""
        over = threading.Event()

        def renew() -> None:
            while not over.wait(RENEWED_EVERY_S):
                try:
                    self.sources.renew(claim, self._until())
                except TriviumError as error:  # the database is busy; there is time for another try
                    _log.warning("a claim could not be renewed", extra={"source": claim.source.id, "reason": error})

        thread = threading.Thread(target=renew, name="source-claim", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()  # from here on nobody changes the claim

    def _look(self, claim: Claim) -> Polled:
        try:
            done = self._look_at_folder(claim) if claim.source.kind == "folder" else self._look_at_web(claim)
        except TriviumError as error:
            done = self._failed(claim, error)
        except Exception as error:  # noqa: BLE001  strange bytes may upset any parser; the source says so, others go on
            _log.exception("a source could not be read", extra={"source": claim.source.id})
            done = self._failed(claim, FetchFailed(f"reading it failed in an unforeseen way ({type(error).__name__})"))
        if done.new:
            self.wake()
        return done

    def _look_at_web(self, claim: Claim) -> Polled:
        source = claim.source
        with self._held(claim):
            found = gather(
                self.fetcher,
                source.kind,
                source.address,
                etag=source.etag,
                last_modified=source.last_modified,
                since=source.last_success_at,
            )
        now = self.clock()
        ready = [prepared(one, now, self.settings) for one in found.captured]
        documents = [one for one in ready if one is not None]
        note = found.note
        if empty := len(ready) - len(documents):
            note = "; ".join(filter(None, (note, f"{empty} entries hold no words")))
        changes = self._well(source.every_seconds, found.every_s, now, note)
        if found.changed:
            changes |= {"etag": found.fetched.etag, "last_modified": found.fetched.last_modified}
            if not source.title:
                changes["title"] = found.title[:200]
        kept = self.sources.settle(claim, documents, changes)
        return Polled(source=source.id, ok=True, reason=note, changed=found.changed, seen=len(ready), new=len(kept.new))

    def _look_at_folder(self, claim: Claim) -> Polled:
        source = claim.source
        self.sources.renew(claim, self.clock() + FILE_CLAIMED_FOR)
        folder = allowed(source.address, self.roots)
        known = self.sources.files(source.id)
        bad = [row.name for row in known if row.reason and stands(folder, row)]
        seen = new = 0
        for file in new_files(folder, known, self.clock()):
            if self.stopping.is_set():
                break
            reason, read, added = self._read_file(file, claim)
            self.sources.put_file(file.noted(source.id, read, reason, self.clock()))
            seen, new = seen + read, new + added
            if reason:
                bad.append(file.path.name)
        note = f"{len(bad)} files could not be read, such as {bad[-1]:.100}" if bad else ""
        self.sources.settle(claim, [], self._well(source.every_seconds, None, self.clock(), note))
        return Polled(source=source.id, ok=True, reason=note, changed=seen > 0, seen=seen, new=new)

    def _read_file(self, file: NewFile, claim: Claim) -> tuple[str, int, int]:
        """returns: why it cannot be read, how many documents it holds, how many are new"""
        tally = Tally()
        new = 0
        try:
            for _ in read_documents(file.path, tally.tell):
                tally.documents += 1
            if tally.bad:
                more = f" ({tally.bad} rows are bad)" if tally.bad > 1 else ""
                return f"{tally.faults[0]}{more}", 0, 0
            for batch in batches(one for _, one in read_documents(file.path)):
                ready = [prepared(one, self.clock(), self.settings) for one in batch]
                documents = [one for one in ready if one is not None]
                kept = self.sources.keep(claim, documents, self.clock() + FILE_CLAIMED_FOR)
                new += len(kept.new)
        except TriviumError as error:
            return error.fact, 0, new
        except OSError as error:
            return f"it cannot be opened ({error.strerror})", 0, new
        return "", tally.documents, new

    def _well(self, every: int, asked: float | None, now: datetime, note: str) -> dict[str, object]:
        """The state after a look that went well. asked: seconds between looks that a feed asks for"""
        seconds = max(float(every), asked or 0.0) * (1 + 0.1 * self.chance())  # never sooner than was asked
        return {
            "state": "ok",
            "reason": note,
            "failures": 0,
            "last_success_at": now,
            "next_at": now + timedelta(seconds=seconds),
        }

    def _failed(self, claim: Claim, error: TriviumError) -> Polled:
        source, now = claim.source, self.clock()
        failures = source.failures + 1
        wait = back_off(source.every_seconds, failures, self.chance)
        gone = isinstance(error, FetchFailed) and error.gone
        if isinstance(error, FetchFailed) and error.wait_s is not None:
            wait = max(wait, timedelta(seconds=error.wait_s))
        reason = str(error)
        changes: dict[str, object] = {
            "state": "paused" if gone else "failing",
            "enabled": not gone,
            "reason": reason,
            "failures": failures,
            "next_at": now + wait,
        }
        self.sources.settle(claim, [], changes)
        return Polled(source=source.id, ok=False, reason=reason, changed=False, seen=0, new=0)
