"""Trained versions in a running process: opened once, followed when another is promoted, given back at the end."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.backend.checkpoint import open_checkpoint
from core.backend.classifier import Classifier
from core.backend.encoder import Encoder
from core.backend.registry import DamagedPointer, Registry, Stamp, Version
from core.backend.registry.versions import parse_ref
from core.backend.regressor import Regressor
from core.backend.trained import Trained, beside_trained, of_labels, of_numbers, open_trained, opened_model
from core.clock import Clock
from core.errors import Overloaded
from core.settings import Settings

_log = logging.getLogger(__name__)

PATIENCE_S = 1.0  # a version over the shared encoder opens in 5 ms: who sees the promotion first is then answered by it
MOST_WAITING = 24  # of the 40 threads in which a server answers: the others go on with what is open
TRY_AGAIN = timedelta(seconds=10)  # until then, what could not be opened is not tried again: a conversion takes seconds


@contextmanager
def opened_classifier(ref: str, settings: Settings) -> Iterator[Classifier]:
    """A version of labels for the time of a command.

    raises: NoSuchModel, NoSuchVersion, DamagedModel, WrongBackbone, GivesNoLabels
    """
    with opened_model(ref, settings) as trained:
        yield of_labels(trained)


class Opener:
    """Opens versions over the process's one encoder where they were trained on it, else each over its own."""

    def __init__(self, settings: Settings, encoder: Encoder) -> None:
        self._settings = settings
        self._encoder = encoder
        self._alone = threading.Lock()  # a conversion takes all cores; two at once would take twice as long

    def __call__(self, version: Version) -> Trained:
        """raises: WrongBackbone, GivesNoLabels, Misconfigured"""
        if (sharing := beside_trained(version, self._encoder)) is not None:
            return sharing
        with self._alone:
            return open_trained(version, open_checkpoint(self._settings), self._settings)


class StillOpening(Overloaded):
    """Many wait for this version already."""

    def __init__(self, ref: str) -> None:
        super().__init__(f"model {ref} is being opened", remedy="try again in a second")


class Closing(Overloaded):
    """The process ends."""

    def __init__(self) -> None:
        super().__init__("the models are closing", remedy="try again when the server has restarted")


@dataclass
class _Held:
    """leases: requests that use it now;  retired: closed as soon as there is none"""

    classifier: Trained
    leases: int = 0
    retired: bool = False


@dataclass
class _Opening:
    """waiting: who gets a lease the moment that it stands"""

    thread: threading.Thread
    waiting: int = 0
    done: threading.Event = field(default_factory=threading.Event)
    held: _Held | None = None
    error: Exception | None = None


@dataclass(frozen=True)
class _Chosen:
    """What a plain name means. stamp: of the pointer that said so"""

    stamp: Stamp | None
    ref: str


class Classifiers:
    """Trained versions, opened when they are first asked for.

    A plain name follows the registry: when another version is promoted, a thread opens that one, and until it stands
    the one before goes on answering; it also does when the new one cannot be opened. What is in use is never closed.

    open_version: opens one whose files were checked;  most: that are kept; of more, the longest unused is closed
    """

    def __init__(
        self, registry: Registry, open_version: Callable[[Version], Trained], *, most: int, clock: Clock
    ) -> None:
        self._registry = registry
        self._open_version = open_version
        self._most = most
        self._clock = clock
        self._chosen: dict[str, _Chosen] = {}
        self._lock = threading.Lock()  # of everything below; never held while something is opened or closed
        self._held: OrderedDict[str, _Held] = OrderedDict()  # ref → longest unused first
        self._opening: dict[str, _Opening] = {}
        self._failed: dict[str, tuple[datetime, Exception]] = {}
        self._closed = False

    @contextmanager
    def get(self, ref: str) -> Iterator[Classifier]:
        """A version of labels for the time of a request; `ref` of what it yields says which.

        ref: "name" for the active version, "name@3", "name@latest"

        raises: BadReference, NoSuchModel, NoSuchVersion; what opening raises, naming the version; StillOpening,
            Closing; GivesNoLabels
        """
        with self._leased(ref) as trained:
            yield of_labels(trained)

    @contextmanager
    def get_regressor(self, ref: str) -> Iterator[Regressor]:
        """The same for a version of numbers.

        raises: as `get`; GivesNoNumbers
        """
        with self._leased(ref) as trained:
            yield of_numbers(trained)

    @contextmanager
    def _leased(self, ref: str) -> Iterator[Trained]:
        name, which = parse_ref(ref)
        held = self._followed(name) if which == "active" else self._named(ref)
        try:
            yield held.classifier
        finally:
            self._give_back(held)

    def refs(self) -> list[str]:
        """What is open, longest unused first."""
        with self._lock:
            return list(self._held)

    def forget(self) -> None:
        """Let all that is open drop the texts that it remembers."""
        with self._lock:
            classifiers = [held.classifier for held in self._held.values()]
        for classifier in classifiers:
            classifier.forget()

    def close(self) -> None:
        """Close all. What is in use is closed by who uses it last, what is being opened as soon as it stands."""
        with self._lock:
            self._closed = True
            threads = [opening.thread for opening in self._opening.values()]
            free = self._retire(list(self._held))
        for thread in threads:
            thread.join()
        for classifier in free:
            classifier.close()

    def _named(self, ref: str) -> _Held:
        ref = self._registry.get(ref).ref  # at each request: what was deleted is no longer served
        return self._take(ref) or self._wait(self._begin(ref)[0])

    def _followed(self, name: str) -> _Held:
        stamp = self._registry.active_stamp(name)  # before the pointer is read: a change meanwhile is seen next time
        chosen = self._chosen.get(name)
        before = self._take(chosen.ref) if chosen else None
        if before is not None and chosen is not None and chosen.stamp == stamp:
            return before
        if before is None:
            ref = self._registry.get(name).ref
            held = self._take(ref) or self._wait(self._begin(ref)[0])
            self._chosen[name] = _Chosen(stamp, ref)
            return held
        try:
            ref = self._registry.get(name).ref
            after = self._take(ref) or self._soon(ref)
        except DamagedPointer as damage:
            _log.warning("the version before goes on: %s", damage, extra={"model": name})
            self._chosen[name] = _Chosen(stamp, before.classifier.ref)  # until the pointer is written again
            return before
        except BaseException:
            self._give_back(before)
            raise
        if after is None:
            return before
        self._chosen[name] = _Chosen(stamp, ref)
        self._give_back(before)
        return after

    # -- leases

    def _take(self, ref: str) -> _Held | None:
        with self._lock:
            if (held := self._held.get(ref)) is not None:
                held.leases += 1
                self._held.move_to_end(ref)
            return held

    def _give_back(self, held: _Held) -> None:
        with self._lock:
            held.leases -= 1
            free = held.retired and not held.leases
        if free:
            held.classifier.close()

    def _retire(self, refs: list[str]) -> list[Trained]:
        """Under the lock. returns: those that nobody uses, to be closed outside of it"""
        gone = [self._held.pop(ref) for ref in refs]
        for held in gone:
            held.retired = True
        return [held.classifier for held in gone if not held.leases]

    # -- opening

    def _begin(self, ref: str) -> tuple[_Opening, bool]:
        """The opening of a version with this request waiting for it, and whether it began just now.

        raises: StillOpening, Closing; the error of the last try when that was a moment ago
        """
        with self._lock:
            if self._closed:
                raise Closing
            if opening := self._opening.get(ref):
                if opening.waiting >= MOST_WAITING:
                    raise StillOpening(ref)
                opening.waiting += 1
                return opening, False
            if ref in self._failed and self._clock() < self._failed[ref][0] + TRY_AGAIN:
                raise self._failed[ref][1].with_traceback(None)  # else it would grow by a frame with each request
            thread = threading.Thread(target=self._open, args=(ref,), daemon=True, name=f"opening-{ref}")
            opening = _Opening(thread, waiting=1)
            if held := self._held.get(ref):  # it came to stand since somebody looked
                held.leases += 1
                opening.held = held
                opening.done.set()
                return opening, False
            self._opening[ref] = opening
            thread.start()
            return opening, True

    def _wait(self, opening: _Opening) -> _Held:
        opening.done.wait()
        if opening.held is None:
            raise (opening.error or Closing()).with_traceback(None)
        return opening.held

    def _soon(self, ref: str) -> _Held | None:
        """A version that is being opened, if it stands within a moment for who began it, at once for all others.

        returns: None also when it cannot be opened, which was logged by who tried
        """
        try:
            opening, began = self._begin(ref)
            if not opening.done.wait(PATIENCE_S if began else 0.0):
                with self._lock:
                    if not opening.done.is_set():
                        opening.waiting -= 1
                        return None
            return self._wait(opening)
        except Exception:  # noqa: BLE001  whatever it is, the version before goes on
            return None

    def _open(self, ref: str) -> None:
        classifier, error = None, None
        try:
            classifier = self._open_version(self._registry.open(ref))
        except Exception as failure:  # noqa: BLE001  it is raised again in the threads that wait
            _log.warning("a trained model cannot be opened: %s", failure, extra={"model": ref})
            error = failure
        with self._lock:
            opening = self._opening.pop(ref)
            free: list[Trained] = []
            if classifier is not None:
                self._failed.pop(ref, None)
                opening.held = self._held[ref] = _Held(classifier, opening.waiting)
                surplus = list(self._held)[: -self._most]
                free = self._retire(list(self._held) if self._closed else surplus)
            elif error is not None:
                self._failed[ref] = (self._clock(), error)
                opening.error = error
            opening.done.set()
        for unused in free:
            unused.close()
