"""Integrated gradients on a tiny Transformer: they add up, and agreement with them is measured rightly."""

from collections.abc import Iterator

import numpy as np
import pytest

from core.backend.checkpoint import read_checkpoint
from core.backend.explain import Reason, explain, word_spans
from core.backend.head import Head, HeadAbout
from core.backend.queue import EncoderQueue
from core.backend.registry import Registry
from core.clock import system_clock
from core.outcomes import Labelled
from core.settings import Settings
from core.training.gradients import Reference, agreement, open_reference, spearman
from tests.core.backend.classifiers import WORDS, publish_head, tiny_bert

CHANCE = np.random.default_rng(3)
TEXTS = [" ".join(CHANCE.permutation(WORDS)[:9]) for _ in range(12)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Reference, Head, EncoderQueue]]:
    """The same version as a network of torch, as a head, and the encoder under it."""
    from core.backend.torch_runtime import TorchRuntime

    home = tmp_path_factory.mktemp("home")
    base = read_checkpoint("tiny", tiny_bert(home / "tiny"), home)
    queue = EncoderQueue(
        base, TorchRuntime(base, Settings(home=home)), batch_tokens=4_096, queue_tokens=10**6, cache_texts=0
    )
    vectors = queue.encode(["profit rise gain", "loss fall", "fiat ford market"])
    vectors -= vectors.mean(axis=0)  # random weights put all texts near each other
    head = Head(HeadAbout(("up", "down", "none"), 20.0, 1.0, -1.0), vectors / np.linalg.norm(vectors, axis=1)[:, None])
    version = publish_head(Registry(home, system_clock), made=head, fingerprint=base.fingerprint)
    yield open_reference(version, base, home), head, queue
    queue.close()


class Reader:
    def __init__(self, head: Head, queue: EncoderQueue) -> None:
        self.head, self.queue = head, queue

    def encode(self, rows):
        return self.queue.encode([row.text for row in rows])

    def count_tokens(self, rows):
        return self.queue.count_tokens([row.text for row in rows])


@pytest.mark.parametrize("baseline", ["[PAD]", "[MASK]"])
def test_the_parts_add_up_to_what_the_label_gains_over_the_baseline(house, baseline):
    reference, _, _ = house
    for text in TEXTS[:4]:
        ids, _ = reference.tokens.placed(text)
        parts, rise = reference.attributions(ids, steps=256, baseline=baseline)
        assert parts.sum() == pytest.approx(rise, abs=0.05 * np.abs(parts).sum())
        assert (parts[0], parts[-1]) == (0, 0)  # the marks around the text


def test_the_network_gives_the_logits_that_are_served(house):
    reference, head, queue = house
    row = TEXTS[0]
    ids, _ = reference.tokens.placed(row)
    import torch

    given = torch.tensor([ids])
    with torch.no_grad():
        logits = reference.network.logits(reference.network.encode(given, torch.ones_like(given)))
    np.testing.assert_allclose(logits.numpy(), head.logits(queue.encode([row])), atol=0.1)  # bf16 on some processors


def test_both_ways_weigh_the_same_words_and_agree_more_than_chance(house):
    reference, head, queue = house
    rows = [Labelled(text) for text in TEXTS]
    served, integrated = explain(Reader(head, queue), rows), reference.explain(rows)
    assert [[r.text for r in one] for one in served] == [[r.text for r in one] for one in integrated]
    found = agreement(served, integrated)
    assert found is not None
    assert found.order.n == len(TEXTS)
    assert found.order.value > 0.8
    assert found.top.value > 0.6 > found.by_chance


def test_words_are_found_behind_the_entity_s_marks(house):
    reference, _, _ = house
    row = Labelled("fiat falls, Ford rises now", entity="ford")
    [reasons] = reference.explain([row])
    assert [(r.start, r.end) for r in reasons] == word_spans(row, 99)
    assert all(reason.weight for reason in reasons)


def reasons(*weights: float) -> tuple[Reason, ...]:
    return tuple(Reason(at, at + 1, "x", weight) for at, weight in enumerate(weights))


def test_agreement_is_one_with_itself_and_minus_one_with_its_opposite():
    some = [reasons(0.5, 0.3, -0.1, 0.1), reasons(0.2, 0.7, 0.1)]
    same = agreement(some, some)
    assert same is not None
    assert (same.order.value, same.top.value) == (1.0, 1.0)
    against = agreement(some, [reasons(*(-r.weight for r in one)) for one in some])
    assert against is not None
    assert against.order.value == pytest.approx(-1)


def test_texts_that_cannot_be_compared_are_left_out():
    assert agreement([reasons(0.5, 0.5), reasons(0, 0, 0)], [reasons(0.4, 0.6), reasons(1, 0, 0)]) is None


def test_equal_weights_share_their_rank():
    assert spearman(np.array([1.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0])) == pytest.approx(0.866, abs=1e-3)
