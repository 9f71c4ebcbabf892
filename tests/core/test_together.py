import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.together import Together


def test_who_comes_meanwhile_shares_the_next_run_and_each_gets_its_own():
    runs: list[list[int]] = []
    busy, go_on = threading.Event(), threading.Event()

    def double(asked: Sequence[int]) -> list[int]:
        runs.append(list(asked))
        busy.set()
        assert go_on.wait(10)
        return [2 * one for one in asked]

    together = Together(double)
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(together, 1)
        assert busy.wait(10)
        others = [pool.submit(together, n) for n in (2, 3, 4, 5)]
        while len(together._waiting) < 4:
            time.sleep(0.001)
        go_on.set()
        assert [first.result(10), *(one.result(10) for one in others)] == [2, 4, 6, 8, 10]
    assert runs[0] == [1]
    assert len(runs) == 2
    assert sorted(runs[1]) == [2, 3, 4, 5]


def test_a_fault_reaches_all_who_shared_the_run_and_nobody_after():
    faults = [ValueError("out of memory")]

    def run(asked: Sequence[int]) -> Sequence[int]:
        if faults:
            raise faults.pop()
        return asked

    together = Together(run)
    with pytest.raises(ValueError, match="out of memory"):
        together(1)
    assert together(2) == 2


def test_nobody_is_left_out_or_mixed_up_when_many_ask_at_every_moment():
    together = Together(lambda asked: [-one for one in asked])
    switched = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(16) as pool:
            assert list(pool.map(together, range(4_000))) == [-n for n in range(4_000)]
    finally:
        sys.setswitchinterval(switched)
