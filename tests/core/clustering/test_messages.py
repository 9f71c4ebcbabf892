"""Grouping: every message gets a group, order does not matter, and nobody says how many there are."""

import random
import time

import numpy as np
import pytest

from core.clustering.messages import cluster
from core.errors import Invalid
from core.evaluation.clustering import measure_clustering
from tests.core.clustering.made_up import messages, vectors_of


def test_each_want_becomes_one_group_without_its_number_being_told():
    texts, wants = messages(each=30)
    found = cluster(texts, vectors_of(wants))
    assert len(found.clusters) == 4
    assert measure_clustering(wants, found.groups.tolist())["accuracy"].value == 1.0


def test_a_rare_want_is_not_swallowed_by_frequent_ones():
    texts, wants = messages(each=60)
    kept = [at for at, want in enumerate(wants) if want != "sofa"] + [at for at, w in enumerate(wants) if w == "sofa"][
        :6
    ]
    found = cluster([texts[at] for at in kept], vectors_of(wants)[kept])
    assert [each.size for each in found.clusters] == [60, 60, 60, 6]


def test_the_largest_comes_first_with_its_size_label_and_typical_messages():
    texts, wants = messages(each=20)
    texts, wants = texts[:20] + texts[25:], wants[:20] + wants[25:]
    vectors = vectors_of(wants)
    found = cluster(texts, vectors, examples=3)
    assert [each.size for each in found.clusters] == [20, 20, 20, 15]
    for place, each in enumerate(found.clusters):
        assert len(each.examples) == 3
        assert {int(found.groups[at]) for at in each.examples} == {place}
        own = vectors[found.groups == place]
        middle = own.mean(axis=0)
        assert vectors[each.examples[0]] @ middle == pytest.approx((own @ middle).max(), abs=1e-5)


def test_the_order_of_messages_changes_nothing():
    texts, wants = messages(each=25)
    vectors = vectors_of(wants, spread=1.5)
    order = list(range(len(texts)))
    random.Random(5).shuffle(order)
    one, other = cluster(texts, vectors), cluster([texts[at] for at in order], vectors[order])
    assert other.groups.tolist() == one.groups[order].tolist()
    assert [each.label for each in other.clusters] == [each.label for each in one.clusters]
    assert [[order[at] for at in each.examples] for each in other.clusters] == [list(e.examples) for e in one.clusters]


def test_one_message_is_a_group():
    found = cluster(["where is my parcel"], vectors_of(["parcel"]))
    assert (found.groups.tolist(), found.clusters[0].size, found.clusters[0].examples) == ([0], 1, (0,))


def test_no_messages_are_no_groups():
    found = cluster([], np.zeros((0, 64), np.float32))
    assert (found.groups.tolist(), found.clusters) == ([], ())


def test_the_same_message_again_and_again_is_one_group():
    found = cluster(["Cancel my order", "cancel  my order"] * 50, vectors_of(["x"]).repeat(100, axis=0))
    [only] = found.clusters
    assert (only.label, only.size, len(only.examples)) == ("cancel my order", 100, 1)


def test_messages_that_all_want_the_same_are_not_parted():
    texts, wants = messages(each=40)
    found = cluster(texts[:40], vectors_of(wants[:40], spread=0.5))
    assert [each.size for each in found.clusters] == [40]


def test_a_handful_of_messages_is_told_apart_too():
    texts, wants = messages(each=2)
    found = cluster(texts[:6], vectors_of(wants[:6], spread=0.3))
    assert [each.size for each in found.clusters] == [2, 2, 2]


@pytest.mark.parametrize("n", [2, 3, 7, 8, 9, 12])
def test_any_small_number_of_unlike_messages_gets_groups(n: int):
    wants = [f"want {at}" for at in range(n)]
    found = cluster([f"message about {want}" for want in wants], vectors_of(wants))
    assert len(found.groups) == n
    assert sum(each.size for each in found.clusters) == n
    assert set(found.groups.tolist()) == set(range(len(found.clusters)))


def test_vectors_that_are_zero_are_grouped_too():
    texts, wants = messages(each=10)
    vectors = vectors_of(wants)
    vectors[3] = 0
    assert sum(each.size for each in cluster(texts, vectors).clusters) == 40


def test_five_thousand_messages_take_seconds_and_keep_their_groups():
    texts, wants = messages(each=1_250)
    vectors = vectors_of(wants, dim=384)
    began = time.process_time()
    found = cluster(texts, vectors)
    assert time.process_time() - began < 30  # 1 to 3 s on one core
    assert measure_clustering(wants, found.groups.tolist())["accuracy"].value > 0.99


def test_one_vector_for_each_message_is_needed():
    with pytest.raises(Invalid, match="2 messages but 1 vectors"):
        cluster(["a", "b"], np.ones((1, 4), np.float32))
