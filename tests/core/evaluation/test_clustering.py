"""Figures of groups: one-to-one matching, and the same numbers as scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from core.errors import Invalid
from core.evaluation.clustering import measure_clustering


def test_names_of_groups_do_not_matter():
    figures = measure_clustering(["a", "a", "b", "b"], [9, 9, 4, 4])
    assert [figure.value for figure in figures.values()] == [1.0, 1.0, 1.0]


def test_two_groups_of_one_label_count_once():
    assert measure_clustering(["a"] * 6, [0, 0, 0, 0, 1, 1])["accuracy"].value == pytest.approx(4 / 6)


def test_one_group_of_two_labels_counts_for_the_larger():
    assert measure_clustering(["a", "a", "a", "b"], [0, 0, 0, 0])["accuracy"].value == 0.75


def test_the_matching_is_the_best_over_all_and_not_greedy():
    # 0 holds 5 a and 4 b, 1 holds 4 a: greedily a → 0 gives 5, crosswise 8
    labels, groups = ["a"] * 5 + ["b"] * 4 + ["a"] * 4, [0] * 9 + [1] * 4
    assert measure_clustering(labels, groups)["accuracy"].value == pytest.approx(8 / 13)


def test_the_other_two_are_those_of_scikit_learn():
    chance = np.random.default_rng(1)
    labels = [str(at) for at in chance.integers(0, 5, 200)]
    groups = [int(label) if chance.random() < 0.6 else int(chance.integers(0, 7)) for label in labels]
    figures = measure_clustering(labels, groups)
    assert figures["nmi"].value == pytest.approx(normalized_mutual_info_score(labels, groups))
    assert figures["ari"].value == pytest.approx(adjusted_rand_score(labels, groups))
    assert all(figure.low <= figure.value <= figure.high for figure in figures.values())


def test_there_must_be_rows():
    with pytest.raises(Invalid, match="0 labels but 0 groups"):
        measure_clustering([], [])
