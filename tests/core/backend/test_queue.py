"""The queue: everybody's texts in order, batched by tokens, bounded; one caller's fault is nobody else's."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from core.backend.checkpoint import open_checkpoint
from core.backend.encoder import Floats
from core.backend.queue import EncoderQueue, QueueFull
from core.settings import Settings


class LengthRuntime:
    """A runtime whose vector is a row's length, and which can be held still."""

    streams = 1

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_go = threading.Event()
        self.may_go.set()
        self.fails = False

    def session(self) -> "LengthRuntime":
        return self

    def encode(self, rows: Sequence[Sequence[int]]) -> Floats:
        self.may_go.wait(10)
        if self.fails:
            raise ValueError("the runtime broke")
        self.batches.append([len(row) for row in rows])
        return np.array([[len(row)] * 384 for row in rows], dtype=np.float32)


@pytest.fixture
def runtime() -> LengthRuntime:
    return LengthRuntime()


@pytest.fixture
def queue(runtime: LengthRuntime, tmp_path: Path) -> Iterator[EncoderQueue]:
    checkpoint = open_checkpoint(Settings(home=tmp_path))
    opened = EncoderQueue(checkpoint, runtime, batch_tokens=40, queue_tokens=200, cache_texts=3)
    yield opened
    runtime.may_go.set()
    opened.close()


def test_vectors_come_back_in_the_order_of_the_texts(queue: EncoderQueue):
    assert queue.encode(["a b c", "a", "a b"])[:, 0].tolist() == [5, 3, 4]  # two marks around every text


def test_no_text_gives_no_vector(queue: EncoderQueue):
    assert queue.encode([]).shape == (0, 384)


def test_a_text_that_comes_twice_is_computed_once(queue: EncoderQueue, runtime: LengthRuntime):
    assert queue.encode(["a", "a"])[:, 0].tolist() == [3, 3]
    queue.encode(["a"])
    assert runtime.batches == [[3]]


def test_the_longest_unused_text_is_forgotten_first(queue: EncoderQueue, runtime: LengthRuntime):
    queue.encode(["a"])
    queue.encode(["b", "c", "d"])
    queue.encode(["a"])
    assert [len(batch) for batch in runtime.batches] == [1, 3, 1]


def test_a_batch_holds_no_more_tokens_than_it_may(queue: EncoderQueue, runtime: LengthRuntime):
    queue.encode([f"{word} " * n for n, word in enumerate("abcdefghijkl", start=1)])
    assert all(max(batch) * len(batch) <= 40 for batch in runtime.batches)
    assert sum(map(len, runtime.batches)) == 12


def test_more_than_may_wait_is_refused_and_nothing_else_is_lost(queue: EncoderQueue, runtime: LengthRuntime):
    runtime.may_go.clear()
    answers: list[float] = []
    first = threading.Thread(target=lambda: answers.extend(queue.encode([f"x{n} y" for n in range(40)])[:, 0]))
    first.start()
    while queue.depth() == 0:
        pass
    with pytest.raises(QueueFull, match="Too many texts are waiting"):
        queue.encode([f"late {n} words here" for n in range(60)])
    runtime.may_go.set()
    first.join(10)
    assert len(answers) == 40


def test_a_fault_reaches_the_caller_and_the_queue_goes_on(queue: EncoderQueue, runtime: LengthRuntime):
    runtime.fails = True
    with pytest.raises(ValueError, match="the runtime broke"):
        queue.encode(["a"])
    runtime.fails = False
    assert queue.encode(["a"])[0, 0] == 3


def test_tokens_are_counted_after_cutting(queue: EncoderQueue):
    assert queue.count_tokens(["a b", "word " * 5_000]) == [4, 256]


def test_what_is_forgotten_is_computed_anew(queue: EncoderQueue, runtime: LengthRuntime):
    queue.encode(["kitten"])
    queue.encode(["kitten"])
    assert len(runtime.batches) == 1
    queue.forget()
    queue.encode(["kitten"])
    assert len(runtime.batches) == 2
