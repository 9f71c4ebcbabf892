"""The fast way to many users' lists gives what the plain one gives: every signal, odd sizes, extremes, ties."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from scipy import sparse

from apps.recommender.pipeline.model.blend import Blend
from apps.recommender.pipeline.model.blocks import Shape
from apps.recommender.pipeline.model.histories import Floats, Histories
from apps.recommender.pipeline.model.network import Network
from apps.recommender.pipeline.model.ranking import Ranking
from apps.recommender.pipeline.model.recommender import Recommender, best
from apps.recommender.pipeline.model.signals import ByNeighbours, ByPopularity, BySequence, ByText, Signal


def network(items: int, seed: int) -> Network:
    torch.manual_seed(seed)
    shape = Shape(items=items, text=8, width=16, longest=12, relative=True, gaps=True)
    made = Network(shape, torch.randn(items, 8), torch.rand(items)).eval()
    with torch.no_grad():
        for weights in made.parameters():
            weights.add_(torch.randn_like(weights) * 0.3)
    return made


def neighbours(items: int, seed: int) -> sparse.csr_matrix:
    found = sparse.random(items, items, density=0.05, format="csr", dtype=np.float32, random_state=seed)
    found.data -= np.float32(0.2)  # the linear model's weights are negative too
    return found


def recommender(items: int) -> Recommender:
    chance = np.random.default_rng(items)
    text = chance.normal(size=(items, 8)).astype(np.float32)
    text /= np.linalg.norm(text, axis=1, keepdims=True)
    text[::5] = 0  # no text
    amounts = np.floor(chance.pareto(0.4, items)).astype(np.float32)  # some beyond twelve standard deviations
    signals: dict[str, Signal] = {
        "linear": ByNeighbours(neighbours(items, 1), 0.8, np.maximum(amounts, 1) ** np.float32(0.2)),
        "after": ByNeighbours(neighbours(items, 2), 0.5),
        "popular": ByPopularity(amounts),
        "text": ByText(text, 0.8),
        "sequence": BySequence([network(items, 1), network(items, 2)]),
        "unused": ByPopularity(amounts),
    }
    weights = np.array([0.6, 0.4, -0.1, 0.3, 0.9, 0.0])
    slopes = np.array([0.1, -0.3, 0.1, 0.0, -0.2, 0.0])
    blend = Blend(tuple(signals), weights, slopes, 1.5, unseen=0.7)
    return Recommender(signals, blend, items, unseen=np.arange(items) % 3 == 2)


def histories(users: int, items: int) -> Histories:
    chance = np.random.default_rng(users)
    lengths = chance.integers(0, 30, users)
    lengths[::7] = 0
    user = np.repeat(np.arange(users, dtype=np.int32), lengths)
    item = chance.integers(0, items, len(user)).astype(np.int32)
    return Histories.gather(user, item, np.arange(len(user)) * 60.0, user_count=users, item_count=items)


def gathered(found: Recommender, asked: Histories, k: int, *, exclude_seen: bool, threads: int = 1) -> np.ndarray:
    parts = list(Ranking(found).recommend(asked, k, exclude_seen=exclude_seen, threads=threads))
    assert [start for start, _ in parts] == np.cumsum([0, *(len(lists) for _, lists in parts[:-1])]).tolist()
    return np.concatenate([lists for _, lists in parts])


@pytest.mark.parametrize("items", [1, 2, 63, 64, 129, 5_000])
@pytest.mark.parametrize("exclude_seen", [True, False])
def test_the_lists_are_those_of_the_plain_way(items, exclude_seen):
    plain, asked, k = recommender(items), histories(150, items), 7
    expected = plain.recommend(asked, k, exclude_seen=exclude_seen)
    found = gathered(plain, asked, k, exclude_seen=exclude_seen)
    scores = plain.score(asked)
    assert ((found < 0) == (expected < 0)).all()
    assert all(len(set(row[row >= 0].tolist())) == (row >= 0).sum() for row in found)
    rows = np.arange(len(asked))[:, None]
    # In another order of additions, scores that differ by less than their last digits may change places.
    assert np.allclose(scores[rows, found], scores[rows, expected], atol=2e-4)
    assert (found == expected).mean() > 0.99


def test_threads_and_pieces_change_nothing(monkeypatch):
    from apps.recommender.pipeline.model import ranking

    plain, asked = recommender(300), histories(90, 300)
    whole = gathered(plain, asked, 20, exclude_seen=True)
    monkeypatch.setattr(ranking, "TOGETHER", 25)
    monkeypatch.setattr(ranking, "HELD", 9 * 320)
    monkeypatch.setattr(ranking, "PIECE", 70)
    before = torch.get_num_threads()
    assert (gathered(plain, asked, 20, exclude_seen=True, threads=3) == whole).mean() > 0.99
    assert torch.get_num_threads() == before


def test_equal_items_come_by_their_number_across_blocks():
    same = np.zeros(1_000, dtype=np.float32)
    same[700] = 1
    plain = Recommender({"popular": ByPopularity(same)}, Blend(("popular",), np.ones(1), np.zeros(1), 0.0), 1_000)
    found = gathered(plain, nobody(3), 3, exclude_seen=True)
    assert found.tolist() == [[700, 0, 1]] * 3
    assert best(np.zeros((1, 200), dtype=np.float32), 3).tolist() == [[0, 1, 2]]


def nobody(users: int) -> Histories:
    """Users who did nothing."""
    none = np.empty(0, dtype=np.int32)
    return Histories.gather(none, none, none.astype(np.float64), user_count=users, item_count=1_000)


def test_a_signal_of_another_kind_is_asked_as_it_is():
    @dataclass(frozen=True)
    class ByNumber:
        def score(self, asked: Histories) -> Floats:
            return np.tile(np.arange(500, dtype=np.float32), (len(asked), 1))

    plain = Recommender({"number": ByNumber()}, Blend(("number",), np.ones(1), np.zeros(1), 0.0), 500)
    assert gathered(plain, histories(4, 500), 2, exclude_seen=False).tolist() == [[499, 498]] * 4
