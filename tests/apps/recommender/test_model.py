"""The recommender's models on a shop so small that the right answer is known: after item i comes item i + 1."""

import numpy as np
import pytest
import torch

from apps.recommender.pipeline.evaluating.running import evaluate
from apps.recommender.pipeline.model import loss
from apps.recommender.pipeline.model.cooccurrence import by_neighbours, ease, faded, item_knn, transitions
from apps.recommender.pipeline.model.files import load, save
from apps.recommender.pipeline.model.fitting import TooFewEvents, fit
from apps.recommender.pipeline.model.histories import Histories
from apps.recommender.pipeline.model.holding_out import hold_out, last_events, later, nature_of
from apps.recommender.pipeline.model.linear import next_item_weights
from apps.recommender.pipeline.model.recipe import Recipe
from apps.recommender.pipeline.model.recommender import best
from apps.recommender.pipeline.model.text_space import TextSpace
from apps.recommender.pipeline.model.training import encode, train
from apps.recommender.pipeline.model.windows import Windows

ITEMS = 12
SMALL = Recipe(width=16, longest=8, tokens=64, epochs=30, rate=1e-2, dropout=0.0)


def ring(users: int = 40, length: int = 6) -> Histories:
    """User k begins at item k and goes round."""
    user = np.repeat(np.arange(users), length)
    item = (user + np.tile(np.arange(length), users)) % ITEMS
    seconds = np.tile(np.arange(length), users) * 60.0
    return Histories.gather(user, item, seconds, user_count=users, item_count=ITEMS)


def next_of(histories: Histories) -> np.ndarray:
    return (histories.item[histories.starts[1:] - 1] + 1) % ITEMS


def test_hidden_is_the_last_event_and_no_history_changes():
    histories = ring()
    before = histories.item.copy()
    histories.matrix()
    rest, hidden = histories.without_last()
    assert (hidden == histories.item[histories.starts[1:] - 1]).all()
    assert (rest.lengths == histories.lengths - 1).all()
    assert (histories.item == before).all()  # scipy sorts what it is given in place


def test_users_are_taken_out_in_any_order():
    histories = ring()
    some = histories.of_users(np.array([7, 2], dtype=np.int32))
    assert some.item[some.of(0)].tolist() == histories.item[histories.of(7)].tolist()
    assert some.item[some.of(1)].tolist() == histories.item[histories.of(2)].tolist()


@pytest.mark.parametrize(
    "learn",
    [
        lambda h: next_item_weights(h, fade=0.5, penalty=1.0, drop=0.0),
        lambda h: transitions(h, reach=1, fade=1.0, shrink=0.0, neighbours=5),
    ],
)
def test_what_follows_is_found_in_closed_form(learn):
    histories = ring()
    scores = by_neighbours(histories, learn(histories), fade=0.01)
    assert (scores.argmax(1) == next_of(histories)).all()


def test_together_and_ease_know_neighbours_and_not_the_item_itself():
    for weights in (item_knn(ring(), shrink=0, neighbours=5), ease(ring(), penalty=1.0)):
        dense = weights.toarray()
        assert (dense.diagonal() == 0).all()
        assert dense[3].argmax() in (2, 4)


def test_rows_that_keep_different_neighbours_are_not_mixed_up():
    chance = np.random.default_rng(0)
    user, item = np.repeat(np.arange(300), 10), chance.integers(0, 20, 3000)
    histories = Histories.gather(user, item, np.tile(np.arange(10.0), 300), user_count=300, item_count=20)
    weights = next_item_weights(histories, fade=0.8, penalty=5.0, kept=8)  # 8 of 20: dense enough, and not whole
    plainly = faded(histories, 0.8, 200).toarray() @ weights.toarray()
    assert np.allclose(by_neighbours(histories, weights, fade=0.8), plainly, atol=1e-6)
    whole = ease(histories, penalty=1.0)
    plainly = faded(histories, 0.8, 200).toarray() @ whole.toarray()
    assert np.allclose(by_neighbours(histories, whole, fade=0.8), plainly, atol=1e-5)


@pytest.mark.parametrize("block", ["plain", "gated", "pointwise"])
def test_a_network_learns_what_comes_next(block):
    histories = ring()
    network = train(histories, None, Recipe(**{**SMALL.as_dict(), "block": block, "relative": True}), seed=1)
    vectors, bias = network.targets(network.item_vectors())
    scores = encode(network, histories) @ vectors.T + bias
    assert (scores.argmax(1).numpy() == next_of(histories)).mean() > 0.9


def test_what_comes_later_does_not_change_what_was_said():
    network = train(ring(), None, Recipe(**{**SMALL.as_dict(), "epochs": 1}), seed=1)
    vectors = network.item_vectors()
    short = network(vectors, torch.tensor([[1, 2, 3]]))
    long = network(vectors, torch.tensor([[1, 2, 3, 9]]))
    assert torch.allclose(short, long[:, :3], atol=1e-5)


def test_the_loss_in_pieces_is_the_loss_of_all(monkeypatch):
    torch.manual_seed(0)
    hidden, vectors, bias = torch.randn(7, 4), torch.randn(9, 4), torch.randn(9)
    target, weight = torch.randint(0, 9, (7,)), torch.rand(7)
    leaves = [part.requires_grad_() for part in (hidden, vectors, bias)]
    whole = torch.nn.functional.cross_entropy(hidden @ vectors.T + bias, target, label_smoothing=0.1, reduction="none")
    expected = (whole * weight).sum() / weight.sum()
    expected.backward()
    right = [leaf.grad.clone() for leaf in leaves]
    for leaf in leaves:
        leaf.grad = None
    monkeypatch.setattr(loss, "PIECE", 27)
    found = loss.softmax_loss(hidden, vectors, bias, target, weight, 0.1)
    found.backward()
    assert found.item() == pytest.approx(expected.item(), abs=1e-5)
    assert all(torch.allclose(leaf.grad, good, atol=1e-6) for leaf, good in zip(leaves, right, strict=True))


def test_windows_predict_each_event_once():
    batches = list(Windows(ring(users=5, length=23), 8, 40).epoch(3))
    assert sum(int(batch.mask.sum()) for batch in batches) == 5 * 22


def test_baskets_are_held_out_by_time_and_orders_by_their_end():
    user, item = np.repeat(np.arange(4), 12), np.tile(np.arange(12), 4)
    seconds = np.tile(np.repeat(np.arange(4), 3) * 1000.0, 4)
    baskets = Histories.gather(user, item, seconds, user_count=4, item_count=12)
    assert nature_of(baskets).baskets
    held = hold_out(baskets, 10, seed=1)
    assert held.kind == "later"
    assert held.wanted[0].tolist() == [9, 10, 11]
    assert hold_out(ring(), 10, seed=1).kind == "last event"


def test_ease_speaks_where_what_is_had_at_once_has_no_order():
    chance = np.random.default_rng(2)
    users, baskets = 40, 4
    user = np.repeat(np.arange(users), baskets * 3)
    item = np.concatenate([(k % 3) * 12 + chance.permutation(12) for k in range(users)])
    seconds = np.tile(np.repeat(np.arange(baskets) * 86_400.0, 3), users)
    histories = Histories.gather(user, item, seconds, user_count=users, item_count=36)
    assert "ease" in fit(histories, None, budget_s=0).recommender.blend.names
    assert "ease" not in fit(ring(), None, budget_s=0).recommender.blend.names


def test_of_equal_scores_the_lower_number_is_better():
    assert best(np.zeros((1, 4), dtype=np.float32), 3).tolist() == [[0, 1, 2]]
    assert best(np.array([[-1e30, 1.0]], dtype=np.float32), 3).tolist() == [[1, -1, -1]]


def test_a_recommender_is_the_same_after_its_files(tmp_path):
    histories = ring()
    vectors = np.random.default_rng(0).normal(size=(ITEMS, 8)).astype(np.float32)
    space = TextSpace.of(vectors)
    fitted = fit(histories, space.project(vectors), seed=1, budget_s=60, recipe=SMALL)
    names = [f"item {at}" for at in range(ITEMS)]
    save(tmp_path, fitted.recommender, names, space)
    stored = load(tmp_path)
    assert stored.items == names
    assert np.allclose(stored.recommender.score(histories), fitted.recommender.score(histories), atol=2e-2)
    top = stored.recommender.recommend(histories, 1)
    assert (top[:, 0] == next_of(histories)).mean() > 0.8


def test_one_event_each_is_too_little():
    with pytest.raises(TooFewEvents):
        fit(ring(length=1), None, budget_s=0)


def test_an_evaluation_puts_baselines_beside_the_model():
    found = evaluate(ring(users=60), None, split="leave-one-out", most=100, seed=1, budget_s=0)
    assert found.figures["blend"]["hit@10"].value >= found.figures["baseline: popular"]["hit@10"].value
    assert {"baseline: EASE", "baseline: ItemKNN", "baseline: popular in 30 days"} <= found.figures.keys()
    assert "<table" in found.to_html()


def test_a_temporal_split_wants_only_what_is_new():
    histories = ring()
    held = later(histories, 100, 1, since=240.0)
    assert all(
        not set(good.tolist()) & set(held.past.item[held.past.of(user)].tolist())
        for user, good in zip(held.users, held.wanted, strict=True)
    )
    assert len(last_events(histories, 5, 1).users) == 5
