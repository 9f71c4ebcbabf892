"""One queue for everybody's texts: sorted by length, batched by tokens, bounded, remembered."""

import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from core.backend.checkpoint import Checkpoint
from core.backend.encoder import Floats
from core.backend.tokens import Tokens
from core.errors import Overloaded

SLICE = 2_048  # texts of one call that are in the queue at a time, so that small calls get in between
SMALLEST_SHARE = 128  # tokens; what is less is computed faster by one worker than divided among several


class QueueFull(Overloaded):
    """More tokens wait than may."""

    def __init__(self) -> None:
        super().__init__("too many texts are waiting to be encoded", remedy="try again in a second")


class Session(Protocol):
    """What one worker computes with."""

    def encode(self, rows: Sequence[Sequence[int]]) -> Floats: ...


class Runtime(Protocol):
    """Computes vectors. streams: how many sessions run well at once"""

    streams: int

    def session(self) -> Session: ...


@dataclass
class _Call:
    vectors: Floats
    left: int
    done: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None


@dataclass(frozen=True)
class _Text:
    ids: Sequence[int]
    call: _Call
    row: int
    turn: int


class EncoderQueue:
    """An Encoder over a runtime."""

    def __init__(
        self, checkpoint: Checkpoint, runtime: Runtime, *, batch_tokens: int, queue_tokens: int, cache_texts: int
    ) -> None:
        self.dim = checkpoint.dim
        self.fingerprint = checkpoint.fingerprint
        self._tokens = Tokens(checkpoint)
        self.common_words = self._tokens.common_words()
        self._batch_tokens = batch_tokens
        self._queue_tokens = queue_tokens
        self._cache: OrderedDict[str, Floats] = OrderedDict()
        self._cache_texts = cache_texts
        self._cache_lock = threading.Lock()
        self._waiting: list[_Text] = []
        self._waiting_tokens = 0
        self._calls = 0
        self._changed = threading.Condition()
        self._counted = threading.Lock()
        self._closed = False
        self._idle = runtime.streams
        self._workers = [
            threading.Thread(target=self._work, args=(runtime.session(),), daemon=True, name=f"encoder-{n}")
            for n in range(runtime.streams)
        ]
        for worker in self._workers:
            worker.start()

    def depth(self) -> int:
        """Tokens that wait."""
        return self._waiting_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens that each text costs, after cutting."""
        return [len(ids) for ids in self._tokens(texts)]

    def encode(self, texts: Sequence[str]) -> Floats:
        """texts: n;  returns: (n, d), unit rows. raises: QueueFull"""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        rows_of: dict[str, list[int]] = {}
        for row, text in enumerate(texts):
            rows_of.setdefault(text, []).append(row)
        missing = [text for text in rows_of if not self._recall(text, vectors, rows_of[text])]
        parts = [missing[at : at + SLICE] for at in range(0, len(missing), SLICE)]
        under_way: deque[tuple[list[str], _Call]] = deque()
        for part in parts:
            under_way.append((part, self._submit(part, bounded=len(parts) == 1)))
            if len(under_way) > 1:  # the next part is cut into tokens while this one is computed
                self._collect(*under_way.popleft(), vectors, rows_of)
        while under_way:
            self._collect(*under_way.popleft(), vectors, rows_of)
        return vectors

    def _collect(self, texts: list[str], call: _Call, vectors: Floats, rows_of: dict[str, list[int]]) -> None:
        call.done.wait()
        if call.error is not None:
            raise call.error
        for text, vector in zip(texts, call.vectors, strict=True):
            vectors[rows_of[text]] = vector
            self._remember(text, vector)

    def _submit(self, texts: Sequence[str], *, bounded: bool) -> _Call:
        ids = self._tokens(texts)
        call = _Call(np.zeros((len(texts), self.dim), dtype=np.float32), left=len(texts))
        cost = sum(map(len, ids))
        with self._changed:
            if self._closed:
                raise Overloaded("the encoder is closing", remedy="try again when it has restarted")
            if self._waiting_tokens and self._waiting_tokens + cost > self._queue_tokens:
                if bounded:
                    raise QueueFull
                self._changed.wait_for(lambda: self._waiting_tokens + cost <= self._queue_tokens or self._closed)
            self._calls += 1
            self._waiting += [_Text(row_ids, call, row, self._calls) for row, row_ids in enumerate(ids)]
            self._waiting.sort(key=lambda text: len(text.ids))
            self._waiting_tokens += cost
            self._changed.notify_all()
        return call

    def _work(self, session: Session) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                batch = self._take()
                self._idle -= 1
            self._run(session, batch)
            with self._changed:
                self._idle += 1

    def _take(self) -> list[_Text]:
        """The text that has waited longest and its neighbours in length: no more than fit into a batch, padding
        included, and no more than this worker's share, so that the others have work as well.
        """
        share = max(self._waiting_tokens // self._idle, SMALLEST_SHARE)
        budget = min(self._batch_tokens, share)
        first = min(range(len(self._waiting)), key=lambda at: self._waiting[at].turn)
        end = first + 1
        while end < len(self._waiting) and self._fits(first, end, budget):
            end += 1
        while first and self._fits(first - 1, end - 1, budget):
            first -= 1
        batch = self._waiting[first:end]
        del self._waiting[first:end]
        self._waiting_tokens -= sum(len(text.ids) for text in batch)
        self._changed.notify_all()
        return batch

    def _fits(self, first: int, last: int, budget: int) -> bool:
        shortest, longest = len(self._waiting[first].ids), len(self._waiting[last].ids)
        return (last - first + 1) * longest <= budget and longest <= 2 * shortest + 8

    def _run(self, session: Session, batch: list[_Text]) -> None:
        error: BaseException | None = None
        try:
            vectors = session.encode([text.ids for text in batch])
            for text, vector in zip(batch, vectors, strict=True):
                text.call.vectors[text.row] = vector
        except Exception as failure:  # noqa: BLE001  it is raised again in the thread that asked
            error = failure
        with self._counted:
            for text in batch:
                text.call.left -= 1
                text.call.error = text.call.error or error
                if text.call.left == 0 or error:
                    text.call.done.set()

    def _recall(self, text: str, vectors: Floats, rows: list[int]) -> bool:
        with self._cache_lock:
            vector = self._cache.get(text)
            if vector is None:
                return False
            self._cache.move_to_end(text)
        vectors[rows] = vector
        return True

    def _remember(self, text: str, vector: Floats) -> None:
        if not self._cache_texts:
            return
        with self._cache_lock:
            self._cache[text] = vector
            self._cache.move_to_end(text)
            while len(self._cache) > self._cache_texts:
                self._cache.popitem(last=False)

    def forget(self) -> None:
        """Drop all remembered texts with their vectors; they are computed anew when they come again."""
        with self._cache_lock:
            self._cache.clear()

    def close(self) -> None:
        """Finish what waits, then stop."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for worker in self._workers:
            worker.join()
