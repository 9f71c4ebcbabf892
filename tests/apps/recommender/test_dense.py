"""Products, their mean and deviation, and candidates are those of all rows written out."""

import numpy as np
import pytest

from apps.recommender.pipeline.recommending import dense as module
from apps.recommender.pipeline.recommending.dense import Dense
from apps.recommender.pipeline.recommending.signals import scaled

N, DIM = 3_000, 24


def filled(*, biased: bool) -> tuple[Dense, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(3)
    middles = chance.standard_normal((40, DIM))
    rows = (middles[chance.integers(0, 40, N)] + 0.6 * chance.standard_normal((N, DIM))).astype(np.float32)
    bias = chance.standard_normal(N).astype(np.float32) if biased else np.zeros(N, dtype=np.float32)
    dense = Dense(DIM, 16, biased=biased)
    dense.make_room(N)
    dense.put(np.arange(N), rows, bias)
    dense.settle(np.ones(N, dtype=np.bool_))
    return dense, rows, bias


@pytest.mark.parametrize("biased", [True, False])
def test_products_and_their_level(biased: bool):
    dense, rows, bias = filled(biased=biased)
    query = np.random.default_rng(1).standard_normal(DIM).astype(np.float32)
    exact = rows @ query + bias
    for places in (np.array([5, 2_999, 17]), np.arange(N), np.arange(0, N, 2), np.empty(0, dtype=np.int64)):
        assert np.abs(dense.products(query, places) - exact[places]).max(initial=0) < 1e-3
    assert dense.level(query) == pytest.approx((exact.mean(), exact.std()), abs=1e-3)
    assert np.abs(dense.rows(np.arange(9)) - rows[:9]).max() < 1e-4


def test_candidates_hold_the_best_and_whatever_was_written_since(monkeypatch: pytest.MonkeyPatch):
    dense, rows, bias = filled(biased=True)
    query = rows[100]
    dense.encode(N)
    assert dense.propose(query, 50) is None, "few vectors are compared one by one"
    monkeypatch.setattr(module, "SHORTLISTED", 1_000)
    dense.encode(N)
    best = set(np.argsort(-(rows @ query + bias))[:10].tolist())
    first = dense.propose(query, 200)
    assert first is not None
    assert best <= set(first.tolist())
    worst = int(np.argmin(rows @ query + bias))
    dense.put(np.array([worst]), 3 * query[None], np.zeros(1, dtype=np.float32))
    dense.encode(N)
    second = dense.propose(query, 200)
    assert second is not None
    assert worst in second.tolist()
    dense.put(np.arange(100), rows[:100], bias[:100])
    dense.encode(N)
    third = dense.propose(query, 200)
    assert third is not None
    assert len(third) == 200, "codes were made anew, so nothing is compared beside them"
    assert worst in third.tolist()


def test_the_level_follows_once_a_hundredth_changed():
    dense, _, _ = filled(biased=False)
    query = np.ones(DIM, dtype=np.float32)
    before = dense.level(query)
    every = np.ones(N, dtype=np.bool_)
    dense.put(np.arange(10), np.full((10, DIM), 50, dtype=np.float32))
    dense.settle(every)
    assert dense.level(query) == before
    dense.put(np.arange(60), np.full((60, DIM), 50, dtype=np.float32))
    dense.settle(every)
    assert dense.level(query)[0] > before[0] + 1


def test_without_a_vector_nothing_is_said():
    dense = Dense(DIM, 16)
    query = np.ones(DIM, dtype=np.float32)
    assert dense.level(query) == (0, 0)
    assert dense.products(query, np.arange(3)).tolist() == [0, 0, 0]
    assert scaled(dense.products(query, np.arange(3)), *dense.level(query)).tolist() == [0, 0, 0]
    assert dense.propose(query, 5) is None
