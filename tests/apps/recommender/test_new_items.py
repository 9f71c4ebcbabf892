"""Items without events: hidden on purpose, forgotten on purpose, and welcomed, where users keep to a topic."""

import numpy as np
import pytest
import torch

from apps.recommender.pipeline.evaluating.measuring import NEVER_SEEN, SEEN
from apps.recommender.pipeline.evaluating.running import evaluate
from apps.recommender.pipeline.model.files import load, save
from apps.recommender.pipeline.model.fitting import fit
from apps.recommender.pipeline.model.histories import Histories
from apps.recommender.pipeline.model.holding_out import new_items
from apps.recommender.pipeline.model.recipe import Recipe
from apps.recommender.pipeline.model.signals import ByNeighbours, ByPopularity, BySequence, ByText
from apps.recommender.pipeline.model.text_space import TextSpace
from apps.recommender.pipeline.model.training import train
from apps.recommender.pipeline.model.unseen import forgotten

TOPICS, EACH = 6, 20
N = TOPICS * EACH


def shop(users: int = 240, length: int = 8) -> Histories:
    """User k likes topic k modulo 6, and has some of its items in any order."""
    chance = np.random.default_rng(3)
    had = np.concatenate([(k % TOPICS) * EACH + chance.permutation(EACH)[:length] for k in range(users)])
    user = np.repeat(np.arange(users), length)
    seconds = np.tile(np.arange(length), users) * 3600.0
    return Histories.gather(user, had, seconds, user_count=users, item_count=N)


def texts() -> np.ndarray:
    """An item's text says its topic, and something of its own."""
    chance = np.random.default_rng(5)
    vectors = np.repeat(np.eye(TOPICS), EACH, axis=0) + 0.1 * chance.standard_normal((N, TOPICS))
    return TextSpace.of(vectors.astype(np.float32)).project(vectors.astype(np.float32))


def test_hidden_items_have_no_event_left_and_are_wanted():
    histories = shop()
    held = new_items(histories, 10_000, seed=1)
    counts = held.past.counts()
    assert (counts == 0).sum() == N // 10
    wanted = np.array([one[0] for one in held.wanted])
    assert 0 < (counts[wanted] == 0).mean() < 0.3
    assert (wanted == histories.item[histories.starts[1:] - 1][held.users]).all()


def test_new_items_are_found_by_their_text_and_no_others_suffer():
    found = evaluate(shop(), texts(), split="new-items", most=10_000, seed=2, budget_s=0)
    ours, untreated = found.figures["blend"], found.figures["blend, nothing added for new items"]
    assert found.figures["baseline: popular"][NEVER_SEEN].value == 0
    assert ours[NEVER_SEEN].value > 0.4  # ten of the about thirteen of the topic that are left
    assert ours[NEVER_SEEN].value > untreated[NEVER_SEEN].value
    assert ours[SEEN].value > untreated[SEEN].value - 0.1
    assert "baseline: popular, told what was hidden" in found.figures


def test_a_forgotten_item_is_one_that_was_never_there():
    histories, items = shop(), np.zeros(N, dtype=np.bool_)
    items[[4, 50]] = True
    recipe = Recipe(width=16, longest=8, tokens=512, epochs=1, dropout=0.0, forget=0.2)
    network = train(histories, texts(), recipe, seed=1)
    fitted = fit(histories, texts(), seed=1, budget_s=0).recommender
    some = forgotten({**fitted.signals, "sequence": BySequence([network])}, items)
    for name, signal in some.items():
        match signal:
            case BySequence():
                other = signal.networks[0]
                vectors, bias = other.targets(other.item_vectors())
                assert torch.equal(vectors[4], other.project(other.text)[4])
                assert bias[4] == 0
                assert torch.equal(vectors[5], network.item_vectors()[5])
            case ByNeighbours():
                assert abs(signal.neighbours[:, items]).sum() == 0
                assert abs(signal.neighbours[items]).sum() == 0
                assert abs(signal.neighbours).sum() > 0
            case ByPopularity():
                assert (signal.amounts[items] == 0).all()
                assert (signal.amounts > 0).sum() > N - 5
            case ByText():
                assert signal is fitted.signals[name]
    assert network.trust[4] == 1  # the trained one is left as it was


def test_a_version_keeps_what_is_new_and_what_is_added(tmp_path):
    held = new_items(shop(), 10_000, seed=1)
    recommender = fit(held.past, texts(), seed=1, budget_s=0).recommender
    save(tmp_path, recommender, [str(at) for at in range(N)], None)
    again = load(tmp_path).recommender
    assert again.blend.unseen == recommender.blend.unseen != 0
    assert (again.unseen == (held.past.counts() == 0)).all()
    asked = held.past.of_users(held.users[:5])
    assert again.score(asked) == pytest.approx(recommender.score(asked), abs=1e-2)  # texts are kept as float16
