"""Ask a chat model within limits: seconds in all, characters, and a rest for it after failures. Keeps no texts."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from core.errors import TriviumError
from core.generation.failures import Failure
from core.generation.plain import is_page

AT_ONCE = 8  # questions that one process puts to the model at a time; more wait, within their own seconds


@dataclass(frozen=True)
class Limits:
    """seconds: from the question to the end of the answer;  characters: of an answer, beyond which nothing is read"""

    seconds: float = 20.0
    characters: int = 4_000


@dataclass(frozen=True)
class Heard:
    """What the model said. failure: None when it said all, and text may be used"""

    text: str = ""
    failure: Failure | None = None


class Breaker:
    """After `failures` in a row the model rests for `rest_s`; then one question is let through to see how it does."""

    def __init__(self, failures: int = 3, rest_s: float = 30.0, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._rest_s, self._now = failures, rest_s, now
        self._failed, self._until = 0, 0.0
        self._lock = threading.Lock()

    def lets_through(self) -> bool:
        """Whether the model may be asked now; whoever hears yes must `record` how it went."""
        with self._lock:
            if self._failed < self._most:
                return True
            if self._now() < self._until:
                return False
            self._until = self._now() + self._rest_s  # all others wait for what this one finds
            return True

    def record(self, *, well: bool) -> None:
        """How it went."""
        with self._lock:
            self._failed = 0 if well else self._failed + 1
            if self._failed >= self._most:
                self._until = self._now() + self._rest_s


class Caller:
    """A chat model that is asked with limits. Never raises for what the model does."""

    def __init__(self, model: BaseChatModel, limits: Limits = Limits(), breaker: Breaker | None = None) -> None:
        self.model, self.limits, self.breaker = model, limits, breaker or Breaker()
        self._free = threading.BoundedSemaphore(AT_ONCE)

    def ask(self, messages: Sequence[BaseMessage], limits: Limits | None = None) -> Heard:
        """Put one question. Returns within the limits' seconds, whatever the model does.

        limits: other ones for this question
        """
        limits = limits or self.limits
        end = time.monotonic() + limits.seconds
        if not self.breaker.lets_through():
            return Heard(failure=Failure.RESTING)
        if not self._free.acquire(timeout=limits.seconds):  # our own crowd, which says nothing of the model
            return Heard(failure=Failure.TIMEOUT)
        reading = _Reading(self.model, list(messages), limits.characters, self._free.release)
        heard = reading.wait(end - time.monotonic())
        if limits == self.limits or heard.failure not in (Failure.TIMEOUT, Failure.RAMBLING):  # else ours were narrower
            self.breaker.record(well=heard.failure is None)
        return heard


class _Reading:
    """One answer, read by a thread of its own that stops at the next token once nobody waits."""

    def __init__(self, model: BaseChatModel, messages: list[BaseMessage], most: int, done: Callable[[], None]) -> None:
        self._model, self._messages, self._most, self._done = model, messages, most, done
        self._given_up = threading.Event()
        self._heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="chat-model", daemon=True).start()

    def wait(self, seconds: float) -> Heard:
        try:
            return self._heard.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            return Heard(failure=Failure.TIMEOUT)
        finally:
            self._given_up.set()

    def _run(self) -> None:
        try:
            self._heard.put(self._read())
        except Exception as error:  # noqa: BLE001  a provider may fail in any way, and the answer must not
            self._heard.put(Heard(failure=failure_of(error)))
        finally:
            self._done()

    def _read(self) -> Heard:
        text = ""
        stream = self._model.stream(self._messages)
        for chunk in stream:
            if self._given_up.is_set():
                return Heard(failure=Failure.TIMEOUT)
            text += chunk.text
            if len(text) > self._most:
                return Heard(failure=Failure.RAMBLING)
        if is_page(text):
            return Heard(failure=Failure.GARBLED)
        return Heard(text) if text.strip() else Heard(failure=Failure.EMPTY)


def failure_of(error: Exception) -> Failure:
    """What an exception of a provider means."""
    import httpx
    import openai

    if isinstance(error, openai.APITimeoutError | httpx.TimeoutException | TimeoutError):
        return Failure.TIMEOUT
    if isinstance(error, openai.APIStatusError):
        return Failure.REFUSED
    if isinstance(error, TriviumError):
        return Failure.TIMEOUT if error.status == 504 else Failure.REFUSED
    if isinstance(error, openai.APIConnectionError | httpx.ConnectError | ConnectionError):
        return Failure.UNREACHABLE
    return Failure.GARBLED
